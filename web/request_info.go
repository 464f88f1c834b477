package web

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/trace"
)

// requestInfo is what the middleware and the handlers know about a request.
type requestInfo struct {
	id         string
	base       string         // path of the public URL, without a slash at its end
	clientIP   string         // forwarded only by a trusted proxy
	caller     *paycor.Caller // nil until authenticated
	route      string         // pattern of the route; empty if none matched
	policy     routePolicy    // of the route
	language   string         // tag that was chosen earlier; empty if none was
	theme      api.Theme      // of a page
	background bool           // further authentications are no activity of the session
	trace      trace.Trace
	isCall     bool
	call       call   // valid if isCall
	errorCode  string // of our own error response
}

type requestInfoKey struct{}

// infoOf returns the requestInfo that the middleware attached.
func infoOf(r *http.Request) *requestInfo {
	return r.Context().Value(requestInfoKey{}).(*requestInfo)
}

func withRequestInfo(ctx context.Context, info *requestInfo) context.Context {
	return context.WithValue(trace.With(ctx, info.trace), requestInfoKey{}, info)
}

// callerOrUnknown returns the caller, or an unauthenticated one for the audit
// trail.
func (i *requestInfo) callerOrUnknown() paycor.Caller {
	if i.caller != nil {
		return *i.caller
	}
	return paycor.Caller{Kind: paycor.CallerUnknown, Workspace: paycor.DefaultWorkspace, From: i.clientIP, RequestID: i.id}
}

// credential returns the credential a call goes through if it is well-formed,
// so that nothing else a caller sends reaches the log.
func (i *requestInfo) credential() string {
	if i.isCall && paycor.IsCredentialID(i.call.credential) {
		return i.call.credential
	}
	return ""
}

// requestID returns the client's X-Request-Id if it is short and alphanumeric,
// which keeps arbitrary text out of the log, or else a random one.
func requestID(r *http.Request) string {
	const maxLength = 36 // a UUID
	id := r.Header.Get("X-Request-Id")
	invalid := func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-')
	}
	if id == "" || len(id) > maxLength || strings.ContainsFunc(id, invalid) {
		random := newTrace().ID
		return hex.EncodeToString(random[:])
	}
	return id
}

// remoteIP returns the address of the peer, which may be a proxy.
func remoteIP(r *http.Request) string {
	if address, ok := nodeAddress(r.RemoteAddr); ok {
		return address.String()
	}
	return r.RemoteAddr
}

// knownMethod keeps invented methods out of log and metrics.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}
