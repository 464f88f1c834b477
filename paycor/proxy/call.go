package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/usage"
)

// ErrorHandler writes the response for an error of this server and returns its status.
type ErrorHandler = func(http.ResponseWriter, *http.Request, error) int

// call is one call through the proxy.
type call struct {
	*Proxy
	w http.ResponseWriter
	r *http.Request

	record usage.Call // reported at the end
	now    time.Time  // the last reading of the clock; reading it costs as much as several other steps

	watch      *watch
	principals []quota.Principal // what its slot counts against
	route      *route
	slot       permit      // of the attempt under way; not granted if the call holds no slot
	permit     permit      // the last one, as the caller is told
	request    h1.Request  // to send to Paycor
	body       *callerBody // nil for none

	counted bool // record is reported: the credential is one that the caller may use
	safe    bool // may be sent again: a GET or HEAD without a body
}

// Serve forwards a call and writes the response. target is Paycor's path and
// query as they are at the end of the request line. If the response is not
// Paycor's, fail writes it.
//
// Serve panics with http.ErrAbortHandler if Paycor's response breaks off, so
// that the caller's connection breaks off too. In HTTP/1.0, which proxies in front of this
// server may speak, the end of a connection can be that of a complete response, so it is
// reset.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string, fail ErrorHandler) {
	c := p.newCall(w, r, caller, credential, target)
	c.run(fail)
}

func (p *Proxy) newCall(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string) call {
	now := time.Now()
	return call{Proxy: p, w: w, r: r, request: h1.Request{Target: target}, now: now, record: usage.Call{
		Caller: caller, Credential: credential, At: now, Method: knownMethod(r.Method), RequestID: caller.RequestID,
	}}
}

// run makes the call, writes the response, and reports the call.
func (c *call) run(fail ErrorHandler) {
	w, r := c.w, c.r
	err := c.serve()
	switch {
	case err == errResponseAborted:
	case err != nil:
		c.record.Code = codeOf(err)
		c.closeIfLeftover()
		c.record.Status = fail(w, r, err)
	}
	if c.record.Code == usage.CodeCallDisconnected && c.r.Context().Err() != nil {
		c.record.Status = 0
	}
	if !c.counted {
		return // a value sent in place of a credential ID must not reach the statistics
	}
	if c.record.Status >= 400 {
		c.record.Path = usage.PathTemplate(c.request.Target)
	}
	c.record.Took = time.Since(c.record.At)
	c.config.OnCall(c.record)
	defer c.linger()
	if err == errResponseAborted {
		if !r.ProtoAtLeast(1, 1) {
			resetConn(w)
		}
		panic(http.ErrAbortHandler)
	}
}

// resetConn ends the caller's connection with an error that the caller sees.
func resetConn(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	below := conn
	if secure, ok := conn.(*tls.Conn); ok {
		below = secure.NetConn()
	}
	if tcp, ok := below.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = below.Close()
}

// serve runs the steps of the call. An error already has a response only if it
// is errResponseAborted.
func (c *call) serve() error {
	// Before asking for a token, because that can take long.
	c.principals = c.principalsOfSlot()
	leave := c.pending.Acquire(consumerOf(c.principals)...)
	if leave == nil {
		return errTooManyCalls()
	}
	defer leave()
	c.watch = c.watches.begin(c.r.Context(), c.w, c.record.At, c.r.ContentLength != 0)
	defer c.watches.end(c.watch)
	credentials, err := c.upstreamCredentials()
	c.counted = err == nil || isCallError(err)
	if err != nil {
		return c.credentialsError(err)
	}
	c.record.Environment = credentials.Environment.Name
	if err := c.validate(); err != nil {
		return err
	}
	state := c.credentialStateOf(c.key(), c.record.At)
	state.calls.Add(1)
	defer state.calls.Add(-1)
	if unix := c.record.At.Unix(); state.lastUsed.Load() != unix {
		state.lastUsed.Store(unix)
	}
	if c.route, err = c.routeOf(c.key(), state, credentials); err != nil {
		return err
	}
	upstream := c.route.upstream // a new token may come with another key, and so another upstream
	upstream.calls.Add(1)
	defer upstream.calls.Add(-1)
	c.prepareRequest()
	defer c.releaseSlot()
	return c.deliver(state)
}

