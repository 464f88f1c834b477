package paycortest

import (
	"crypto/rsa"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config configures a simulator. The zero value is usable.
type Config struct {
	// Clock is the time for token lifetimes and rate limits; time.Now if nil.
	// Delays of the Slow and Hang faults are real time.
	Clock func() time.Time
	// Logger gets one debug line per request, without secrets; nil discards.
	Logger *slog.Logger
	// RatePerMinute is how many calls one subscription key may make in a
	// minute: 1000 if zero, no limit if negative.
	RatePerMinute int
	// TokenLifetime is the lifetime of access tokens; 30 minutes if zero.
	TokenLifetime time.Duration
	// Peer makes it the other environment of a pair, with other samples.
	Peer bool
}

// Simulator is one Paycor environment. It is an http.Handler and safe for
// concurrent use.
type Simulator struct {
	config  Config
	control http.Handler
	consent http.Handler
	routes  []route
	signer  func() *rsa.PrivateKey
	done    chan struct{}
	close   func()

	mu       sync.Mutex
	apps     []*Application
	faults   []*Fault // for all applications
	tokens   map[string]*grant
	refresh  map[string]*grant
	codes    map[string]*code
	windows  map[string]*window
	requests []Request
	counts   Counts
	perApp   map[string]*Counts
	last     map[Place]http.Header
	busy     map[Place]int
}

// New returns a simulator that holds the sample applications.
func New(config Config) *Simulator {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.RatePerMinute == 0 {
		config.RatePerMinute = 1000
	}
	if config.TokenLifetime == 0 {
		config.TokenLifetime = 30 * time.Minute
	}
	s := &Simulator{
		config:  config,
		signer:  sync.OnceValue(newSigner),
		done:    make(chan struct{}),
		tokens:  map[string]*grant{},
		refresh: map[string]*grant{},
		codes:   map[string]*code{},
		windows: map[string]*window{},
		counts:  newCounts(),
		perApp:  map[string]*Counts{},
		last:    map[Place]http.Header{},
		busy:    map[Place]int{},
	}
	s.close = sync.OnceFunc(func() { close(s.done) })
	s.routes = apiRoutes()
	s.control = controlPages{s}.controlHandler()
	s.consent = consentPages{s}.consentHandler()
	for _, details := range s.samples() {
		s.Application(details)
	}
	return s
}

// Close releases requests held by Hang and Slow faults. The simulator still
// responds afterwards, but no longer holds requests.
func (s *Simulator) Close() { s.close() }

// ServeHTTP serves the API host, the activation pages (which Paycor serves on
// another host) and the control pages.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(r.URL.Path)
	switch {
	case path == "/simulator" || strings.HasPrefix(path, "/simulator/"):
		s.control.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/appactivation/"):
		s.consent.ServeHTTP(w, r)
	default:
		s.serveGateway(w, r)
	}
}

func (s *Simulator) now() time.Time { return s.config.Clock() }
