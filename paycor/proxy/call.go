package proxy

import (
	"context"
	"errors"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
	"strconv"
	"strings"
	"time"
)

// ErrorHandler answers a call with an error of ours and returns the status.
type ErrorHandler = func(http.ResponseWriter, *http.Request, error) int

// call is one call on its way.
type call struct {
	*Proxy
	w      http.ResponseWriter
	r      *http.Request
	caller paycor.Caller
	id     string // of the credential
	target string // Paycor's path and query, as they stand in the request line
	safe   bool   // GET or HEAD: may be sent again
	hasBody,
	expects bool // the caller waits for 100 Continue before it sends its body

	begin    time.Time
	latest   time.Time // the last look at the clock: each costs as much as a few of the others' steps
	upstream time.Duration
	waited   time.Duration
	tries    int
	code     verdicts.Code
	status   int
	note     usage.Note
	trouble  string // Paycor's correlation id of a failure
	leave    leave
	place    *place
	named    string // environment; empty as long as there is no token
	at       *resolved
	counts   bool     // the credential is one that the caller may use
	body     *body    // nil where there is none
	trailers []string // that were announced, and are passed on
}

// Serve passes a call on and answers it. target is Paycor's path and query as
// they stand in the request line, at its end. Where Paycor has no part in the
// answer, fail gives it.
//
// It panics with http.ErrAbortHandler where the answer broke off in the
// middle, so that the caller's connection breaks off too.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string, fail ErrorHandler) {
	c := call{Proxy: p, w: w, r: r, caller: caller, id: credential, target: target, begin: time.Now()}
	err := c.serve()
	switch {
	case err == errAbort:
	case err != nil:
		c.code = codeOf(err)
		c.part()
		c.status = fail(w, r, err)
	}
	if c.code == usage.CodeCallGone && c.r.Context().Err() != nil {
		c.status = 0
	}
	if !c.counts {
		return // whatever was sent instead of a credential is not counted
	}
	path := ""
	if c.status >= 400 {
		path = usage.PathTemplate(target)
	}
	p.config.OnCall(usage.Call{
		Caller: caller, Credential: credential, Environment: c.named, At: c.begin, Method: plainMethod(r.Method),
		Status: c.status, Code: c.code, Note: c.note, Path: path, CorrelationID: c.trouble, RequestID: caller.RequestID,
		Took: time.Since(c.begin), Upstream: c.upstream, Waited: c.waited, Tries: c.tries,
	})
	if err == errAbort {
		panic(http.ErrAbortHandler)
	}
}

// errAbort says that a part of an answer is out and the rest will not come.
var errAbort = errors.New("the answer broke off")

func codeOf(err error) verdicts.Code {
	var known *paycor.Error
	switch {
	case !errors.As(err, &known):
		return "internal"
	case known.Code != "":
		return known.Code
	}
	return verdicts.Code(known.Kind)
}

// isCall reports whether an error is about a call that could have been made.
func isCall(err error) bool {
	var known *paycor.Error
	return errors.As(err, &known) && known.Code != ""
}

// isVerdict reports whether an error says why there is no token.
func isVerdict(err error) bool {
	var known *paycor.Error
	return errors.As(err, &known) && known.Verdict != nil
}

func plainMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

// refuse makes an error of a call.
func refuse(kind paycor.Kind, code verdicts.Code, message string) *paycor.Error {
	return &paycor.Error{Kind: kind, Code: code, Message: message}
}

