package paycor

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// shortestRedacted is the length, in bytes, from which a secret is taken out
// of a text. A shorter one would take ordinary words along, so a text that
// holds it is withheld whole.
const shortestRedacted = 6

// MaxDetail is the longest text of Paycor's that is kept, in characters.
const MaxDetail = 300

// Redactor makes somebody else's text safe to show, store and log: it takes
// out the secrets of one request in every spelling in which a server is
// likely to echo them.
type Redactor struct {
	short     []string
	spellings []string
}

// NewRedactor returns a redactor that knows these secrets. Empty ones are
// passed over.
func NewRedactor(secrets ...Secret) Redactor {
	var r Redactor
	for _, secret := range secrets {
		value := secret.Reveal()
		switch {
		case value == "":
		case len(value) < shortestRedacted:
			r.short = append(r.short, value)
		default:
			r.spellings = append(r.spellings, spellings(value)...)
		}
	}
	// Longest first, so that no spelling is cut in two by a shorter one.
	slices.SortFunc(r.spellings, func(a, b string) int { return len(b) - len(a) })
	r.spellings = slices.Compact(r.spellings)
	return r
}

// Redact returns text without the secrets, on one line, and no longer than
// MaxDetail characters.
func (r Redactor) Redact(text string) string {
	text = strings.ToValidUTF8(text, "")
	for _, value := range r.short {
		if strings.Contains(text, value) {
			return "[withheld: it repeats a secret]"
		}
	}
	for _, spelling := range r.spellings {
		text = replaceFold(text, spelling, secretMark)
	}
	text = strings.Join(strings.Fields(strings.Map(dropHidden, text)), " ")
	if utf8.RuneCountInString(text) > MaxDetail {
		text = string([]rune(text)[:MaxDetail]) + "…"
	}
	return text
}

// spellings returns the ways in which value may stand in a text.
func spellings(value string) []string {
	quoted, _ := json.Marshal(value)
	inner := string(quoted[1 : len(quoted)-1])
	found := []string{
		value, inner,
		strings.ReplaceAll(value, "/", `\/`), // PHP and .NET escape the slash in JSON
		url.QueryEscape(value), url.PathEscape(value),
		url.QueryEscape(url.QueryEscape(value)),
		hex.EncodeToString([]byte(value)),
	}
	// In base64 the value may begin at any of three places in a group; the
	// letters that depend on the neighbours are left off.
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
			found = append(found, encoded[(shift*8+5)/6:(shift+len(value))*8/6])
		}
	}
	return found
}

// replaceFold replaces every occurrence of old, upper and lower case alike:
// %2F and %2f are the same, and a key is the same in capitals.
func replaceFold(text, old, with string) string {
	lower, old := lowerASCII(text), lowerASCII(old)
	var b strings.Builder
	for {
		at := strings.Index(lower, old)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at])
		b.WriteString(with)
		text, lower = text[at+len(old):], lower[at+len(old):]
	}
}

// lowerASCII lowers the ASCII letters only, so that no offset moves.
func lowerASCII(text string) string {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}
