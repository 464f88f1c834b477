package web

import (
	"cmp"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"

	"paycorcred/paycor"
)

// middleware wraps a handler.
type middleware func(http.Handler) http.Handler

// chain returns the handler for all requests: pages, API and calls to Paycor
// pass the same middleware, outermost first.
func (s *server) chain() http.Handler {
	var handler http.Handler = http.HandlerFunc(s.dispatch)
	layers := []middleware{originForm, compressPages, s.belowBase, s.identify, s.instrument, s.recoverPanics, s.checkHost}
	for i := len(layers) - 1; i >= 0; i-- {
		handler = layers[i](handler)
	}
	return handler
}

// originForm serves requests whose target is an address, as proxies send them, like those
// whose target is a path. Every server has to (RFC 9112, section 3.2.2); the host in it
// counts, and net/http has set it.
func originForm(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.IsAbs() {
			r = r.Clone(r.Context())
			_, target, _ := strings.Cut(r.RequestURI, "://")
			target = target[strings.IndexAny(target+"/", "/?"):]
			if !strings.HasPrefix(target, "/") {
				target = "/" + target
			}
			r.RequestURI, r.URL.Scheme, r.URL.Host, r.URL.Path = target, "", "", cmp.Or(r.URL.Path, "/")
		}
		next.ServeHTTP(w, r)
	})
}

// identify attaches the requestInfo and names the request. A call to Paycor is
// recognized here, by its raw request target: http.ServeMux would clean the
// path, and that part of the path belongs to Paycor.
func (s *server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := &requestInfo{id: requestID(r), base: s.base, clientIP: s.hosts.clientIP(r), trace: traceOf(r)}
		if s.calls.enabled() {
			if call, ok := parseCall(r.RequestURI); ok {
				info.call, info.isCall, info.route = call, true, callPattern
			}
		}
		w.Header().Set("X-Request-Id", info.id)
		if !info.isCall { // the response to a call has Paycor's headers
			s.errors.headers.set(w.Header())
		}
		next.ServeHTTP(w, r.WithContext(withRequestInfo(r.Context(), info)))
	})
}

// instrument measures and logs each request.
func (s *server) instrument(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, recorder := s.clock(), &responseRecorder{ResponseWriter: w}
		defer func() {
			end, info := s.clock(), infoOf(r)
			duration := end.Sub(start)
			s.observe(RequestStats{Route: info.route, Method: knownMethod(r.Method), Status: recorder.status, Duration: duration})
			logRequest(s.errors.logger, r, recorder, end, duration)
		}()
		next.ServeHTTP(recorder, r)
	})
}

// recoverPanics turns a panic into an internal error. The panic value may
// contain secrets, so the log gets only its type, or the text if the runtime
// itself panicked, and the stack.
func (s *server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			text := fmt.Sprintf("%T", cause)
			if err, ok := cause.(runtime.Error); ok {
				text = err.Error()
			}
			s.errors.logger.ErrorContext(r.Context(), "handler panicked", "request_id", infoOf(r).id, "panic", text, "stack", string(debug.Stack()))
			if recorder, ok := w.(*responseRecorder); ok && recorder.status != 0 {
				panic(http.ErrAbortHandler) // closes the connection, so that no client mistakes a partial body for a whole one
			}
			s.errors.write(w, r, fmt.Errorf("handler panicked"))
		}()
		next.ServeHTTP(w, r)
	})
}

// checkHost rejects requests for another host name and requests without TLS. A
// page of another site that points its own name at this machine (DNS
// rebinding) sends that name. Health probes and scrapes come by IP address and are
// exempt; a scrape then needs an API token, which no browser sends by itself.
func (s *server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isProbe(r) {
			host, err := s.hosts.check(r)
			if err != nil {
				s.errors.write(w, r, err)
				return
			}
			r.Host = host
		}
		next.ServeHTTP(w, r)
	})
}

// isProbe reports whether a request is a health probe, or a scrape with a token.
func isProbe(r *http.Request) bool {
	if infoOf(r).isCall {
		return false
	}
	switch r.URL.Path {
	case "/healthz", "/readyz":
		return true
	case "/metrics":
		return len(r.Header["Authorization"]) > 0
	}
	return false
}

// dispatch passes calls to the proxy and everything else to the router.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	if infoOf(r).isCall {
		s.calls.serve(w, r)
		return
	}
	if err := s.router.serve(w, r); err != nil {
		s.errors.write(w, r, err)
	}
}

// withCaller records the caller in the requestInfo, and the request in the
// caller, from which the audit trail takes it.
func withCaller(r *http.Request, caller paycor.Caller) paycor.Caller {
	info := infoOf(r)
	caller.From, caller.RequestID = info.clientIP, info.id
	info.caller = &caller
	return caller
}
