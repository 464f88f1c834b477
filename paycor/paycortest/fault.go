package paycortest

import (
	"fmt"
	"slices"
	"time"
)

// Kind is a kind of fault.
type Kind string

// Faults of the gateway, for token requests and calls.
const (
	InvalidKey  Kind = "invalid_key"  // the key is rejected
	InactiveKey Kind = "inactive_key" // the subscription is inactive; same answer
	Quota       Kind = "quota"        // 403, out of call volume; Delay is the Retry-After
	RateLimit   Kind = "rate_limit"   // 429; Delay is the Retry-After
	ServerError Kind = "server_error" // Status 500 (gateway's JSON), 502 or 503 (text)
)

// Faults of the token endpoint and the activation pages.
const (
	WrongClient     Kind = "wrong_client"      // invalid_client
	GrantNotAllowed Kind = "grant_not_allowed" // unauthorized_client, or the application's GrantRefusal
	RefreshUsed     Kind = "refresh_used"      // invalid_grant for a refresh token
	CodeExpired     Kind = "code_expired"      // invalid_grant for an authorization code
	ScopeUnknown    Kind = "scope_unknown"     // invalid_scope
	// LostAnswer carries out the request, including the rotation of the refresh
	// token, and closes the connection instead of responding. With Place it
	// also applies to calls.
	LostAnswer Kind = "lost_answer"
)

// Faults of Paycor behind the gateway.
const (
	TokenNotAccepted   Kind = "token_not_accepted"   // empty 401
	TokenExpired       Kind = "token_expired"        // also an empty 401: the two cannot be distinguished
	EntityNotActivated Kind = "entity_not_activated" // missing from the list, 403 elsewhere
	EntityNotFound     Kind = "entity_not_found"     // 404
	IsLost             Kind = "is_lost"              // the entity has left Paycor
	RightMissing       Kind = "right_missing"        // 403; Right narrows it to one
	NotStandard        Kind = "not_standard"         // 403
	PaycorError        Kind = "paycor_error"         // 500 in Paycor's format, after key and token were accepted
	ErrorInSuccess     Kind = "error_in_success"     // 200 with the body of such an error
)

// Faults of the network.
const (
	Slow          Kind = "slow"           // waits Delay (2 s when zero), then carries out the request even if the client is gone
	SlowBody      Kind = "slow_body"      // headers at once, the body slowly over Delay (2 s when zero)
	Hang          Kind = "hang"           // never responds
	Cut           Kind = "cut"            // resets the connection after Bytes of body; 0: before carrying out the request
	TruncatedBody Kind = "truncated_body" // half the body, ended as if complete
	HTMLPage      Kind = "html_page"      // an error page of a proxy; Status 502 when zero
	NotJSON       Kind = "not_json"       // carries out the request; a 200 labeled JSON that is not
	EmptyBody     Kind = "empty_body"     // the right status and no body
	Redirect      Kind = "redirect"       // Status 302 when zero, to /simulator/elsewhere, which counts the clients that follow
	CaptivePortal Kind = "captive_portal" // 200 and the sign-in page of a guest network
)

// Place is where a fault applies.
type Place string

// The places. A call is any request to the API but a token request.
const (
	AtToken Place = "token"
	AtAPI   Place = "api"
	AtBoth  Place = "both"

	// Elsewhere is not a place for a fault: it is the target of a Redirect, for
	// LastHeader.
	Elsewhere Place = "elsewhere"
)

// Fault is active until it is cleared or used up.
type Fault struct {
	Kind  Kind
	Place Place // default: the place where the kind makes sense
	// Count is how often it applies; zero means until cleared. Go's transport
	// retries a GET whose reused connection was closed before any response,
	// which uses up two.
	Count int
	Delay time.Duration // Slow, SlowBody, Hang (forever if zero), Quota, RateLimit
	// Status of ServerError, HTMLPage and Redirect.
	Status int
	Bytes  int   // Cut
	Right  Right // RightMissing: that one only
}

// kindAt is a kind with its default place and a description.
type kindAt struct {
	Kind  Kind
	Place Place
	Words string
}

// kinds returns all kinds, in the order of the control page.
func kinds() []kindAt {
	return []kindAt{
		{InvalidKey, AtBoth, "the subscription key is rejected"},
		{InactiveKey, AtBoth, "the subscription is inactive; the same response as for a wrong key"},
		{Quota, AtBoth, "403, the call quota is used up; the delay is Retry-After"},
		{RateLimit, AtBoth, "429, too many calls; the delay is Retry-After"},
		{ServerError, AtBoth, "Paycor is down: status 500, 502 or 503"},
		{WrongClient, AtToken, "Client ID or Client Secret is rejected"},
		{GrantNotAllowed, AtToken, "the grant isn’t allowed"},
		{RefreshUsed, AtToken, "the refresh token was already used"},
		{CodeExpired, AtToken, "the activation's code has expired"},
		{ScopeUnknown, AtToken, "the Scope ID is unknown"},
		{LostAnswer, AtBoth, "the request is carried out, but no response arrives"},
		{TokenNotAccepted, AtAPI, "empty 401: the access token is rejected"},
		{TokenExpired, AtAPI, "empty 401: the access token has expired"},
		{EntityNotActivated, AtAPI, "the activation doesn’t include the legal entity"},
		{EntityNotFound, AtAPI, "404: no such legal entity"},
		{IsLost, AtAPI, "the legal entity has left Paycor"},
		{RightMissing, AtAPI, "403: a Data Access right is missing"},
		{NotStandard, AtAPI, "403: the application isn’t of type Standard"},
		{PaycorError, AtAPI, "500 after key and token were accepted"},
		{ErrorInSuccess, AtAPI, "200 with an error in the body"},
		{Slow, AtBoth, "the response arrives after the delay (2 s)"},
		{SlowBody, AtBoth, "headers at once, the body slowly over the delay"},
		{Hang, AtBoth, "no response ever arrives"},
		{Cut, AtBoth, "the connection is reset after that many bytes of the body"},
		{TruncatedBody, AtBoth, "half of the body, ended as if complete"},
		{HTMLPage, AtBoth, "an error page of a proxy in between"},
		{NotJSON, AtBoth, "200, labeled as JSON but isn’t"},
		{EmptyBody, AtBoth, "the right status without a body"},
		{Redirect, AtBoth, "302 to another address"},
		{CaptivePortal, AtBoth, "200 with the sign-in page of a guest network"},
	}
}

