package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"paycorcred/paycor"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// shortestPiece is the length, in bytes, from which the beginning of a
	// secret is taken out where a text was cut off in the middle of it.
	minPrefix = 8

	// shortestCode is the length, in letters, from which a short secret's
	// encoding is looked for: less turns up by chance.
	minEncoded = 4

	// longestRead is how much of a text is looked at, in bytes: enough to fill
	// MaxDetail, and little enough that an endless page costs nothing.
	maxRead = 64 << 10

	// deepestEscape is how often a spelling may be escaped over another, as in
	// JSON in a string of JSON in a URL.
	maxEscapeDepth = 3

	withheld = "[withheld: it repeats a secret]"
)

// MaxDetail is the longest text of Paycor's that is kept, in characters.
const MaxDetail = 300

// Redactor makes somebody else's text safe to show, store and log: it takes
// out the secrets of one request in every spelling in which a server is
// likely to echo them, upper or lower case. The zero value knows no secret.
type Redactor struct {
	known func() spellings // a function, for fmt prints what it finds in a field
}

// spellings are the ways in which secrets may stand in a text, in lower case
// and before any escaping.
type spellings struct {
	long  []string // are taken out
	short []string // withhold the text
}

// NewRedactor returns a redactor that knows these secrets. Empty ones are
// passed over.
func New(secrets ...paycor.Secret) Redactor {
	known := spellings{}
	for _, secret := range secrets {
		value := secret.Reveal()
		for _, value := range []string{value, oneLine(value)} {
			switch {
			case value == "":
			case len(value) < paycor.MinSecretLength:
				known.short = append(known.short, spell(value, minEncoded)...)
			default:
				known.long = append(known.long, spell(value, paycor.MinSecretLength)...)
			}
		}
	}
	slices.Sort(known.long)
	known.long = slices.Compact(known.long)
	return Redactor{func() spellings { return known }}
}

// With returns a redactor that knows more secrets.
func (r Redactor) With(secrets ...paycor.Secret) Redactor {
	more := New(secrets...).known()
	if r.known != nil {
		known := r.known()
		more.long = append(slices.Clone(known.long), more.long...)
		more.short = append(slices.Clone(known.short), more.short...)
	}
	return Redactor{func() spellings { return more }}
}

// Redact returns text without the secrets, on one line, and no longer than
// MaxDetail characters.
func (r Redactor) Redact(text string) string {
	text = oneLine(text[:min(len(text), maxRead)])
	if r.known != nil {
		covered, short := r.known().find(text)
		if short {
			return withheld
		}
		text = cover(text, covered)
	}
	if utf8.RuneCountInString(text) > MaxDetail {
		text = string([]rune(text)[:MaxDetail]) + "…"
	}
	return text
}

// oneLine drops what is no text and what nobody sees: a secret with such a
// thing in the middle is a secret still.
func oneLine(text string) string {
	text = strings.Map(paycor.DropInvisible, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// find tells which bytes of the text are part of a secret, and whether it
// holds a short one. It looks at the text as it stands and with one, two and
// more layers of escaping undone.
func (s spellings) find(text string) (covered []bool, short bool) {
	covered = make([]bool, len(text))
	layer := plain(text)
	for range maxEscapeDepth + 1 {
		lower := lowerASCII(layer.text)
		for _, value := range s.short {
			if strings.Contains(lower, value) {
				return nil, true
			}
		}
		for _, value := range s.long {
			for at := 0; ; at += len(value) {
				next := strings.Index(lower[at:], value)
				if next < 0 {
					break
				}
				at += next
				layer.cover(covered, at, at+len(value))
			}
			if n := cutOff(lower, value); n > 0 {
				layer.cover(covered, len(lower)-n, len(lower))
			}
		}
		layer = layer.unescape()
	}
	return covered, false
}

// cutOff returns how much of the value's beginning the text ends with, where
// it is enough to matter.
func cutOff(text, value string) int {
	for n := min(len(value)-1, len(text)); n >= minPrefix; n-- {
		if strings.HasSuffix(text, value[:n]) {
			return n
		}
	}
	return 0
}

// cover puts one mark in the place of each covered stretch.
func cover(text string, covered []bool) string {
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !covered[i]:
			b.WriteByte(text[i])
		case i == 0 || !covered[i-1]:
			b.WriteString(paycor.SecretMark)
		}
	}
	return b.String()
}

// spell returns the ways to write value that unescaping does not undo, those
// of at least the shortest length. A value that looks escaped itself is among
// them in its escapes and without them: unescaping a text that holds it may
// go too far.
func spell(value string, shortest int) []string {
	quoted, _ := json.Marshal(value)
	ways := []string{
		strings.ReplaceAll(value, " ", "+"),
		string(quoted[1 : len(quoted)-1]),
		url.QueryEscape(value), url.PathEscape(value),
		hex.EncodeToString([]byte(value)),
	}
	// In base64 the value may begin at any of three places in a group; the
	// letters that depend on the neighbours are left off.
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
			ways = append(ways, encoded[(shift*8+5)/6:(shift+len(value))*8/6])
		}
	}
	for bare, depth := plain(value), 0; depth < maxEscapeDepth; depth++ {
		bare = bare.unescape()
		ways = append(ways, bare.text)
	}
	ways = slices.DeleteFunc(ways, func(way string) bool { return len(way) < shortest })
	ways = append(ways, value)
	for i, way := range ways {
		ways[i] = lowerASCII(way)
	}
	return ways
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
