package paycor

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// secretMark is what a Secret shows of itself on every road out.
const secretMark = "[secret]"

// Secret is a value that must not be seen: a Client Secret, an APIM
// Subscription Key, a token. It shows itself as "[secret]" to fmt, JSON, slog
// and errors; the zero value shows itself as "". Only Reveal gives the value,
// so a search for Reveal finds every place where a secret leaves this type.
type Secret struct{ value string }

// NewSecret wraps value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value itself. Call it only where the value is sealed,
// sent to Paycor, or checked.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == "" }

// String returns "[secret]", or "" where there is no value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return secretMark
}

// GoString keeps %#v from printing the value.
func (s Secret) GoString() string { return s.String() }

// Format keeps every verb of fmt from printing the value, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue keeps slog from printing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders of text, XML among them, from writing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON keeps JSON from carrying the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// GobEncode keeps gob from carrying the value.
func (s Secret) GobEncode() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalJSON reads a value that somebody sent. A secret may come in; it
// never goes out again.
func (s *Secret) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &s.value) }
