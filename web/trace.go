package web

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"

	"paycorcred/paycor"
)

// The headers of the W3C trace context.
const (
	headerTrace = "Traceparent"
	headerState = "Tracestate"
)

// traceOf returns the trace a request belongs to, and leaves its headers so
// that they can be passed on as they are: one without a trace, or with one that
// is not well-formed, begins a trace of its own. What else is said about a
// trace that cannot be read is dropped, as the standard wants it.
func traceOf(r *http.Request) paycor.Trace {
	sent := r.Header[headerTrace]
	if len(sent) == 1 {
		if trace, ok := paycor.ParseTrace(sent[0]); ok {
			if plain := trace.String(); plain != sent[0] {
				r.Header.Set(headerTrace, plain) // of a newer version: what we know of it
			}
			return trace
		}
	}
	trace := newTrace()
	r.Header.Set(headerTrace, trace.String())
	r.Header.Del(headerState)
	return trace
}

// newTrace names a trace. Its ids have to differ and need not be secret.
func newTrace() paycor.Trace {
	var trace paycor.Trace
	binary.LittleEndian.PutUint64(trace.ID[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(trace.ID[8:], rand.Uint64()|1) // never all zero
	binary.LittleEndian.PutUint64(trace.Parent[:], rand.Uint64()|1)
	return trace
}
