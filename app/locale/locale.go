// Package locale holds the sentences people read, by key and language.
//
// Sentences live in JSON files: flat objects of keys and fmt formats, sorted by
// key. Each language has three of them, so that the browser's program stays
// small: en.json for the page, en.domain.json for what page and server both say
// (problems, verdicts, labels), and en.server.json for the API, the sign-in
// pages and the command line. Formats may number their arguments
// ("%[2]s"), so that a translation can reorder them. The page, the HTTP API and
// the command line all take their sentences from here, so the package imports
// the standard library only.
package locale

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Catalogue is the sentences of one language. It is read-only after Parse, so
// any number of goroutines may use it.
type Catalogue struct {
	tag       string
	sentences map[string]string
}

// Parse reads a catalogue from JSON texts, each a flat object of keys and
// formats. tag is its BCP 47 language tag. An empty text is ignored if another
// one has sentences.
func Parse(tag string, texts ...string) (*Catalogue, error) {
	c := &Catalogue{tag: tag}
	for i, text := range texts {
		if text == "" && i > 0 {
			continue
		}
		if err := json.Unmarshal([]byte(text), &c.sentences); err != nil {
			return nil, fmt.Errorf("reading the %s catalogue: %w", tag, err)
		}
	}
	return c, nil
}

// Tag returns the BCP 47 tag of the catalogue's language, such as "en".
func (c *Catalogue) Tag() string { return c.tag }

// Has reports whether the catalogue itself has a sentence for a key.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.sentences[key]
	return ok
}

// Keys returns all keys, sorted.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.sentences)) }

// Text returns the sentence for a key with the arguments filled in. A key
// without a sentence falls back to English, then to the key itself.
func (c *Catalogue) Text(key string, args ...any) string {
	format, ok := c.sentences[key]
	if !ok {
		if c != English {
			return English.Text(key, args...)
		}
		return key
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Plural returns the form of a sentence for n: key.one or key.other. Without
// args, the only argument is Number(n), a string. The forms follow the CLDR
// cardinal rules, which are the same for whole numbers in English and Spanish.
func (c *Catalogue) Plural(key string, n int, args ...any) string {
	if n == 1 {
		key += ".one"
	} else {
		key += ".other"
	}
	if len(args) == 0 {
		args = []any{c.Number(n)}
	}
	text := c.Text(key)
	if !strings.Contains(text, "%") {
		return text // a singular may leave the number out: "yesterday"
	}
	return fmt.Sprintf(text, args...)
}

// Number writes n with its digits in groups of three, as English and Latin
// American Spanish do: 12,345.
func (c *Catalogue) Number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
