package paycortest

import (
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	keyHeader = "Ocp-Apim-Subscription-Key"
	keyQuery  = "subscription-key"
	maxBody   = 16 << 20
)

// call is one request as it passes through gateway and API.
type call struct {
	sim         *Simulator
	request     *http.Request
	route       *route // nil if there is no such route
	path        map[string]string
	place       Place
	body        []byte
	bodyErr     error
	form        url.Values // of a token request
	formErr     error
	key         string
	keyFrom     string // "header", "query" or "none"
	bearer      string
	app         *Application // whose faults apply; nil if unknown
	details     Details      // of app, when the request arrived
	grant       *grant       // once the access token is accepted
	correlation string
	applied     []Kind // faults that applied
}

// window counts the calls of one subscription key.
type window struct {
	start time.Time
	calls int
}

// serveGateway serves the API host. It completes the response before sending
// it, so that a fault can corrupt it and every count is up to date before the
// client sees the response.
func (s *Simulator) serveGateway(w http.ResponseWriter, r *http.Request) {
	c := s.open(w, r)
	// Released before the response is sent, or the client's next request would
	// be counted as concurrent with this one.
	release := s.track(c.place)

	if fault, hit := c.fault(Hang); hit {
		s.record(c, 0)
		s.hold(r, fault.Delay, fault.Delay == 0)
		release()
		cut(w, nil, 0)
		return
	}
	if fault, hit := c.fault(Slow); hit {
		s.hold(r, fault.Delay, false)
	}
	cutting, isCut := c.fault(Cut)
	if isCut && cutting.Bytes == 0 {
		s.record(c, 0)
		release()
		cut(w, nil, 0)
		return
	}
	a, stopped := c.intercept()
	if !stopped {
		a = c.answer()
	}
	if a.status < 400 && !stopped {
		if _, lost := c.fault(LostAnswer); lost {
			s.record(c, 0)
			release()
			cut(w, nil, 0)
			return
		}
	}
	a = c.corrupt(a)
	drip, isDrip := c.fault(SlowBody)
	s.record(c, a.status)
	release()
	switch {
	case isCut:
		cut(w, &a, cutting.Bytes)
	case isDrip:
		s.writeSlowly(w, r, a, drip.Delay)
	default:
		send(w, a)
	}
}

// open reads the request and finds its application.
func (s *Simulator) open(w http.ResponseWriter, r *http.Request) *call {
	c := &call{sim: s, request: r, place: AtAPI, correlation: newID(), keyFrom: "none"}
	c.route, c.path = match(s.routes, r.Method, r.URL.Path)
	if c.route != nil && c.route.token {
		c.place = AtToken
	}
	c.body, c.bodyErr = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	c.key = r.Header.Get(keyHeader)
	if c.key != "" {
		c.keyFrom = "header"
	} else if c.key = r.URL.Query().Get(keyQuery); c.key != "" {
		c.keyFrom = "query"
	}
	if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		c.bearer = token
	}
	if c.place == AtToken {
		c.form, c.formErr = url.ParseQuery(string(c.body))
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if c.place == AtToken {
		c.app = s.find(func(d *Details) bool { return d.ClientID == c.form.Get("client_id") })
	} else if given := s.tokens[c.bearer]; given != nil {
		c.app = given.app
	}
	if c.app == nil {
		c.app = s.find(func(d *Details) bool { return d.hasKey(c.key) })
	}
	if c.app != nil {
		c.details = c.app.details.clone()
	}
	s.last[c.place] = r.Header.Clone()
	return c
}

func (c *call) casing() Casing { return c.details.Casing }

// answer runs the layers in the order of the real service: route, key, quota, rate
// limit, and then Paycor behind the gateway.
func (c *call) answer() answer {
	if c.route == nil {
		return gatewayError(http.StatusNotFound, "Resource not found")
	}
	if c.route.open {
		return c.route.handle(c)
	}
	if refusal := c.checkKey(); refusal != nil {
		return *refusal
	}
	if fault, hit := c.fault(Quota); hit {
		return overQuota(fault.Delay)
	}
	if fault, hit := c.fault(RateLimit); hit {
		return overRate(fault.Delay)
	}
	if wait := c.overLimit(); wait > 0 {
		return overRate(wait)
	}
	if fault, hit := c.fault(ServerError); hit {
		return c.serverError(fault.Status)
	}
	if c.bodyErr != nil {
		return gatewayError(http.StatusRequestEntityTooLarge, "Request body is too large.")
	}
	if c.place == AtAPI {
		if refusal := c.checkToken(); refusal != nil {
			return *refusal
		}
	}
	return c.route.handle(c)
}

