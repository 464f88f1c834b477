package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/events"
)

// defaultHeartbeat keeps idle event streams open through common proxies, which
// close a connection that is silent for 30 to 60 seconds.
const defaultHeartbeat = 15 * time.Second

// Config holds the dependencies and settings of the server.
type Config struct {
	Access      Access                                                    // identifies callers; required
	Embedding   Embedding                                                 // knows the embedding sites; nil rejects all of them
	Services    func(paycor.Caller) api.Service                           // binds the use cases to a caller; required
	Activations Activations                                               // sends browsers to Paycor's activation page; required
	Changes     func(context.Context, paycor.Caller) <-chan events.Change // changes a caller may see; closed with the context; required
	Calls       Calls                                                     // forwards calls to Paycor; nil disables them
	Body        func(api.Start) string                                    // renders the page's root element; required

	// Preferred is the environment that new credentials start with. Empty
	// means the first one.
	Preferred string

	// Hosts are the accepted Host headers, with the port unless it is the
	// default. Empty accepts the loopback names on any port.
	Hosts          []string
	Base           string         // path that the server is below, such as /creds; empty for none
	TrustedProxies []netip.Prefix // proxies whose X-Forwarded-* headers are trusted
	Secure         bool           // clients reach this server over TLS only
	PageFiles      PageFiles      // shares the files of the page with servers of other versions; nil keeps them to itself
	Provider       Provider       // OpenID Connect provider; nil leaves one-time sign-in links

	// ChangesPerMinute is how many changes one caller may make in a minute; an
	// embedding site may make twice and a workspace four times as many. 0 means
	// no limit.
	ChangesPerMinute int

	Ready     func(context.Context) error // nil means always ready
	Clock     func() time.Time            // nil means time.Now
	Logger    *slog.Logger                // nil discards the log
	Version   string                      // version in the API description
	Heartbeat time.Duration               // interval of keep-alive comments on event streams; 0 means 15 s

	// Metrics returns the handler for /metrics, or an error if the caller may
	// not read it. nil disables the route.
	Metrics func(context.Context, paycor.Caller) (http.Handler, error)

	// Observe receives the statistics of each finished request. It may be nil.
	Observe func(RequestStats)
}

// validate reports all required fields that are missing.
func (c Config) validate() error {
	var missing []error
	require := func(ok bool, name string) {
		if !ok {
			missing = append(missing, fmt.Errorf("web: Config.%s is missing", name))
		}
	}
	require(c.Access != nil, "Access")
	require(c.Services != nil, "Services")
	require(c.Activations != nil, "Activations")
	require(c.Changes != nil, "Changes")
	require(c.Body != nil, "Body")
	return errors.Join(missing...)
}

// withDefaults returns a copy with the optional fields filled in.
func (c Config) withDefaults() Config {
	if c.Ready == nil {
		c.Ready = func(context.Context) error { return nil }
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(RequestStats) {}
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = defaultHeartbeat
	}
	return c
}