// key names the call's credential.
func (c *call) key() credentialKey {
	return credentialKey{c.record.Caller.Workspace, c.record.Credential}
}

// principalsOfSlot returns the consumer and what it belongs to, then the credential, and the
// consumer with the credential.
func (c *call) principalsOfSlot() []quota.Principal {
	caller, credential := &c.record.Caller, c.record.Credential
	return append(quota.PrincipalsOf(*caller),
		quota.Principal{Kind: quota.KindCredential, Workspace: caller.Workspace, ID: credential},
		quota.Principal{Kind: quota.KindCallerAndCredential, Workspace: caller.Workspace, ID: credential + " " + caller.ID},
	)
}

// releaseSlot gives back the slot of an attempt, if there is one.
func (c *call) releaseSlot() {
	if c.slot.granted {
		c.admission.release(c.slot)
		c.slot = permit{}
	}
}

// cancelSlot gives back the slot and the permit of an attempt that is not made.
func (c *call) cancelSlot() {
	c.admission.cancel(c.slot, c.route.limiter)
	c.slot = permit{}
}

// upstreamCredentials gets the credentials for the call.
func (c *call) upstreamCredentials() (*paycor.UpstreamCredentials, error) {
	return c.config.CredentialSource.UpstreamCredentials(c.r.Context(), c.record.Caller, c.record.Credential, c.r.Method)
}

// credentialsError returns the error of a call for which there are no credentials.
func (c *call) credentialsError(err error) error {
	switch {
	case paycor.KindOf(err) == paycor.KindNotFound:
		return errNotFound(err)
	case c.stopped() && !isCallError(err):
		return c.errCanceled(err, false) // it waited for a token
	case c.stopped() && codeOf(err) == usage.CodeCallDisconnected:
		return c.errCanceled(errors.Unwrap(err), false) // likewise; the source does not know why it ended
	}
	return err
}

// prepareRequest sets the parts of the request that are the same in all
// attempts.
func (c *call) prepareRequest() {
	c.request.Method, c.request.Headers = c.r.Method, c
	if c.r.ContentLength == 0 {
		return
	}
	control := http.NewResponseController(c.w)
	_ = control.EnableFullDuplex() // Paycor may respond before it has read the whole body
	c.body = &callerBody{from: c.r.Body, control: control, stall: c.config.StallTimeout}
	c.request.Body, c.request.ContentLength = c.body, c.r.ContentLength
	c.request.ExpectContinue = len(c.r.Header["Expect"]) > 0
	if c.r.ContentLength < 0 {
		c.request.TrailerNames, c.request.Trailer = forwardedTrailers(c.r.Trailer), c.r.Trailer
	}
}

// closeIfLeftover has the server close the caller's connection after a response
// that came before the end of the body: the rest of the body must not be taken
// for another request. In HTTP/2 it cannot be, and closing would also end the
// caller's other calls.
func (c *call) closeIfLeftover() {
	if c.body != nil && c.r.ProtoMajor == 1 && c.body.leftover() {
		c.w.Header()["Connection"] = []string{"close"}
	}
}

// lingerTimeout is how long the rest of a body is discarded. net/http's is the same.
const lingerTimeout = 500 * time.Millisecond

// linger discards for a moment what the caller still sends after an early response. If the
// connection closes after the request anyway, net/http closes it at once, and the reset
// that follows can overtake the response.
func (c *call) linger() {
	if c.body == nil || !c.body.leftover() || c.r.ProtoMajor != 1 || c.r.ProtoAtLeast(1, 1) && !c.r.Close {
		return
	}
	if c.body.control.Flush() == nil {
		_ = c.body.control.SetReadDeadline(time.Now().Add(c.config.lingerTimeout))
		_, _ = io.Copy(io.Discard, c.r.Body)
	}
}

// knownMethod returns a method as the statistics have it.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}
