// Package message holds sentences by key: verdicts, problems and errors contain
// messages instead of text.
//
// A Message names a sentence of the catalogue (package app/locale) and its
// arguments. It is stored and passed on in that form, and becomes text at the
// edge, in the reader's language: the HTTP API renders it for the request's
// Accept-Language, the page and the command line for their own. The package is
// pure and imports the standard library only.
package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Catalogue has the sentences of one language. *locale.Catalogue is one.
type Catalogue interface {
	// Text returns the sentence for a key with the arguments filled in.
	Text(key string, args ...any) string
	// Plural returns the form of a sentence for n, with n filled in.
	Plural(key string, n int, args ...any) string
}

// Message is one sentence. The zero Message is no sentence.
type Message struct {
	Key  string // in the catalogue; empty if there is only text
	Args []any  // string, int or Message, in the order of the English sentence

	plural bool   // Args[0] is the number that chooses the form
	text   string // of a Message that was rendered, or stored by a version without keys
}

// New returns the message for a key. Arguments other than strings, whole numbers
// and messages are formatted with fmt.
func New(key string, args ...any) Message {
	return Message{Key: key, Args: plain(args)}
}

// Count returns the message about n things, in its singular or plural.
func Count(key string, n int) Message {
	return Message{Key: key, Args: []any{n}, plural: true}
}

// Text returns a message that is that text in every language.
func Text(text string) Message { return Message{text: text} }

// Errorf returns an error that is the message for a key. Of returns the message
// again.
func Errorf(key string, args ...any) error { return &sentenceError{message: New(key, args...)} }

// Wrapf returns an error that is the message for a key and wraps a cause.
func Wrapf(cause error, key string, args ...any) error {
	return &sentenceError{New(key, args...), cause}
}

type sentenceError struct {
	message Message
	cause   error
}

// Unwrap returns the cause, or nil.
func (e *sentenceError) Unwrap() error { return e.cause }

// Error returns the key, the arguments and the cause.
func (e *sentenceError) Error() string {
	if e.cause != nil {
		return e.message.String() + ": " + e.cause.Error()
	}
	return e.message.String()
}

// Sentence returns what people read.
func (e *sentenceError) Sentence() Message { return e.message }

// Of returns the message of an error that has one, and otherwise its text.
func Of(err error) Message {
	var carrier interface{ Sentence() Message }
	if errors.As(err, &carrier) {
		return carrier.Sentence()
	}
	return Text(err.Error())
}

// List joins messages as a sentence does: "a, b and c".
func List(items []Message) Message {
	if len(items) == 0 {
		return Message{}
	}
	joined, last := items[0], len(items)-1
	for i, item := range items[1:] {
		key := "list.next"
		if i+1 == last {
			key = "list.last"
		}
		joined = New(key, joined, item)
	}
	return joined
}

func plain(args []any) []any {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string, int, Message:
		case int32:
			args[i] = int(arg)
		case int64:
			args[i] = int(arg)
		default:
			args[i] = fmt.Sprint(arg)
		}
	}
	return args
}

// IsZero reports whether there is no sentence.
func (m Message) IsZero() bool { return m.Key == "" && m.text == "" }

// In returns the sentence in the language of a catalogue.
func (m Message) In(c Catalogue) string {
	if m.Key == "" {
		return m.text
	}
	if m.plural {
		n, _ := m.Args[0].(int)
		return c.Plural(m.Key, n)
	}
	args := make([]any, len(m.Args))
	for i, arg := range m.Args {
		if inner, ok := arg.(Message); ok {
			arg = inner.In(c)
		}
		args[i] = arg
	}
	return c.Text(m.Key, args...)
}

// Rendered returns the message as text in the language of a catalogue.
func (m Message) Rendered(c Catalogue) Message { return Text(m.In(c)) }

// String returns the key and the arguments, for logs.
func (m Message) String() string {
	if m.Key == "" {
		return m.text
	}
	var b strings.Builder
	b.WriteString(m.Key)
	for i, arg := range m.Args {
		b.WriteString([]string{" (", ", "}[min(i, 1)])
		fmt.Fprint(&b, arg)
	}
	if len(m.Args) > 0 {
		b.WriteByte(')')
	}
	return b.String()
}

// stored is the JSON form of a Message that keeps its key.
type stored struct {
	Key    string `json:"key"`
	Args   []any  `json:"args,omitempty"`
	Plural bool   `json:"plural,omitempty"`
}

// MarshalJSON writes text as a string and a key as an object.
func (m Message) MarshalJSON() ([]byte, error) {
	if m.Key == "" {
		return json.Marshal(m.text)
	}
	return json.Marshal(stored{m.Key, m.Args, m.plural})
}

// UnmarshalJSON reads what MarshalJSON wrote. A string is text: the API sends
// rendered sentences, and rows written by versions without keys contain English
// ones.
func (m *Message) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) || string(data) == "null" {
		*m = Message{}
		return json.Unmarshal(data, &m.text)
	}
	var read struct {
		Key    string            `json:"key"`
		Args   []json.RawMessage `json:"args"`
		Plural bool              `json:"plural"`
	}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*m = Message{Key: read.Key}
	for _, raw := range read.Args {
		arg, err := argument(raw)
		if err != nil {
			return err
		}
		m.Args = append(m.Args, arg)
	}
	if read.Plural {
		if len(m.Args) != 1 {
			return errors.New("a plural has one argument, its number")
		}
		m.plural = true
	}
	return nil
}

func argument(raw json.RawMessage) (any, error) {
	switch raw = bytes.TrimSpace(raw); {
	case bytes.HasPrefix(raw, []byte(`"`)):
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case bytes.HasPrefix(raw, []byte(`{`)):
		var inner Message
		err := json.Unmarshal(raw, &inner)
		return inner, err
	}
	var n int
	err := json.Unmarshal(raw, &n)
	return n, err
}
