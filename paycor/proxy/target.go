package proxy

import (
	"net/url"
	"strings"
)

// checkTarget checks a path and query that are to be Paycor's, as they are on
// the request line. They are forwarded byte for byte or not at all.
func checkTarget(target string) error {
	path, query, _ := strings.Cut(target, "?")
	if err := checkPath(path); err != nil {
		return err
	}
	return checkQuery(query)
}

func checkPath(path string) error {
	if path == "" || path[0] != '/' {
		return errPath("call.path-missing")
	}
	dots, escapes := false, false
	for i := range len(path) {
		switch c := path[i]; {
		case c <= ' ' || c > '~' || c == '\\' || c == '#':
			return errPath("call.path-unencoded")
		case c == '%':
			escapes = true
		case c == '.':
			dots = true
		}
	}
	if strings.HasPrefix(path, "//") {
		return errPath("call.path-slashes")
	}
	if !dots && !escapes {
		return nil
	}
	return checkDecodings(path)
}

// maxDecodings is how often a path may be encoded on top of itself. No server decodes that
// often, and no client has a reason to encode more than twice.
const maxDecodings = 4

// checkDecodings checks the path as a server may read it that decodes it once
// or several times, treats a backslash as a slash, or accepts other spellings of dots.
func checkDecodings(path string) error {
	if _, err := url.PathUnescape(path); err != nil {
		return errPath("call.path-percent")
	}
	for range maxDecodings {
		if isOverlong(path) {
			return errPath("call.path-overlong")
		}
		plain := plainSeparators.Replace(path)
		if strings.HasPrefix(plain, "//") {
			return errPath("call.path-encoded-slash")
		}
		for segment := range strings.SplitSeq(plain, "/") {
			if segment, _, _ = strings.Cut(segment, ";"); segment == "." || segment == ".." {
				return errPath("call.path-dots")
			}
		}
		decoded := unescapeLenient(path) // a literal percent sign need not keep a server from decoding the rest
		if decoded == path {
			return nil
		}
		if strings.ContainsFunc(decoded, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return errPath("call.path-control")
		}
		path = decoded
	}
	return errPath("call.path-encodings")
}

// plainSeparators replaces what some servers read as a dot or a slash, such as by
// converting it to another character set.
var plainSeparators = strings.NewReplacer(
	`\`, "/", "\uff0f", "/", "\uff3c", "/", "\u2215", "/", "\u2044", "/", "\u29f8", "/", "\u2216", "/",
	"\uff0e", ".", "\u2024", ".", "\ufe52", ".", "\u2025", "..",
)

// isOverlong reports whether text has a character in more bytes of UTF-8 than it needs, as
// in C0 AE for a dot. Decoders that accept it see the dot.
func isOverlong(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		next := text[i+1]
		if next < 0x80 || next > 0xbf { // no continuation byte
			continue
		}
		switch lead := text[i]; {
		case lead == 0xc0, lead == 0xc1, lead == 0xe0 && next < 0xa0, lead == 0xf0 && next < 0x90, lead >= 0xf8:
			return true
		}
	}
	return false
}

func checkQuery(query string) error {
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' || c == '#' {
			return errQuery("call.query-unencoded")
		}
	}
	if !strings.ContainsAny(query, "%kK") { // every spelling of the key's name has one of these
		return nil
	}
	for name := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' || r == '?' }) {
		name, _, _ = strings.Cut(name, "=")
		if isKeyParameter(name) {
			return errQuery("call.query-key")
		}
	}
	return nil
}

// isKeyParameter reports whether a query parameter is the subscription key, in
// any spelling and encoded any number of times.
func isKeyParameter(name string) bool {
	for range 4 {
		if plain := alphanumeric(name); plain == "subscriptionkey" || plain == "ocpapimsubscriptionkey" {
			return true
		}
		decoded := unescapeLenient(name)
		if decoded == name {
			return false
		}
		name, _, _ = strings.Cut(decoded, "=")
	}
	return false
}

// unescapeLenient decodes what can be decoded, as lenient servers do.
func unescapeLenient(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// alphanumeric returns the letters and digits of a name, in lower case.
func alphanumeric(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}
