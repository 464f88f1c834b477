package tokens

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"paycorcred/paycor"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// TokenPath is the token endpoint's path on the API host.
const TokenPath = "/sts/v1/common/token"

// Client sends requests to the token endpoint. It has no state and is safe for
// concurrent use.
type Client struct{ sender *upstream.Client }

// NewClient returns a client that sends through sender.
func NewClient(sender *upstream.Client) *Client { return &Client{sender} }

// Exchange requests a token with the client_credentials grant. It returns an
// *upstream.Failure, or ctx's error if ctx was canceled.
//
// If the application has a scope, Exchange sends it with the legal entity in
// front first, as Paycor's partner page documents it, and by itself if that is
// rejected. If a rejection with a scope gives no reason, one more request
// without a scope finds out: if it succeeds, the scope is the problem.
func (c *Client) Exchange(ctx context.Context, application Application) (Token, error) {
	var err error
	for _, scope := range application.scopes() {
		var token Token
		token, err = c.clientCredentials(ctx, application, scope)
		if !isScopeError(err) && !unexplained(err) {
			return token, err
		}
	}
	if application.Scope == "" || !unexplained(err) {
		return Token{}, err
	}
	if _, bare := c.clientCredentials(ctx, application, ""); bare == nil || isCode(bare, verdicts.CodeScopeNeeded) {
		failure, _ := upstream.AsFailure(err)
		failure.Code = verdicts.CodeScopeUnknown
	}
	return Token{}, err
}

func (c *Client) clientCredentials(ctx context.Context, application Application, scope string) (Token, error) {
	form := url.Values{"grant_type": {string(paycor.GrantClientCredentials)}}
	if scope != "" {
		form.Set("scope", scope)
	}
	return c.request(ctx, application, form)
}

// request sends one form and retries once in two cases.
//
// The subscription key goes into a header. If the gateway says that the key is
// missing, an intermediary dropped the header, and the retry carries the key in
// the query; package upstream logs no query. If nothing left this machine, the
// same request is sent again.
//
// Neither case repeats a request that was processed: the gateway rejects a
// request without a key before its backend sees it. For a single-use value the
// response about the key must be the gateway's own, not merely look like it.
func (c *Client) request(ctx context.Context, application Application, form url.Values) (Token, error) {
	form.Set("client_id", application.ClientID)
	form.Set("client_secret", application.ClientSecret.Reveal())
	token, err := c.send(ctx, application, form, false)
	failure, failed := upstream.AsFailure(err)
	switch {
	case !failed || ctx.Err() != nil:
		return token, err
	case failure.Code == verdicts.CodeKeyMissing && !application.SubscriptionKey.IsZero() &&
		(!singleUse(form) || failure.Layer == upstream.LayerGateway):
		return c.send(ctx, application, form, true)
	case failure.Unsent && (failure.Code == verdicts.CodeDNS || failure.Code == verdicts.CodeRefused || failure.Code == verdicts.CodeReset):
		return c.send(ctx, application, form, false)
	}
	return token, err
}

// send makes one attempt and reads its response.
func (c *Client) send(ctx context.Context, application Application, form url.Values, keyInQuery bool) (Token, error) {
	request, err := newRequest(application, form, keyInQuery)
	if err != nil {
		return Token{}, err
	}
	redactor := redact.New(append(secretsOf(form), application.SubscriptionKey)...)
	send := c.sender.Send
	if singleUse(form) {
		request.GetBody, send = nil, c.sender.SendOnce // without GetBody the transport cannot repeat it
	}
	sentAt := c.sender.Now()
	answer, err := send(ctx, request, redactor)
	if err != nil {
		return Token{}, err
	}
	answer = upstream.UnwrapError(answer, "accesstoken")
	if answer.Status/100 != 2 {
		failure, wording := upstream.Read(answer, redactor, c.sender.Now())
		if failure.Code == "" {
			failure.Code = errorCodeOf(answer.Status, wording, form)
		}
		return Token{}, failure
	}
	token, failure := parseToken(answer, sentAt)
	if failure != nil {
		return Token{}, failure
	}
	return token, nil
}

func newRequest(application Application, form url.Values, keyInQuery bool) (*http.Request, error) {
	address, err := upstream.Address(application.Environment, TokenPath)
	if err != nil {
		return nil, err
	}
	body := []byte(form.Encode())
	request := &http.Request{
		Method: http.MethodPost, URL: address,
		Header:        http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		ContentLength: int64(len(body)),
		Body:          io.NopCloser(bytes.NewReader(body)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
	if keyInQuery {
		address.RawQuery = url.Values{"subscription-key": {application.SubscriptionKey.Reveal()}}.Encode()
	} else {
		upstream.SetKey(request, application.SubscriptionKey)
	}
	return request, nil
}
