package paycortest

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"
)

const keptRequests = 500

// Request is the record of one request to the API host. It contains no value that
// was sent: no key, token, secret, body or query.
type Request struct {
	Time          time.Time `json:"time"`
	Application   string    `json:"application,omitempty"`
	Endpoint      string    `json:"endpoint"` // method and pattern, or "no such route"
	Place         Place     `json:"place"`
	Status        int       `json:"status"` // 0 without a response
	Faults        []Kind    `json:"faults,omitempty"`
	GrantType     string    `json:"grant_type,omitempty"`
	KeyFrom       string    `json:"key_from"`          // header, query or none
	Authorization bool      `json:"has_authorization"` // the header was present
	CorrelationID string    `json:"correlation_id"`
}

// Counts are totals since the start or the last Reset.
type Counts struct {
	Requests   int            `json:"requests"`    // all to the API host
	Tokens     int            `json:"tokens"`      // token requests, whatever their result
	Issued     int            `json:"issued"`      // access tokens issued
	Refreshes  int            `json:"refreshes"`   // refresh tokens used up
	Reused     int            `json:"reused"`      // requests with a refresh token that was used up
	Calls      int            `json:"calls"`       // requests that are not token requests
	Writes     int            `json:"writes"`      // POST, PUT, PATCH, DELETE that Paycor carried out
	Elsewhere  int            `json:"elsewhere"`   // requests that followed a Redirect
	PeakTokens int            `json:"peak_tokens"` // maximum of concurrent token requests
	PeakCalls  int            `json:"peak_calls"`  // maximum of concurrent calls
	ByEndpoint map[string]int `json:"by_endpoint"`
	ByStatus   map[int]int    `json:"by_status"` // 0: no response
}

func newCounts() Counts { return Counts{ByEndpoint: map[string]int{}, ByStatus: map[int]int{}} }

func (n Counts) clone() Counts {
	n.ByEndpoint, n.ByStatus = maps.Clone(n.ByEndpoint), maps.Clone(n.ByStatus)
	return n
}

// Counts returns the totals of all applications. Only these include the peaks.
func (s *Simulator) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts.clone()
}

// Counts returns the counts of this application.
func (a *Application) Counts() Counts {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	return a.sim.countsOf(a).clone()
}

// Requests returns the last requests, oldest first, at most 500.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// LastHeader returns the headers of the last request at AtToken or AtAPI
// unredacted, including secrets. It is for tests; the control pages never show
// them.
func (s *Simulator) LastHeader(place Place) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[place].Clone()
}

// Reset forgets requests and counts. Applications, tokens and faults stay.
func (s *Simulator) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	s.counts = newCounts()
	clear(s.perApp)
	clear(s.last)
}

// bump updates the totals and the counts of one application. s.mu is held.
func (s *Simulator) bump(app *Application, change func(*Counts)) {
	change(&s.counts)
	if app != nil {
		change(s.countsOf(app))
	}
}

func (s *Simulator) countsOf(app *Application) *Counts {
	name := app.details.Name
	if s.perApp[name] == nil {
		n := newCounts()
		s.perApp[name] = &n
	}
	return s.perApp[name]
}

// track counts a request as in flight and returns the function to call at its
// end.
func (s *Simulator) track(place Place) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[place]++
	peak := &s.counts.PeakCalls
	if place == AtToken {
		peak = &s.counts.PeakTokens
	}
	*peak = max(*peak, s.busy[place])
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy[place]--
	}
}

// record stores a request just before its response is sent.
func (s *Simulator) record(c *call, status int) {
	entry := Request{
		Time: s.now(), Endpoint: "no such route", Place: c.place, Status: status, Faults: c.applied,
		KeyFrom: c.keyFrom, Authorization: c.request.Header.Get("Authorization") != "", CorrelationID: c.correlation,
	}
	if c.route != nil {
		entry.Endpoint = c.route.name()
	}
	switch kind := GrantType(c.form.Get("grant_type")); kind {
	case ClientCredentials, AuthorizationCode, RefreshToken:
		entry.GrantType = string(kind)
	case "":
	default:
		entry.GrantType = "unknown" // may be anything, even a pasted secret
	}
	if c.app != nil {
		entry.Application = c.details.Name
	}

	s.mu.Lock()
	s.requests = append(s.requests, entry)
	if len(s.requests) > keptRequests {
		s.requests = slices.Delete(s.requests, 0, len(s.requests)-keptRequests)
	}
	s.bump(c.app, func(n *Counts) {
		n.Requests++
		n.ByEndpoint[entry.Endpoint]++
		n.ByStatus[status]++
		if c.place == AtToken {
			n.Tokens++
		} else {
			n.Calls++
		}
	})
	s.mu.Unlock()

	s.config.Logger.LogAttrs(c.request.Context(), slog.LevelDebug, "simulated request",
		slog.String("application", entry.Application), slog.String("endpoint", entry.Endpoint),
		slog.Int("status", status), slog.Any("faults", entry.Faults), slog.String("correlation_id", entry.CorrelationID))
}
