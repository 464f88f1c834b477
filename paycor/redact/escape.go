package redact

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// layer is a text with some layers of escaping removed. It records the original
// position of each of its bytes.
type layer struct {
	text string
	at   []int // one more than bytes; the last is the end of the original
}

// plain returns the text as it is, without removing escapes.
func plain(text string) layer {
	at := make([]int, len(text)+1)
	for i := range at {
		at[i] = i
	}
	return layer{text, at}
}

// cover marks the original bytes of the range from…to.
func (l layer) cover(covered []bool, from, to int) {
	for i := l.at[from]; i < l.at[to]; i++ {
		covered[i] = true
	}
}

// unescape removes one layer of escaping of any kind: %2F in a URL, \/ and \u002F in
// JSON, &#47; and &amp; in HTML.
func (l layer) unescape() layer {
	var b strings.Builder
	at := make([]int, 0, len(l.at))
	for i := 0; i < len(l.text); {
		decoded, width := escape(l.text[i:])
		if width == 0 {
			decoded, width = l.text[i:i+1], 1
		}
		b.WriteString(decoded)
		for range len(decoded) {
			at = append(at, l.at[i])
		}
		i += width
	}
	return layer{b.String(), append(at, l.at[len(l.text)])}
}

// escape decodes the escape at the start of the text and returns its width, or 0 if
// there is none.
func escape(text string) (decoded string, width int) {
	switch text[0] {
	case '%':
		if code, ok := hexCode(text, 1, 2); ok {
			return string([]byte{byte(code)}), 3
		}
		if strings.HasPrefix(text, "%u") {
			if code, ok := hexCode(text, 2, 4); ok {
				return string(code), 6
			}
		}
	case '\\':
		return backslash(text)
	case '&':
		return entity(text)
	}
	return "", 0
}

// backslash decodes an escape of JSON or of a programming language.
func backslash(text string) (string, int) {
	if len(text) < 2 {
		return "", 0
	}
	switch text[1] {
	case '/', '\\', '"', '\'':
		return text[1:2], 2
	case 'x':
		if code, ok := hexCode(text, 2, 2); ok {
			return string(code), 4
		}
	case 'u':
		high, ok := hexCode(text, 2, 4)
		if !ok {
			return "", 0
		}
		if strings.HasPrefix(text[6:], `\u`) {
			if low, ok := hexCode(text, 8, 4); ok && 0xd800 <= high && high < 0xdc00 && 0xdc00 <= low && low < 0xe000 {
				return string(0x10000 + (high-0xd800)<<10 + (low - 0xdc00)), 12
			}
		}
		return string(high), 6
	}
	return "", 0
}

// entity decodes an HTML character reference.
func entity(text string) (string, int) {
	const longest = len("&#x10ffff;")
	end := strings.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return "", 0
	}
	name := strings.ToLower(text[1:end])
	switch name {
	case "amp":
		return "&", end + 1
	case "lt":
		return "<", end + 1
	case "gt":
		return ">", end + 1
	case "quot":
		return `"`, end + 1
	case "apos":
		return "'", end + 1
	}
	number, numeric := strings.CutPrefix(name, "#")
	if !numeric {
		return "", 0
	}
	base := 10
	if digits, ok := strings.CutPrefix(number, "x"); ok {
		number, base = digits, 16
	}
	code, err := strconv.ParseUint(number, base, 32)
	if err != nil || code > utf8.MaxRune {
		return "", 0
	}
	return string(rune(code)), end + 1
}

// hexCode decodes hexadecimal digits at an offset.
func hexCode(text string, from, digits int) (rune, bool) {
	if len(text) < from+digits {
		return 0, false
	}
	code, err := strconv.ParseUint(text[from:from+digits], 16, 32)
	return rune(code), err == nil
}
