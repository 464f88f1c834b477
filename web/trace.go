package web

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"paycorcred/paycor/trace"
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
func traceOf(r *http.Request) trace.Trace {
	sent := r.Header[headerTrace]
	if len(sent) == 1 {
		if span, ok := trace.Parse(sent[0]); ok {
			if plain := span.String(); plain != sent[0] {
				r.Header.Set(headerTrace, plain) // of a newer version: what we know of it
			}
			return span
		}
	}
	span := newTrace()
	r.Header.Set(headerTrace, span.String())
	r.Header.Del(headerState)
	return span
}

// newTrace names a trace. Its ids have to differ and need not be secret.
func newTrace() trace.Trace {
	var span trace.Trace
	binary.LittleEndian.PutUint64(span.ID[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(span.ID[8:], rand.Uint64()|1) // never all zero
	binary.LittleEndian.PutUint64(span.Parent[:], rand.Uint64()|1)
	return span
}
