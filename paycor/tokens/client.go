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
	"strconv"
)

// TokenPath is the token endpoint's path on the API host.
const TokenPath = "/sts/v1/common/token"

// Application is whom a token is asked for, and where.
type Application struct {
	Environment     paycor.Environment
	ClientID        string
	ClientSecret    paycor.Secret
	SubscriptionKey paycor.Secret
	LegalEntityID   int32  // 0 where it is not known yet
	Scope           string // empty asks for whatever the application has
}

// ApplicationFromDraft returns the application that a draft describes.
func ApplicationFromDraft(environment paycor.Environment, draft paycor.Draft) Application {
	draft = draft.Clean()
	id, _ := draft.LegalEntityID.LegalEntityID() // 0 where it is left to Paycor
	return Application{
		Environment: environment, ClientID: draft.ClientID, ClientSecret: draft.ClientSecret,
		SubscriptionKey: draft.SubscriptionKey, LegalEntityID: id, Scope: draft.Scope,
	}
}

// Client exchanges credentials for tokens. It keeps nothing and is safe for
// concurrent use.
type Client struct{ sender *upstream.Client }

// NewClient returns a client that sends through sender.
func NewClient(sender *upstream.Client) *Client { return &Client{sender} }

// Exchange asks for a token with the client_credentials grant. Its errors are
// *upstream.Failure, or the cancellation of ctx.
//
// A scope is sent in the form of Paycor's partner page first, with the legal
// entity in front, and by itself when that is refused. Where a scope was sent
// and the refusal does not say what it is about, one more request without any
// scope finds out: if that one gives a token, the scope was at fault.
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

// scopes are the forms of the scope in the order in which they are tried.
func (a Application) scopes() []string {
	if a.Scope == "" || a.LegalEntityID == 0 {
		return []string{a.Scope}
	}
	return []string{"c" + strconv.Itoa(int(a.LegalEntityID)) + " " + a.Scope, a.Scope}
}

func (c *Client) clientCredentials(ctx context.Context, application Application, scope string) (Token, error) {
	form := url.Values{"grant_type": {string(paycor.GrantClientCredentials)}}
	if scope != "" {
		form.Set("scope", scope)
	}
	return c.request(ctx, application, form)
}

// request sends one form. The key goes into the header. Only where the gateway
// says that it is missing although it was sent, which happens when something
// on the way drops the header, it goes into the query, once; apim logs no
// query. A request of which nothing left this machine is sent once more.
//
// Neither repeats a request that was processed: the gateway turns away a
// request without a key before anybody behind it sees it, and what was not
// sent was not seen. What can be taken only once is held to that letter: the
// word about the key has to be the gateway's own.
func (c *Client) request(ctx context.Context, application Application, form url.Values) (Token, error) {
	form.Set("client_id", application.ClientID)
	form.Set("client_secret", application.ClientSecret.Reveal())
	token, err := c.once(ctx, application, form, false)
	failure, failed := upstream.AsFailure(err)
	switch {
	case !failed || ctx.Err() != nil:
		return token, err
	case failure.Code == verdicts.CodeKeyMissing && !application.SubscriptionKey.IsZero() &&
		(!singleUse(form) || failure.Layer == upstream.LayerGateway):
		return c.once(ctx, application, form, true)
	case failure.Unsent && (failure.Code == verdicts.CodeDNS || failure.Code == verdicts.CodeRefused || failure.Code == verdicts.CodeReset):
		return c.once(ctx, application, form, false)
	}
	return token, err
}

func (c *Client) once(ctx context.Context, application Application, form url.Values, keyInQuery bool) (Token, error) {
	address, err := upstream.Address(application.Environment, TokenPath)
	if err != nil {
		return Token{}, err
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
	redactor := redact.New(append(secretsOf(form), application.SubscriptionKey)...)
	send := c.sender.Send
	if singleUse(form) {
		request.GetBody, send = nil, c.sender.SendOnce // or the transport could repeat it by itself
	}
	asked := c.sender.Now()
	answer, err := send(ctx, request, redactor)
	if err != nil {
		return Token{}, err
	}
	answer = upstream.RefusedInside(answer, "accesstoken")
	if answer.Status/100 != 2 {
		failure, wording := upstream.Read(answer, redactor, c.sender.Now())
		if failure.Code == "" {
			failure.Code = errorCodeOf(answer.Status, wording, form)
		}
		return Token{}, failure
	}
	token, failure := parseToken(answer, asked)
	if failure != nil {
		return Token{}, failure
	}
	return token, nil
}