// Check returns what is wrong with a fault, as a sentence.
func (f Fault) Check() error {
	at := slices.IndexFunc(kinds(), func(k kindAt) bool { return k.Kind == f.Kind })
	if at < 0 {
		return fmt.Errorf("there is no fault named %q", f.Kind)
	}
	natural := kinds()[at].Place
	switch {
	case f.Place != "" && f.Place != AtToken && f.Place != AtAPI && f.Place != AtBoth:
		return fmt.Errorf("the place must be token, api or both, not %q", f.Place)
	case natural != AtBoth && f.Place != "" && f.Place != natural:
		return fmt.Errorf("the fault %s can only be at %s", f.Kind, natural)
	case f.Count < 0 || f.Bytes < 0 || f.Delay < 0:
		return fmt.Errorf("count, bytes and delay cannot be below zero")
	case f.Status != 0 && !slices.Contains(statuses(f.Kind), f.Status):
		return fmt.Errorf("the fault %s cannot have status %d", f.Kind, f.Status)
	}
	return nil
}

func statuses(kind Kind) []int {
	switch kind {
	case ServerError:
		return []int{500, 502, 503}
	case HTMLPage:
		return []int{200, 403, 404, 500, 502, 503, 504}
	case Redirect:
		return []int{301, 302, 303, 307, 308}
	default:
		return nil
	}
}

// withDefaults fills in the defaults of a checked fault.
func (f Fault) withDefaults() *Fault {
	if f.Place == "" {
		for _, k := range kinds() {
			if k.Kind == f.Kind {
				f.Place = k.Place
			}
		}
		if f.Kind == LostAnswer { // the interesting case is a lost rotation
			f.Place = AtToken
		}
	}
	if f.Delay == 0 && (f.Kind == Slow || f.Kind == SlowBody) {
		f.Delay = 2 * time.Second
	}
	if f.Status == 0 && statuses(f.Kind) != nil {
		f.Status = map[Kind]int{ServerError: 500, HTMLPage: 502, Redirect: 302}[f.Kind]
	}
	return &f
}

// AddFault adds faults to one application. A fault of the same kind and place
// replaces the earlier one. It panics on a fault that Check rejects.
func (a *Application) AddFault(faults ...Fault) { a.sim.addFaultTo(&a.faults, faults) }

// ClearFaults clears the faults of those kinds, or all if none is named.
func (a *Application) ClearFaults(kinds ...Kind) { a.sim.clearFaultsOf(&a.faults, kinds) }

// AddFault adds faults to every application, and to requests that belong to
// none. It panics on a fault that Check rejects.
func (s *Simulator) AddFault(faults ...Fault) { s.addFaultTo(&s.faults, faults) }

// ClearFaults clears faults of the simulator; those of single applications
// stay.
func (s *Simulator) ClearFaults(kinds ...Kind) { s.clearFaultsOf(&s.faults, kinds) }

func (s *Simulator) addFaultTo(list *[]*Fault, faults []Fault) {
	for _, fault := range faults {
		if err := fault.Check(); err != nil {
			panic("paycortest: " + err.Error())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range faults {
		set := fault.withDefaults()
		*list = slices.DeleteFunc(*list, func(f *Fault) bool { return f.Kind == set.Kind && f.Place == set.Place })
		*list = append(*list, set)
	}
}

func (s *Simulator) clearFaultsOf(list *[]*Fault, kinds []Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = slices.DeleteFunc(*list, func(f *Fault) bool {
		return len(kinds) == 0 || slices.Contains(kinds, f.Kind)
	})
}

// fault reports whether a fault applies here, and decrements its count. The
// application's own faults take precedence over those of all.
func (c *call) fault(kind Kind) (Fault, bool) {
	return c.faultFor(kind, "")
}

func (c *call) faultFor(kind Kind, right Right) (Fault, bool) {
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	lists := []*[]*Fault{&s.faults}
	if c.app != nil {
		lists = []*[]*Fault{&c.app.faults, &s.faults}
	}
	for _, list := range lists {
		for i, f := range *list {
			if f.Kind != kind || (f.Place != c.place && f.Place != AtBoth) || (f.Right != "" && f.Right != right) {
				continue
			}
			if f.Count == 1 {
				*list = slices.Delete(*list, i, i+1)
			} else if f.Count > 1 {
				f.Count--
			}
			c.applied = append(c.applied, kind)
			return *f, true
		}
	}
	return Fault{}, false
}
