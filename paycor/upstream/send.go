package upstream

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/trace"
	"paycorcred/paycor/verdicts"
	"sync/atomic"
)

// longestRefusal bounds what is read of an answer that is no success, in
// bytes. It is far more than a sentence, and little enough to be taken apart.
const longestRefusal = 64 << 10

// Answer is what came back, whoever it came from.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // the body is longer than is read
}

// Send sends one request and reads its answer, whatever the status. It adds
// User-Agent, Accept and the context's trace, follows no redirect, and keeps no cookie. A transport
// error is a *Failure; the cancellation of ctx is returned as it is, because
// it says nothing about Paycor. A request with a body needs GetBody only if it
// is to be sent again.
func (c *Client) Send(ctx context.Context, request *http.Request, redactor redact.Redactor) (Answer, error) {
	return c.sendBy(ctx, c.config.Transport, request, redactor)
}

// SendOnce is Send over a connection of its own. On a connection that is used
// again, a transport may repeat a request by itself, and a connection that the
// other side has just closed makes it uncertain whether anybody saw the
// request: neither can be had where a request must not be repeated.
func (c *Client) SendOnce(ctx context.Context, request *http.Request, redactor redact.Redactor) (Answer, error) {
	return c.sendBy(ctx, c.single, request, redactor)
}

func (c *Client) sendBy(ctx context.Context, transport http.RoundTripper, request *http.Request, redactor redact.Redactor) (Answer, error) {
	begun := c.Now()
	answer, err := c.send(ctx, transport, request, redactor)
	attributes := []slog.Attr{
		slog.String("method", request.Method), slog.String("host", request.URL.Host), slog.String("path", request.URL.Path),
		slog.Int("status", answer.Status), slog.Duration("took", c.Now().Sub(begun)),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", err.Error()))
	}
	c.config.Logger.LogAttrs(ctx, slog.LevelDebug, "asked Paycor", attributes...)
	return answer, err
}

func (c *Client) send(ctx context.Context, transport http.RoundTripper, request *http.Request, redactor redact.Redactor) (Answer, error) {
	var sent atomic.Bool // from here on Paycor may have seen something of the request
	limited, cancel := context.WithTimeout(ctx, c.config.CallTimeout)
	defer cancel()
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	request = request.WithContext(traced)
	request.Header.Set("User-Agent", c.config.UserAgent)
	request.Header.Set("Accept", "application/json")
	if span, ok := trace.From(ctx); ok {
		request.Header.Set("Traceparent", span.String())
	}

	// The transport alone, without http.Client around it: a client follows
	// redirects, and its errors hold the whole URL.
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Answer{}, c.broken(ctx, limited, err, redactor, sent.Load(), false)
	}
	defer func() { _ = response.Body.Close() }()
	most := c.config.MaxBody
	if response.StatusCode/100 != 2 {
		most = min(most, longestRefusal)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if err != nil {
		return Answer{}, c.broken(ctx, limited, err, redactor, true, true)
	}
	if int64(len(body)) > most {
		answer.Body, answer.Cut = body[:most], true
	}
	return answer, nil
}

// broken turns a transport's error into a Failure, or into the cancellation
// that caused it.
func (c *Client) broken(ctx, limited context.Context, err error, redactor redact.Redactor, sent, begun bool) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	failure := &Failure{Code: transportCode(err), Cause: redactor.Redact(err.Error()), Unsent: !sent}
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		failure.Code = verdicts.CodeNotJSON
	case limited.Err() != nil:
		failure.Code = verdicts.CodeTimeout
	case begun && failure.Code == verdicts.CodeReset:
		failure.Code = verdicts.CodeTruncated
	case !sent && failure.Code == verdicts.CodeUnexpected:
		failure.Code = verdicts.CodeRefused // such as a proxy that does not let us through
	}
	return failure
}
