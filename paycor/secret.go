package paycor

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// SecretMark is what a Secret prints instead of its value.
const SecretMark = "[secret]"

// MinSecretLength is the length, in bytes, from which a value is treated as a
// secret when texts are searched for it. Shorter values occur in ordinary text
// by chance, and Paycor issues none that short.
const MinSecretLength = 6

// Secret is a value that must not be seen: a Client Secret, an APIM
// Subscription Key, a token. It shows itself as "[secret]" to fmt, JSON, slog
// and errors; the zero value shows itself as "". Only Reveal gives the value,
// so a search for Reveal finds every place where a secret leaves this type.
// Two Secrets are equal (==) when their values are.
//
// The value stands behind a handle, and not in a string, because methods do
// not guard every road: fmt calls none of them for a Secret in an unexported
// field, nor for %p and a mistaken %w. It then prints the handle's address.
type Secret struct{ handle unique.Handle[string] }

// NewSecret wraps value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{unique.Make(value)}
}

// Reveal returns the value itself. Call it only where the value is sealed,
// sent to Paycor, or checked.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.handle.Value()
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s == Secret{} }

// String returns "[secret]", or "" where there is no value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return SecretMark
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
// never goes out again. The error, a *json.UnmarshalTypeError for anything but
// a string, does not repeat it. Like a string, it is left as it is by null.
func (s *Secret) UnmarshalJSON(data []byte) error {
	value := s.Reveal()
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*s = NewSecret(value)
	return nil
}
