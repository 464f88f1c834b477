package trace

import (
	"context"
	"encoding/hex"
)

// Trace is the W3C trace context of a request: its trace and the calling span.
// https://www.w3.org/TR/trace-context/
type Trace struct {
	ID     [16]byte
	Parent [8]byte
	Flags  byte
}

// Lengths of a traceparent header of version 00.
const (
	traceLength = 55
	flagSampled = 1
)

// Parse parses a traceparent header. Of a version newer than 00 it reads what 00 has, as
// the standard requires.
func Parse(header string) (Trace, bool) {
	var trace Trace
	var version, flags [1]byte
	if len(header) < traceLength || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return Trace{}, false
	}
	whole := lowerHex(version[:], header[0:2]) && lowerHex(trace.ID[:], header[3:35]) &&
		lowerHex(trace.Parent[:], header[36:52]) && lowerHex(flags[:], header[53:55])
	switch {
	case !whole, version[0] == 0xff, trace.ID == [16]byte{}, trace.Parent == [8]byte{}:
		return Trace{}, false
	case version[0] == 0 && len(header) != traceLength, len(header) > traceLength && header[traceLength] != '-':
		return Trace{}, false
	}
	if trace.Flags = flags[0]; version[0] != 0 {
		trace.Flags &= flagSampled // other flags of newer versions are unknown
	}
	return trace, true
}

// lowerHex decodes hex digits, which the standard requires in lower case.
func lowerHex(into []byte, text string) bool {
	for i := range len(text) {
		if c := text[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	_, err := hex.Decode(into, []byte(text))
	return err == nil
}

// String returns the trace as a traceparent header of version 00.
func (t Trace) String() string {
	var text [traceLength]byte
	text[0], text[1], text[2], text[35], text[52] = '0', '0', '-', '-', '-'
	hex.Encode(text[3:35], t.ID[:])
	hex.Encode(text[36:52], t.Parent[:])
	hex.Encode(text[53:55], []byte{t.Flags})
	return string(text[:])
}

type traceKey struct{}

// With returns a context in which From finds the trace.
func With(ctx context.Context, trace Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

// From returns the trace of the context.
func From(ctx context.Context) (Trace, bool) {
	trace, ok := ctx.Value(traceKey{}).(Trace)
	return trace, ok
}