func (c *call) serve() error {
	// Before the token is asked for: that can take long too.
	leave := c.shares.Acquire(append(quota.PrincipalsOf(c.caller),
		quota.Principal{Kind: quota.KindCredential, Workspace: c.caller.Workspace, ID: c.id},
		quota.Principal{Kind: quota.KindCallerAndCredential, Workspace: c.caller.Workspace, ID: c.id + " " + c.caller.ID},
	)...)
	if leave == nil {
		return crowded("Too many calls of this program, or through this credential, or of this server's are under way. Try again when one of them has ended.")
	}
	defer leave()
	c.place = <-c.places // there is one for each share
	c.place.enter(c.r.Context(), c.w, c.begin, c.r.ContentLength != 0)
	defer func() {
		if l := c.place.leave(); l != nil { // only where a panic came between
			c.at.lines.drop(l)
		}
		c.places <- c.place
	}()
	passage, err := c.config.CredentialSource.UpstreamCredentials(c.r.Context(), c.caller, c.id, c.r.Method)
	c.counts = err == nil || isCall(err)
	switch {
	case err == nil:
	case paycor.KindOf(err) == paycor.KindNotFound:
		return foreign(err)
	case c.stopped() && !isCall(err):
		return c.gone(err, false) // it waited for a token
	case c.stopped() && codeOf(err) == usage.CodeCallGone:
		return c.gone(errors.Unwrap(err), false) // so did this one, and the source does not know why it ended
	default:
		return err
	}
	c.named = passage.Environment.Name
	if err := c.check(); err != nil {
		return err
	}
	key := laneKey{c.caller.Workspace, c.id}
	l := c.laneOf(key, c.begin)
	l.calls.Add(1)
	defer l.calls.Add(-1)
	if unix := c.begin.Unix(); l.last.Load() != unix {
		l.last.Store(unix)
	}
	if c.at, err = c.resolve(key, l, passage); err != nil {
		return err
	}
	taken := c.at.way // a fresh token may come with another key
	taken.calls.Add(1)
	defer taken.calls.Add(-1)
	if c.hasBody {
		control := http.NewResponseController(c.w)
		_ = control.EnableFullDuplex() // Paycor may answer before it has read everything
		c.body = &body{from: c.r.Body, control: control, stall: c.config.StallTimeout}
	}
	return c.attempt(l)
}

// foreign says no more than that there is nothing for this caller.
func foreign(cause error) error {
	return &paycor.Error{Kind: paycor.KindNotFound, Err: errors.Unwrap(cause), Message: "There is no such credential, or this API token is not for it. " +
		"The page Consumers says which credentials a token is for, and the credential's own page who may use it."}
}

func crowded(message string) error {
	err := refuse(paycor.KindBusy, usage.CodeCallCrowded, message)
	err.RetryAfter = time.Second
	return err
}

// check looks at the request before anything is done for it.
func (c *call) check() error {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		c.safe = true
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return refuse(paycor.KindMalformed, usage.CodeCallMethod, "Paycor's API takes GET, HEAD, POST, PUT, PATCH and DELETE.")
	}
	if !c.r.ProtoAtLeast(1, 1) {
		return refuse(paycor.KindMalformed, usage.CodeCallProtocol, "Use HTTP/1.1: an answer that breaks off could not be told from a whole one.")
	}
	header := c.r.Header
	if len(header["Upgrade"]) > 0 {
		return refuse(paycor.KindMalformed, usage.CodeCallProtocol, "Paycor's API speaks HTTP only. Leave out the Upgrade header.")
	}
	c.hasBody = c.r.ContentLength != 0
	if length := header["Content-Length"]; !c.hasBody && len(length) > 0 && strings.Trim(length[0], "0") != "" {
		// HTTP/2 takes a length that is no number for none, though a body may come.
		return refuse(paycor.KindMalformed, usage.CodeCallProtocol, "The Content-Length is no number.")
	}
	if expect := header["Expect"]; len(expect) > 0 {
		if len(expect) != 1 || !strings.EqualFold(expect[0], "100-continue") {
			return refuse(paycor.KindMalformed, usage.CodeCallProtocol, "Only the expectation 100-continue is known here.")
		}
		c.expects = c.hasBody
	}
	c.safe = c.safe && !c.hasBody // a body can be read once only
	return checkTarget(c.target)
}

