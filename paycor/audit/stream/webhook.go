package stream

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/egress"
)

// maxAnswer is how much of an answer is read, in bytes, so that the connection can be used
// again.
const maxAnswer = 4 << 10

// Webhook sends lines as JSON, one object per line as in an export, in the body of a POST.
type Webhook struct {
	address       string
	authorization paycor.Secret
	client        *http.Client
	version       string
}

// NewWebhook returns a receiver at an https URL, or at an http URL of this machine.
// authorization is the value of the header Authorization; empty sends none. certificate
// signs in with TLS; nil uses none. version is that of this program.
func NewWebhook(address string, authorization paycor.Secret, certificate *tls.Certificate, rule *egress.Rule, version string) *Webhook {
	transport := rule.Transport()
	if certificate != nil {
		transport.TLSClientConfig.Certificates = []tls.Certificate{*certificate}
	}
	client := &http.Client{Transport: transport, CheckRedirect: egress.NoRedirects}
	return &Webhook{address, authorization, client, version}
}

// Send implements Receiver.
func (w *Webhook) Send(ctx context.Context, lines []audit.Line) error {
	var body bytes.Buffer
	for _, line := range lines {
		if err := writeLine(&body, line); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("User-Agent", "paycorcred/"+w.version)
	// The same for the same entries, so that the receiver can leave out what it has.
	request.Header.Set("Idempotency-Key", strconv.FormatInt(lines[0].Sequence, 10)+"-"+strconv.FormatInt(lines[len(lines)-1].Sequence, 10))
	if !w.authorization.IsZero() {
		request.Header.Set("Authorization", w.authorization.Reveal())
	}
	response, err := w.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // what it says does not matter
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the receiver answered %s", response.Status)
	}
	return nil
}

// Close implements Receiver.
func (w *Webhook) Close() { w.client.CloseIdleConnections() }
