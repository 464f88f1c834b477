package web

import (
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"strings"
)

// callPattern is the route of calls through a credential, for the log. The
// mux never sees one: it would tidy up the path, which is Paycor's.
const callPattern = "/api/v1/credentials/{id}/paycor/{path...}"

// Calls passes calls on to Paycor.
type Calls interface {
	// Serve passes a request on through a credential and answers it. target is
	// Paycor's path and query, as they stand at the end of the request line.
	// Where Paycor has no part in the answer, fail gives it.
	Serve(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string,
		fail func(http.ResponseWriter, *http.Request, error) int)
}

// callOf takes the request line of a call apart, letter for letter. Only the
// plain form of our own part is one: nothing percent-encoded, no host before it.
func callOf(line string) (credential, target string, is bool) {
	rest, is := strings.CutPrefix(line, apiRoot+"/credentials/")
	if !is {
		return "", "", false
	}
	credential, rest, is = strings.Cut(rest, "/")
	if !is || credential == "" || !strings.HasPrefix(rest, "paycor") {
		return "", "", false
	}
	for i := range len(credential) {
		c := credential[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return "", "", false
		}
	}
	target = rest[len("paycor"):]
	return credential, target, target == "" || target[0] == '/' || target[0] == '?'
}

// passOn serves a call. It is guard for calls: the answer is Paycor's, so it
// has none of the headers that a page or an answer of ours has.
//
// Only an API token opens it, never a session: what comes back is somebody
// else's content, and no browser is to show it as a page of ours.
func (d *door) passOn(w http.ResponseWriter, r *http.Request, credential, target string) {
	begin := d.Clock()
	v := &visit{id: requestID(r), from: d.from(r), pattern: callPattern, trace: traceOf(r)}
	if paycor.IsCredentialID(credential) {
		v.credential = credential
	}
	r = r.WithContext(withVisit(r.Context(), v))
	answer := &answer{ResponseWriter: w}
	answer.Header()["X-Request-Id"] = []string{v.id}
	defer func() {
		end := d.Clock()
		took := end.Sub(begin)
		d.Visited(Visited{Route: callPattern, Method: plainMethod(r.Method), Status: answer.status, Took: took})
		d.logVisit(r, v, answer, end, took)
	}()
	defer d.survive(answer, r)
	if !d.ours(r.Host) {
		d.failCall(answer, r, d.foreignHost())
		return
	}
	if !d.safe(r) {
		d.failCall(answer, r, unsafe())
		return
	}
	caller, err := d.authenticateProgram(r)
	if err != nil {
		d.failCall(answer, r, err)
		return
	}
	d.Calls.Serve(answer, r, caller, credential, target, d.failCall)
}

// authenticateProgram is authenticate without sessions.
func (d *door) authenticateProgram(r *http.Request) (paycor.Caller, error) {
	headers := r.Header["Authorization"]
	if len(headers) == 0 {
		return paycor.Caller{}, refuse(paycor.KindUnauthorized, "Calls to Paycor are for programs. Send one header Authorization: Bearer, a blank, and an API token with the right use, or for GET and HEAD with read.")
	}
	caller, err := d.byToken(r, headers)
	if err == nil && caller.Kind != paycor.CallerConsumer {
		return caller, refuse(paycor.KindForbidden, "Calls to Paycor are for programs with an API token. An embedded page makes none.")
	}
	return caller, err
}

// failCall answers a call with an error of ours, and returns the status.
func (d *door) failCall(w http.ResponseWriter, r *http.Request, err error) int {
	d.commonHeaders(w.Header())
	return d.fail(w, r, err)
}

// crookedCall answers what the mux takes for a call and callOf does not.
func (d *door) crookedCall(http.ResponseWriter, *http.Request) error {
	err := paycor.Errorf(paycor.KindMalformed, "Write the address of the call plainly: without host, and with nothing percent-encoded before /paycor/.")
	err.Code = usage.CodeCallPath
	return err
}