// attempt asks Paycor, and once more where that does no harm:
//
//   - an empty 401 says that the token was not accepted: a GET or HEAD goes
//     again with a fresh token, another method only where it had a body to send
//     and nothing of it was sent. The next call has a fresh token in any case.
//     Where there is none, why there is none is told instead of the 401;
//   - 429 says that nothing was done: a GET waits for as long as Paycor asks,
//     where the caller has that much patience;
//   - a fault of Paycor's, and a connection that broke: only a GET or HEAD.
//
// Whatever else happens to another method, it was sent once.
func (c *call) attempt(l *lane) error {
	var retried struct{ token, limit, fault bool }
	patience := patienceOf(c.r.Header, c.config.MaxWait)
	anew := false
	for {
		c.latest = time.Now()
		said, err := c.at.limit.take(c.r.Context(), c.caller.ID, c.latest, patience-c.waited)
		if err != nil {
			return c.gone(err, c.tries > 0)
		}
		c.leave, c.waited = said, c.waited+said.waited
		if !said.granted {
			c.quota()
			return limited(said, c.at.limit.perMinute)
		}
		if said.waited > 0 {
			c.latest = time.Now()
		}
		done, err := c.at.breaker.Allow()
		if err != nil {
			return c.unwell()
		}
		a, err := c.attempted(anew, done)
		if err != nil {
			if !c.safe || retried.fault || c.stopped() || codeOf(err) == usage.CodeCallGone || codeOf(err) == usage.CodeCallTimeout {
				return err
			}
			retried.fault, anew = true, true
			if !c.pause(c.config.RetryBackoff) {
				return c.gone(c.r.Context().Err(), true)
			}
			continue
		}
		switch {
		case a.StatusCode == http.StatusUnauthorized && !retried.token && a.empty():
			retried.token = true
			fresh, err := c.refresh(l)
			if isVerdict(err) { // and not an empty 401, which says nothing
				a.leaveTo(c)
				return err
			}
			if fresh != nil && c.repeatable(a) {
				a.leaveTo(c)
				c.at = fresh
				continue
			}
		case a.StatusCode == http.StatusTooManyRequests:
			wait := retryAfter(a.Header)
			c.at.limit.pause(wait)
			if c.safe && !retried.limit && wait > 0 && c.waited+wait <= patience {
				retried.limit = true
				a.leaveTo(c)
				continue // the limiter holds everybody with this key back for so long
			}
		case a.StatusCode >= 500 && c.safe && !retried.fault:
			retried.fault = true
			a.leaveTo(c)
			if !c.pause(c.config.RetryBackoff) {
				return c.gone(c.r.Context().Err(), true)
			}
			continue
		}
		return c.answer(a)
	}
}

// attempted asks once, and tells the breaker what came of it whatever that was:
// a try that is not told of would be waited for for ever.
func (c *call) attempted(anew bool, done func(error)) (a *answer, err error) {
	said := breaker.ErrFailed
	defer func() {
		if said == breaker.ErrFailed {
			c.at.breaker.SetFailedBy(c.id)
		}
		done(said)
	}()
	a, err = c.ask(anew)
	said = c.health(a, err)
	return a, err
}

// part has the server close the caller's connection after an answer that came
// before the end of the body: what is still to come of the body must not be
// taken for another request. HTTP/2 cannot take it for one, and would close the
// connection of the caller's other calls.
func (c *call) part() {
	if c.body != nil && c.r.ProtoMajor == 1 && (!c.body.ended.Load() || c.body.stopped.Load()) {
		c.w.Header()["Connection"] = []string{"close"}
	}
}

// quota tells the caller how many calls it has left.
func (c *call) quota() {
	header := c.w.Header()
	header["RateLimit-Policy"] = c.at.limit.policy
	header["RateLimit"] = []string{c.leave.field()}
}

// repeatable reports whether sending the request again cannot do anything twice:
// it does nothing, or it had a body to send and that was not begun with.
func (c *call) repeatable(a *answer) bool { return c.safe || c.hasBody && a.upload == nil }

// refresh drops the token Paycor refused and gets another one. Without an error
// and without a passage, the answer of Paycor's stands.
func (c *call) refresh(l *lane) (*resolved, error) {
	refused := c.at.passage
	again, err := c.config.CredentialSource.RejectToken(c.r.Context(), c.caller, c.id, refused.Token)
	if err != nil || !again {
		return nil, err
	}
	passage, err := c.config.CredentialSource.UpstreamCredentials(c.r.Context(), c.caller, c.id, c.r.Method)
	if err != nil || passage.Token == refused.Token {
		return nil, err
	}
	fresh, err := c.resolve(laneKey{c.caller.Workspace, c.id}, l, passage)
	if err != nil || fresh.gate != c.at.gate { // the credential was moved to another environment in the meantime
		return nil, err
	}
	return fresh, nil
}

