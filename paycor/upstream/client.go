package upstream

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
	"strings"
	"time"
)

// Config is what a Client is made of. The zero value is usable.
type Config struct {
	Transport    http.RoundTripper // nil means NewTransport()
	Clock        func() time.Time  // nil means time.Now
	Logger       *slog.Logger      // nil discards; it gets one debug line a request, without a query
	CallTimeout  time.Duration     // one request with its answer; 0 means 35 s, because Paycor may take 30
	TotalTimeout time.Duration     // one verification; 0 means 100 s
	RetryPause   time.Duration     // before a GET is tried once more; 0 means 300 ms, negative none
	MaxBody      int64             // bytes of a success that are read; 0 means 1 MiB, some 20 000 legal entities
	UserAgent    string            // empty means "paycorcred"
}

// Client sends requests to Paycor. It is safe for concurrent use.
type Client struct {
	config Config
	single http.RoundTripper // config.Transport, with a connection for each request
}

// New returns a client.
func New(config Config) *Client {
	if config.Transport == nil {
		config.Transport = NewTransport()
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
	if config.MaxBody == 0 {
		config.MaxBody = 1 << 20
	}
	if config.UserAgent == "" {
		config.UserAgent = "paycorcred"
	}
	return &Client{config, single(config.Transport)}
}

func single(transport http.RoundTripper) http.RoundTripper {
	pooled, ok := transport.(*http.Transport)
	if !ok {
		return transport // one that a test or an operator brought: its repeats are its own matter
	}
	alone := pooled.Clone()
	alone.DisableKeepAlives = true
	return alone
}

// NewTransport returns a transport with bounds on every phase of a request.
// It takes HTTPS_PROXY and NO_PROXY from the environment, as is usual.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  35 * time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    16,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
		OnProxyConnectResponse: refusedByProxy,
	}
}

// Now is the client's time.
func (c *Client) Now() time.Time { return c.config.Clock() }

// Address returns the address of a path, which begins with a slash, below the
// environment's API URL. It
// fails with CodeEnvironmentUnusable where that URL is none that a secret may
// be sent to: only https will do, except on this machine itself.
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
	Path            string // letter for letter as Paycor's specification writes it
	Token           paycor.Secret
	SubscriptionKey paycor.Secret
	ClientSecret    paycor.Secret // is not sent; Paycor knows it since it gave the token, and may repeat it
}

// Get makes a call with both credentials and returns Paycor's answer when its
// status is 2xx. Everything else is a *Failure, except that the cancellation
// of ctx is returned as it is. A call that was cut off or met a fault of
// Paycor's is tried once more; reading twice does no harm.
func (c *Client) Get(ctx context.Context, call Call) (Answer, error) {
	answer, err := c.get(ctx, call)
	failure, failed := AsFailure(err)
	if !failed || !failure.passing() || !c.pause(ctx) {
		return answer, err
	}
	return c.get(ctx, call)
}

func (c *Client) get(ctx context.Context, call Call) (Answer, error) {
	address, err := Address(call.Environment, call.Path)
	if err != nil {
		return Answer{}, err
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
	answer = RefusedInside(answer, "userlegalentities", "records", "islost", "tenant")
	if failure := readCall(answer, redactor, c.Now()); failure != nil {
		return Answer{}, failure
	}
	return answer, nil
}

// pause waits before another try and reports whether there is time for one.
func (c *Client) pause(ctx context.Context) bool {
	timer := time.NewTimer(max(0, c.config.RetryPause))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// keyHeader carries the subscription key to the gateway.
const keyHeader = "Ocp-Apim-Subscription-Key"

// SetKey puts the subscription key into the request's header.
func SetKey(request *http.Request, key paycor.Secret) {
	if !key.IsZero() {
		request.Header.Set(keyHeader, key.Reveal())
	}
}
