package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"paycorcred/paycor"
)

const (
	// minPrefix is the length, in bytes, from which the start of a secret is redacted at
	// the end of a truncated text.
	minPrefix = 8

	// minEncoded is the length, in letters, from which encodings of a short
	// secret are searched for. Shorter ones match by chance.
	minEncoded = 4

	// maxRead is how much of a text is read, in bytes: enough to fill MaxDetail, and
	// little enough that an endless page costs nothing.
	maxRead = 64 << 10

	// maxEscapeDepth is how many layers of escaping are removed, such as JSON in a JSON
	// string in a URL.
	maxEscapeDepth = 3

	withheld = "[withheld: it repeats a secret]"
)

// MaxDetail is the longest text from Paycor that is kept, in characters.
const MaxDetail = 300

// Redactor makes external text safe to show, store and log: it removes the
// secrets of one request in every encoding in which a server is likely to echo
// them, in upper or lower case. The zero value knows no secrets.
type Redactor struct {
	known func() spellings // a function, because fmt prints values in fields
}

// spellings are the encodings of the secrets in lower case, before any escaping.
type spellings struct {
	long  []string // are removed
	short []string // withhold the whole text
}

// New returns a redactor that knows these secrets. Empty ones are ignored.
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

// With returns a redactor for additional secrets.
func (r Redactor) With(secrets ...paycor.Secret) Redactor {
	more := New(secrets...).known()
	if r.known != nil {
		known := r.known()
		more.long = append(slices.Clone(known.long), more.long...)
		more.short = append(slices.Clone(known.short), more.short...)
	}
	return Redactor{func() spellings { return more }}
}

// Redact returns the text without the secrets, on one line and at most MaxDetail
// characters long.
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

// Remove returns the text without the secrets and without invalid and invisible characters,
// with all its lines. It reads the first 64 KB.
func (r Redactor) Remove(text string) string {
	text = strings.Map(paycor.DropInvisible, strings.ToValidUTF8(text[:min(len(text), maxRead)], ""))
	if r.known == nil {
		return text
	}
	covered, short := r.known().find(text)
	if short {
		return withheld
	}
	return cover(text, covered)
}

// oneLine drops invalid and invisible characters, which could split a secret.
func oneLine(text string) string {
	text = strings.Map(paycor.DropInvisible, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// find returns which bytes of the text belong to a secret, and whether it contains a
// short one. It searches the text as it is and with up to maxEscapeDepth layers of
// escaping removed.
func (s spellings) find(text string) (covered []bool, short bool) {
	covered = make([]bool, len(text))
	layer := plain(text)
	for range maxEscapeDepth + 1 {
		lower := lowerASCII(layer.text)
		whole := withoutCutEscape(lower)
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
			if n := cutOff(whole, value); n > 0 {
				layer.cover(covered, len(whole)-n, len(lower))
			}
		}
		layer = layer.unescape()
	}
	return covered, false
}

// withoutCutEscape returns a text without an escape that its end cuts off.
func withoutCutEscape(text string) string {
	const longest = len(`\ud83d\ude00`)
	for i := len(text) - 1; i >= max(0, len(text)-longest); i-- {
		if !strings.ContainsRune(`\%&`, rune(text[i])) {
			continue
		}
		if _, width := escape(text[i:]); width == 0 {
			return text[:i]
		}
		return text
	}
	return text
}

// cutOff returns how much of the start of value the text ends with, if that is long
// enough to matter.
func cutOff(text, value string) int {
	for n := min(len(value)-1, len(text)); n >= minPrefix; n-- {
		if strings.HasSuffix(text, value[:n]) {
			return n
		}
	}
	return 0
}

// cover replaces each covered range by one mark.
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

// spell returns the encodings of value that unescaping does not undo and that have at
// least the given length. For a value that itself looks escaped it includes the
// unescaped forms, because unescaping a text with it may go too far.
func spell(value string, shortest int) []string {
	quoted, _ := json.Marshal(value)
	ways := []string{
		strings.ReplaceAll(value, " ", "+"),
		string(quoted[1 : len(quoted)-1]),
		url.QueryEscape(value), url.PathEscape(value),
		hex.EncodeToString([]byte(value)),
	}
	// In base64 the value may start at any of three offsets in a group. The letters
	// that depend on neighboring bytes are left off.
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

// lowerASCII lowers ASCII letters only, so that no offset changes.
func lowerASCII(text string) string {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}
