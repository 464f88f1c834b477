package web

import (
	"net/http"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/usage"
)

// callPattern is the route of calls to Paycor in log and metrics. The mux sees
// only malformed ones; see identify.
const callPattern = "/api/v1/credentials/{id}/paycor/{path...}"

// Calls forwards calls to Paycor.
type Calls interface {
	// Serve forwards a request with a credential and writes the response. target
	// is Paycor's path and query exactly as in the request line. If there is no
	// response from Paycor, Serve writes the error with fail.
	Serve(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string,
		fail func(http.ResponseWriter, *http.Request, error) int)

	// TestCall reads from Paycor for a person, whose request this is, and returns the
	// response as data. If there is no response from Paycor, it calls fail with the error
	// and takes the status from it.
	TestCall(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string,
		fail func(http.ResponseWriter, *http.Request, error) int) api.TestResponse
}

// call is a parsed call to Paycor.
type call struct{ credential, target string }

// parseCall splits the request target of a call without decoding any of it. It
// accepts our own part of the path in its canonical form only: no host, nothing
// percent-encoded.
func parseCall(requestTarget string) (call, bool) {
	rest, ok := strings.CutPrefix(requestTarget, apiRoot+"/credentials/")
	if !ok {
		return call{}, false
	}
	credential, rest, ok := strings.Cut(rest, "/")
	if !ok || credential == "" || !strings.HasPrefix(rest, "paycor") {
		return call{}, false
	}
	for i := range len(credential) {
		c := credential[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return call{}, false
		}
	}
	target := rest[len("paycor"):]
	return call{credential, target}, target == "" || target[0] == '/' || target[0] == '?'
}

// callHandlers serves calls to Paycor. Forwarded ones require an API token, never a
// session: the response is third-party content that no browser may treat as a
// page of ours.
type callHandlers struct {
	auth    *authenticator
	errors  *errorWriter
	forward Calls
}

func (h *callHandlers) enabled() bool { return h.forward != nil }

func (h *callHandlers) serve(w http.ResponseWriter, r *http.Request) {
	caller, err := h.auth.program(r)
	if err != nil {
		h.errors.write(w, r, err)
		return
	}
	call := infoOf(r).call
	h.forward.Serve(w, r, caller, call.credential, call.target, h.errors.write)
}

// test makes a call for a person. The response is in JSON, so that it is no page.
func (h *callHandlers) test(w http.ResponseWriter, r *http.Request, _ api.Service, id string) error {
	if !h.enabled() {
		return notFound(r)
	}
	var target string
	if err := readJSON(w, r, targets{"target": &target}, bodyRequired); err != nil {
		return err
	}
	caller, err := limit(r, *infoOf(r).caller)
	if err != nil {
		return err
	}
	var failure error
	response := h.forward.TestCall(w, r, caller, id, target, func(_ http.ResponseWriter, r *http.Request, err error) int {
		failure = err
		return problemOf(localeOf(r), err, infoOf(r).id).Status
	})
	if failure != nil {
		return failure
	}
	return writeJSON(w, http.StatusOK, response)
}

// malformed responds to requests that match callPattern but not parseCall.
func (h *callHandlers) malformed(http.ResponseWriter, *http.Request) error {
	err := paycor.Errorf(paycor.KindMalformed, "call.address")
	err.Code = usage.CodeCallPath
	return err
}
