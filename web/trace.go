package web

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"

	"paycorcred/paycor/trace"
)

// Headers of W3C Trace Context.
const (
	traceparentHeader = "Traceparent"
	tracestateHeader  = "Tracestate"
)

// traceOf returns the trace of a request. It also updates the trace headers so
// that they can be forwarded. A request with a missing or malformed traceparent
// starts a new trace; its tracestate is then dropped, as the standard requires.
func traceOf(r *http.Request) trace.Trace {
	sent := r.Header[traceparentHeader]
	if len(sent) == 1 {
		if span, ok := trace.Parse(sent[0]); ok {
			if plain := span.String(); plain != sent[0] {
				r.Header.Set(traceparentHeader, plain) // a newer version: keep the part we understand
			}
			return span
		}
	}
	span := newTrace()
	r.Header.Set(traceparentHeader, span.String())
	r.Header.Del(tracestateHeader)
	return span
}

// newTrace returns random IDs. They must be unique, but need not be
// unpredictable.
func newTrace() trace.Trace {
	var span trace.Trace
	binary.LittleEndian.PutUint64(span.ID[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(span.ID[8:], rand.Uint64()|1) // never all zero
	binary.LittleEndian.PutUint64(span.Parent[:], rand.Uint64()|1)
	return span
}
