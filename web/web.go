package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"strings"
	"sync/atomic"
	"time"
)

// Config is what the door needs to know.
type Config struct {
	Access    Access                                                    // who calls
	Embedding Embedding                                                 // which sites may frame the page; nil means none
	Services  func(paycor.Caller) api.Service                           // what a caller can do
	Changes   func(context.Context, paycor.Caller) <-chan events.Change // what a caller may see of them; closed when the context ends
	Calls     Calls                                                     // passes calls on to Paycor; nil means that this server does not
	Body      func(api.Start) string                                    // the page's root element, rendered
	Preferred string                                                    // environment a new credential begins with; empty means the first
	Hosts     []string                                                  // Host header values that are ours, port included where it is no default; empty means this machine's own names, on any port
	Provider  Provider                                                  // signs people in; nil leaves the one-time links
	Proxies   []netip.Prefix                                            // proxies that end TLS before this server and say who asks
	Secure    bool                                                      // served over TLS, by itself or by the proxy before it
	Ready     func(context.Context) error                               // whether requests can be served; nil means always
	Clock     func() time.Time                                          // nil means time.Now
	Logger    *slog.Logger                                              // nil logs nothing
	Version   string                                                    // of this server, shown in the API description
	Heartbeat time.Duration                                             // how often an idle event stream shows life; 0 means 15 s

	// Metrics returns what answers with the server's metrics, or why the caller
	// may not read them. nil means that there are none.
	Metrics func(context.Context, paycor.Caller) (http.Handler, error)
	Visited func(Visited) // told of each request once it is answered; nil tells nobody
}

// Access knows sessions and API tokens. Its errors are *paycor.Error; of kind
// KindUnauthorized where a token, handle or code is not (or no longer) good.
type Access interface {
	// CallerByToken returns whoever holds an API token. Of one that is good no
	// more the error has a consumer.EndedToken as its cause.
	CallerByToken(ctx context.Context, token paycor.Secret) (paycor.Caller, error)

	// CallerBySession returns whoever a session belongs to.
	CallerBySession(ctx context.Context, handle paycor.Secret) (paycor.Caller, error)

	// SignIn trades the one-time code of a sign-in link for a session.
	SignIn(ctx context.Context, code paycor.Secret, from, requestID string) (handle paycor.Secret, expires time.Time, err error)

	Sessions

	// SignOut ends a session.
	SignOut(ctx context.Context, handle paycor.Secret, from, requestID string) error

	// Refuse writes a refusal down, or counts it where its caller, or all whom
	// nobody knows, have many. detail is a code of the door's own, never
	// anything a caller sent. Nobody known is a caller of kind CallerUnknown.
	Refuse(ctx context.Context, caller paycor.Caller, detail string) error
}

// door is the handler behind New.
type door struct {
	Config
	mux      *http.ServeMux
	table    map[string]access // of rights, by the routes' patterns
	hosts    map[string]bool
	host     atomic.Pointer[string] // the name of ours that was called last: most callers have one and the same
	files    *files
	streams  *quota.Quota
	logouts  logouts
	crossing http.CrossOriginProtection
}

// New returns the handler that serves everything.
func New(config Config) (http.Handler, error) {
	var missing []error
	require := func(ok bool, name string) {
		if !ok {
			missing = append(missing, fmt.Errorf("web: Config.%s is missing", name))
		}
	}
	require(config.Access != nil, "Access")
	require(config.Services != nil, "Services")
	require(config.Changes != nil, "Changes")
	require(config.Body != nil, "Body")
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	if config.Ready == nil {
		config.Ready = func(context.Context) error { return nil }
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Visited == nil {
		config.Visited = func(Visited) {}
	}
	if config.Heartbeat <= 0 {
		config.Heartbeat = 15 * time.Second
	}
	static, err := openFiles(embedded)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded files: %w", err)
	}
	d := &door{
		Config: config, mux: http.NewServeMux(), table: map[string]access{}, hosts: map[string]bool{}, files: static, streams: newStreams(),
	}
	for _, host := range config.Hosts {
		d.hosts[strings.ToLower(host)] = true
	}
	for _, route := range d.routes() {
		if err := route.access.sound(route.pattern); err != nil {
			return nil, err
		}
		d.table[route.pattern] = route.access
		d.mux.Handle(route.pattern, route.handler)
	}
	return d.guard(d.open(d.serve)), nil
}