// health tells the breaker what came of it.
func (c *call) health(a *answer, err error) error {
	switch {
	case err != nil && (c.stopped() || codeOf(err) == usage.CodeCallGone || codeOf(err) == usage.CodeCallBody):
		return breaker.ErrCanceled
	case err != nil:
		return breaker.ErrFailed
	case a.StatusCode == http.StatusBadGateway, a.StatusCode == http.StatusServiceUnavailable, a.StatusCode == http.StatusGatewayTimeout:
		return breaker.ErrFailed
	}
	return nil
}

// pause waits, and reports whether anybody still wants the answer.
func (c *call) pause(d time.Duration) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}

func (c *call) unwell() error {
	cooldown := c.config.Breakers.Cooldown()
	err := refuse(paycor.KindUnavailable, usage.CodeCallUnwell,
		"Paycor failed too often just now with this APIM Subscription Key, so nothing was sent. Send it again in "+strconv.Itoa(whole(cooldown))+" s.")
	err.RetryAfter = cooldown
	return err
}

// stopped reports whether this server cut the call off, because it ends.
func (c *call) stopped() bool { return context.Cause(c.r.Context()) == paycor.ErrStopped }

// gone is the error of a call whose context ended: its caller left, or this
// server was stopped. sent says that Paycor may have had the request.
func (c *call) gone(cause error, sent bool) error {
	var err *paycor.Error
	switch {
	case !c.stopped():
		err = refuse(paycor.KindUnavailable, usage.CodeCallGone, "The caller left before the end.")
	case !sent:
		err = refuse(paycor.KindUpstream, usage.CodeCallUnsent, "This server was stopped before anything was sent. Send it again when it is back.")
	case c.safe:
		err = refuse(paycor.KindUpstream, usage.CodeCallUnknown, "This server was stopped before Paycor's answer came. Send it again when it is back.")
	default:
		err = refuse(paycor.KindUpstream, usage.CodeCallUnknown, "This server was stopped before Paycor's answer came. Paycor may have done what was asked: look before you send it again.")
	}
	err.Err = cause
	return err
}

// limited says when to come back, and who holds the calls back.
func limited(said leave, perMinute int) error {
	seconds := max(1, whole(said.reset))
	code, why := usage.CodeCallLimit, "This server lets "+strconv.Itoa(perMinute)+" calls a minute through with one APIM Subscription Key, and they are used up."
	if said.paused {
		code, why = usage.CodeCallPaused, "Paycor answered 429 just now and asked to wait with this APIM Subscription Key, most likely because another program uses it too."
	}
	err := refuse(paycor.KindBusy, code, why+" Nothing was sent. Send it again in "+strconv.Itoa(seconds)+" s.")
	err.RetryAfter = time.Duration(seconds) * time.Second
	return err
}

// longestPatience is the longest wait a caller can ask for.
const longestPatience = time.Minute

// patienceOf returns how long the caller is ready to wait: what it says in
// Prefer: wait=SECONDS (RFC 7240), or the usual.
func patienceOf(header http.Header, usual time.Duration) time.Duration {
	for _, value := range header["Prefer"] {
		for one := range strings.SplitSeq(value, ",") {
			name, number, _ := strings.Cut(strings.TrimSpace(one), "=")
			if seconds, err := strconv.ParseUint(strings.Trim(number, `"`), 10, 16); err == nil && strings.EqualFold(name, "wait") {
				return min(time.Duration(seconds)*time.Second, longestPatience)
			}
		}
	}
	return usual
}

// retryAfter reads how long Paycor asks to wait; 0 where it does not say.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if number, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		return time.Duration(number) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := time.Now()
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent // its own clock, because ours may differ
	}
	return max(0, until.Sub(now))
}
