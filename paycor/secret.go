package paycor

import (
	"encoding/json"
	"fmt"
	"io"
	"unique"
)

// SecretMark is what a Secret prints instead of its value.
const SecretMark = "[secret]"

// MinSecretLength is the length, in bytes, from which a value is treated as a
// secret when texts are searched for it. Shorter values occur in ordinary text
// by chance, and Paycor issues none that short.
const MinSecretLength = 6

// Secret is a value that must not be seen: a Client Secret, an APIM Subscription Key, a
// token. fmt, JSON, slog and errors print it as "[secret]", the zero value as "". Only
// Reveal returns the value, so a search for Reveal finds every place where a secret
// leaves this type. Two Secrets are equal (==) if their values are.
//
// The value is behind a handle and not in a string, because methods do not cover every
// case: fmt calls none of them for a Secret in an unexported field, for %p or for a
// mistaken %w. It then prints the address of the handle.
type Secret struct{ handle unique.Handle[string] }

// NewSecret wraps a value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{unique.Make(value)}
}

// Reveal returns the value. Call it only to seal it, send it to Paycor or check it.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.handle.Value()
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s == Secret{} }

// String returns "[secret]", or "" if there is no value.
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

// MarshalText keeps text encoders such as XML from writing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON keeps JSON from containing the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// GobEncode keeps gob from containing the value.
func (s Secret) GobEncode() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalJSON accepts a secret in a request; it is never written to a response. The
// error for anything but a string, a *json.UnmarshalTypeError, does not repeat the
// value. null leaves the secret unchanged.
func (s *Secret) UnmarshalJSON(data []byte) error {
	value := s.Reveal()
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*s = NewSecret(value)
	return nil
}
