package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/trace"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// visit is what is known of one request while it is served.
type visit struct {
	id      string
	from    string         // the peer's address; a header that claims another one is believed of a declared proxy alone
	caller  *paycor.Caller // nil as long as nobody is known
	pattern string         // of the route; empty where there is none
	access  access         // of the route
	quiet   bool           // what is asked now is no use of the session
	trace   trace.Trace

	credential string // that a call goes through, where what was sent looks like an id; for the log
	code       string // of our own answer, where it is an error
}

type visitKey struct{}

// visitOf returns the visit of a request that came through guard.
func visitOf(r *http.Request) *visit { return r.Context().Value(visitKey{}).(*visit) }

func withVisit(ctx context.Context, v *visit) context.Context {
	return context.WithValue(trace.With(ctx, v.trace), visitKey{}, v)
}

// who returns the caller, or the unknown one.
func (v *visit) who() paycor.Caller {
	if v.caller != nil {
		return *v.caller
	}
	return paycor.Caller{Kind: paycor.CallerUnknown, Workspace: paycor.DefaultWorkspace, From: v.from, RequestID: v.id}
}

// guard stands around everything: it names the request, sets the headers that
// every answer has, keeps a panic from ending more than its request, and logs
// one line. Query, headers and bodies are never logged: secrets come in there.
func (d *door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if credential, target, is := callOf(r.RequestURI); is && d.Calls != nil {
			d.passOn(w, r, credential, target)
			return
		}
		begin := d.Clock()
		v := &visit{id: requestID(r), from: d.from(r), trace: traceOf(r)}
		r = r.WithContext(withVisit(r.Context(), v))
		answer := &answer{ResponseWriter: w}
		d.commonHeaders(answer.Header())
		answer.Header().Set("X-Request-Id", v.id)
		defer func() {
			end := d.Clock()
			took := end.Sub(begin)
			d.Visited(Visited{Route: v.pattern, Method: plainMethod(r.Method), Status: answer.status, Took: took})
			d.logVisit(r, v, answer, end, took)
		}()
		defer d.survive(answer, r)
		next.ServeHTTP(answer, r)
	})
}

// survive answers for a handler that panicked. What a panic says may hold
// anything, so only the runtime's own words and the stack are logged.
func (d *door) survive(w *answer, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	said := fmt.Sprintf("%T", cause)
	if err, ok := cause.(runtime.Error); ok {
		said = err.Error()
	}
	d.Logger.ErrorContext(r.Context(), "handler panicked", "request_id", visitOf(r).id, "panic", said, "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half an answer is out: cut it, so that nobody takes it for a whole one
	}
	d.fail(w, r, fmt.Errorf("handler panicked"))
}

// logVisit writes the line of a request. It goes to the handler without the
// logger, which would find out which line of the program logs, and the time,
// once more for each request.
func (d *door) logVisit(r *http.Request, v *visit, w *answer, end time.Time, took time.Duration) {
	level := slog.LevelInfo
	switch v.pattern {
	case "GET /healthz", "GET /readyz", "GET /metrics":
		level = slog.LevelDebug // they come every few seconds
	}
	handler := d.Logger.Handler()
	if !handler.Enabled(r.Context(), level) {
		return
	}
	caller := ""
	if v.caller != nil {
		caller = v.caller.ID
	}
	record := slog.NewRecord(end, level, "request", 0)
	record.AddAttrs(
		slog.String("request_id", v.id), slog.String("trace_id", hex.EncodeToString(v.trace.ID[:])), slog.String("method", plainMethod(r.Method)), slog.String("route", v.pattern),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Duration("took", took),
		slog.String("from", v.from), slog.String("caller", caller))
	if v.credential != "" {
		record.AddAttrs(slog.String("credential", v.credential))
	}
	if v.code != "" {
		record.AddAttrs(slog.String("code", v.code))
	}
	_ = handler.Handle(r.Context(), record) // there is no other place to complain
}

// plainMethod keeps a made-up method out of the log.
func plainMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}

// requestID takes over the id a proxy gave, where it is short and plain, so
// that it cannot be used to smuggle text into the log; else it makes one, as a
// trace's is made.
func requestID(r *http.Request) string {
	const longest = 36 // a UUID
	id := r.Header.Get("X-Request-Id")
	strange := func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-')
	}
	if id == "" || len(id) > longest || strings.ContainsFunc(id, strange) {
		made := newTrace().ID
		return hex.EncodeToString(made[:])
	}
	return id
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// answer counts what is written, for the log.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