func (c *call) checkKey() *answer {
	refuse := func(message string) *answer {
		a := gatewayError(http.StatusUnauthorized, message)
		a.header.Set("WWW-Authenticate",
			`AzureApiManagementKey realm="http://`+c.request.Host+`",name="`+keyHeader+`",type="header"`)
		return &a
	}
	if c.key == "" {
		return refuse("Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API.")
	}
	c.sim.mu.Lock()
	owner := c.sim.find(func(d *Details) bool { return d.hasKey(c.key) && !d.KeysInactive })
	c.sim.mu.Unlock()
	_, refused := c.fault(InvalidKey)
	_, inactive := c.fault(InactiveKey)
	if owner == nil || refused || inactive {
		return refuse("Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.")
	}
	return nil
}

// overLimit counts the call and returns how long to wait if it exceeds the limit.
// Rejected calls are not counted.
func (c *call) overLimit() time.Duration {
	s := c.sim
	if s.config.RatePerMinute < 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	win := s.windows[c.key]
	if win == nil || now.Sub(win.start) >= time.Minute {
		win = &window{start: now}
		s.windows[c.key] = win
	}
	if win.calls >= s.config.RatePerMinute {
		return win.start.Add(time.Minute).Sub(now)
	}
	win.calls++
	return 0
}

func overRate(wait time.Duration) answer {
	seconds := itoa(wholeSeconds(wait, 17))
	a := gatewayError(http.StatusTooManyRequests, "Rate limit is exceeded. Try again in "+seconds+" seconds.")
	a.header.Set("Retry-After", seconds)
	return a
}

func overQuota(wait time.Duration) answer {
	seconds := wholeSeconds(wait, 5025)
	left := time.Time{}.Add(time.Duration(seconds) * time.Second).Format("15:04:05")
	a := gatewayError(http.StatusForbidden, "Out of call volume quota. Quota will be replenished in "+left+".")
	a.header.Set("Retry-After", itoa(seconds))
	return a
}

func wholeSeconds(wait time.Duration, usual int) int {
	if wait == 0 {
		return usual
	}
	return int(math.Ceil(wait.Seconds()))
}

func (c *call) serverError(status int) answer {
	switch status {
	case http.StatusBadGateway:
		return newAnswer(status, "text/plain", []byte("Bad Gateway"))
	case http.StatusServiceUnavailable:
		return newAnswer(status, "text/plain", []byte("The service is unavailable."))
	default:
		return jsonAnswer(status, map[string]any{
			"statusCode": status, "message": "Internal server error", "activityId": c.correlation,
		})
	}
}

// checkToken is Paycor's own check. It never says why a token is rejected.
func (c *call) checkToken() *answer {
	s := c.sim
	s.mu.Lock()
	given := s.tokens[c.bearer]
	accepted := given != nil && s.now().Before(given.expires)
	s.mu.Unlock()
	_, refused := c.fault(TokenNotAccepted)
	_, expired := c.fault(TokenExpired)
	if !accepted || refused || expired {
		a := newAnswer(http.StatusUnauthorized, "", nil)
		return &a
	}
	c.grant = given
	if _, hit := c.fault(PaycorError); hit {
		a := c.paycorError(http.StatusInternalServerError, "Internal Server Error", "An unexpected error occurred.")
		return &a
	}
	if _, hit := c.fault(ErrorInSuccess); hit {
		a := c.paycorError(http.StatusOK, "Internal Server Error", "An unexpected error occurred.")
		return &a
	}
	if _, hit := c.fault(NotStandard); hit || c.details.NotStandard {
		return c.forbidden("This application is not allowed to use the API.")
	}
	return nil
}

func (c *call) forbidden(text string) *answer {
	a := c.styled(c.details.ForbiddenStyle, http.StatusForbidden, "Forbidden", text)
	return &a
}

// covered returns the entities that the token covers.
func (c *call) covered() []Entity {
	return slices.DeleteFunc(slices.Clone(c.details.Entities), func(e Entity) bool {
		return e.NotActivated || (c.grant.entities != nil && !slices.Contains(c.grant.entities, e.ID))
	})
}
