package trace

import (
	"context"
	"encoding/hex"
)

// Trace is the W3C trace context of a request: which trace it belongs to, and
// which span of it asked. https://www.w3.org/TR/trace-context/
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

// ParseTrace reads the value of a traceparent header. Of a version that is
// newer than 00 it reads what 00 has, as the standard wants it.
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
		trace.Flags &= flagSampled // what else a newer version means by it is not known
	}
	return trace, true
}

// lowerHex decodes hex digits, of which the standard takes lower case only.
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

// WithTrace returns a context in which TraceOf finds the trace.
func With(ctx context.Context, trace Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

// TraceOf returns the trace that a request under way belongs to.
func From(ctx context.Context) (Trace, bool) {
	trace, ok := ctx.Value(traceKey{}).(Trace)
	return trace, ok
}
