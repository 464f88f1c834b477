package upstream

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/verdicts"
)

// Config configures a Client. The zero value is usable.
type Config struct {
	Transport    http.RoundTripper // nil means NewTransport(nil)
	Clock        func() time.Time  // nil means time.Now
	Logger       *slog.Logger      // nil discards; receives one debug line per request, without the query
	CallTimeout  time.Duration     // one request and its response; 0 means 35 s, because Paycor can take 30
	TotalTimeout time.Duration     // one verification; 0 means 100 s
	RetryPause   time.Duration     // before a GET is retried; 0 means 300 ms, negative none
	TokenPause   time.Duration     // before a token that Paycor rejects is tried again; 0 means 1 s, negative none
	MaxBody      int64             // bytes read of a successful body; 0 means 1 MiB, about 20,000 legal entities
	UserAgent    string            // empty means "paycorcred"

	// CountCall is asked before each GET of the API. A result above 0 means that the call
	// must not be made for that long, because the limit of its key is used up; nil means no
	// limit. Requests for tokens, of which an application needs one an hour, are not counted.
	CountCall func(key paycor.Secret) (wait time.Duration)
}

// Client sends requests to Paycor. It is safe for concurrent use.
type Client struct {
	config Config
	single http.RoundTripper // config.Transport with a connection per request
}

// New returns a client.
func New(config Config) *Client {
	if config.Transport == nil {
		config.Transport = NewTransport(nil)
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.CallTimeout == 0 {
		config.CallTimeout = 35 * time.Second
	}
	if config.TotalTimeout == 0 {
		config.TotalTimeout = 100 * time.Second
	}
	if config.RetryPause == 0 {
		config.RetryPause = 300 * time.Millisecond
	}
	if config.TokenPause == 0 {
		config.TokenPause = time.Second
	}
	if config.MaxBody == 0 {
		config.MaxBody = 1 << 20
	}
	if config.CountCall == nil {
		config.CountCall = func(paycor.Secret) time.Duration { return 0 }
	}
	if config.UserAgent == "" {
		config.UserAgent = "paycorcred"
	}
	return &Client{config, withoutKeepAlive(config.Transport)}
}

func withoutKeepAlive(transport http.RoundTripper) http.RoundTripper {
	pooled, ok := transport.(*http.Transport)
	if !ok {
		return transport // custom transports handle their own retries
	}
	alone := pooled.Clone()
	alone.DisableKeepAlives = true
	return alone
}

// NewTransport returns a transport that follows the rule and bounds every phase of a
// request.
func NewTransport(rule *egress.Rule) *http.Transport {
	transport := rule.Transport()
	transport.ResponseHeaderTimeout = 35 * time.Second
	transport.MaxIdleConns = 64
	transport.MaxIdleConnsPerHost = 16
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.OnProxyConnectResponse = proxyConnectError
	return transport
}

// Now returns the client's time.
func (c *Client) Now() time.Time { return c.config.Clock() }

// Address returns the URL of a path, which starts with a slash, below the
// environment's API URL. It fails with CodeEnvironmentUnusable if no secret may be
// sent there: only https is allowed, except to this machine itself.
func Address(environment paycor.Environment, path string) (*url.URL, error) {
	base, err := url.Parse(environment.APIURL)
	switch {
	case err != nil, base.Hostname() == "", base.User != nil, base.RawQuery != "", base.Fragment != "":
		return nil, &Failure{Code: verdicts.CodeEnvironmentUnusable}
	case base.Scheme != "https" && !(base.Scheme == "http" && paycor.Loopback(base.Hostname())):
		return nil, &Failure{Code: verdicts.CodeEnvironmentUnusable}
	}
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/")+path, ""
	return base, nil
}

// Call is one GET of the API.
type Call struct {
	Environment     paycor.Environment
	Path            string // exactly as in Paycor's specification
	Token           paycor.Secret
	SubscriptionKey paycor.Secret
	ClientSecret    paycor.Secret // not sent, but redacted: Paycor received it for the token and may echo it
}

// Get makes a call with token and key and returns Paycor's answer if its status is
// 2xx. Everything else is a *Failure, except that a canceled ctx is returned as is.
// A call that was cut off or hit an internal error of Paycor's is retried once,
// because a GET is safe to repeat.
func (c *Client) Get(ctx context.Context, call Call) (Answer, error) {
	answer, err := c.get(ctx, call)
	failure, failed := AsFailure(err)
	if !failed || !failure.Transient() || !wait(ctx, c.config.RetryPause) {
		return answer, err
	}
	return c.get(ctx, call)
}

func (c *Client) get(ctx context.Context, call Call) (Answer, error) {
	address, err := Address(call.Environment, call.Path)
	if err != nil {
		return Answer{}, err
	}
	if wait := c.config.CountCall(call.SubscriptionKey); wait > 0 {
		return Answer{}, &Failure{Code: verdicts.CodeRateLimited, RetryAfter: wait, Unsent: true}
	}
	redactor := call.redactor()
	request := &http.Request{Method: http.MethodGet, URL: address, Header: http.Header{}}
	SetKey(request, call.SubscriptionKey)
	if !call.Token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+call.Token.Reveal())
	}
	answer, err := c.Send(ctx, request, redactor)
	if err != nil {
		return Answer{}, err
	}
	answer = UnwrapError(answer, "userlegalentities", "records", "islost", "tenant")
	if failure := readCall(answer, redactor, c.Now()); failure != nil {
		return Answer{}, failure
	}
	return answer, nil
}

// wait waits before a retry and reports whether ctx leaves time for one.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(max(0, pause))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// keyHeader is the header in which the gateway expects the subscription key.
const keyHeader = "Ocp-Apim-Subscription-Key"

// SetKey sets the subscription key header.
func SetKey(request *http.Request, key paycor.Secret) {
	if !key.IsZero() {
		request.Header.Set(keyHeader, key.Reveal())
	}
}
