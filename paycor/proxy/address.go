package proxy

import (
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"strings"
)

// checkTarget looks at what would be Paycor's path and query, as they stand in
// the request line. They are passed on byte for byte or not at all.
func checkTarget(target string) error {
	path, query, _ := strings.Cut(target, "?")
	if err := checkPath(path); err != nil {
		return err
	}
	return checkQuery(query)
}

func wrongPath(format string) error {
	err := paycor.Errorf(paycor.KindMalformed, "%s", format)
	err.Code = usage.CodeCallPath
	return err
}

func checkPath(path string) error {
	if path == "" || path[0] != '/' {
		return wrongPath("Write Paycor's path behind /paycor, such as /paycor/v1/legalentities/501123.")
	}
	dots, escapes := false, false
	for i := range len(path) {
		switch c := path[i]; {
		case c <= ' ' || c > '~' || c == '\\' || c == '#':
			return wrongPath("Paycor's path holds a character that has to be percent-encoded there.")
		case c == '%':
			escapes = true
		case c == '.':
			dots = true
		}
	}
	if strings.HasPrefix(path, "//") {
		return wrongPath("Paycor's path begins with two slashes. Write it with one, without scheme and host.")
	}
	if !dots && !escapes {
		return nil
	}
	return checkMeaning(path)
}

// checkMeaning looks at the path as servers may understand it that decode it
// once, or more often than once, or take a backslash for a slash.
func checkMeaning(path string) error {
	for range 4 {
		slashes := strings.ReplaceAll(path, `\`, "/")
		if strings.HasPrefix(slashes, "//") {
			return wrongPath("Paycor's path begins with an encoded slash, which would name another host.")
		}
		for segment := range strings.SplitSeq(slashes, "/") {
			if segment, _, _ = strings.Cut(segment, ";"); segment == "." || segment == ".." {
				return wrongPath("Paycor's path holds a segment of dots. Write the path it leads to.")
			}
		}
		decoded, err := url.PathUnescape(path)
		if err != nil {
			return wrongPath("Paycor's path holds a percent sign without two hexadecimal digits behind it. Write a percent sign as %25.")
		}
		if decoded == path {
			return nil
		}
		if strings.ContainsFunc(decoded, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return wrongPath("Paycor's path holds an encoded control character.")
		}
		if path = decoded; strings.Count(path, "%") == 0 {
			continue
		}
		if _, err := url.PathUnescape(path); err != nil {
			path = strings.ReplaceAll(path, "%", "") // a percent sign that stands for itself; look once more without
		}
	}
	return nil
}

func checkQuery(query string) error {
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c > '~' || c == '#' {
			return wrongQuery("The query holds a character that has to be percent-encoded there.")
		}
	}
	if !strings.ContainsAny(query, "%kK") { // no spelling of the name does without
		return nil
	}
	for name := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' || r == '?' }) {
		name, _, _ = strings.Cut(name, "=")
		if isKeyQuery(name) {
			return wrongQuery("The query holds a subscription key. Leave it out: this server adds the one that belongs to the credential.")
		}
	}
	return nil
}

// isKeyQuery reports whether a name is the key's in any spelling, however
// often it is encoded.
func isKeyQuery(name string) bool {
	for range 4 {
		if plain(name) == "subscriptionkey" || plain(name) == "ocpapimsubscriptionkey" {
			return true
		}
		decoded := unescape(name)
		if decoded == name {
			return false
		}
		name, _, _ = strings.Cut(decoded, "=")
	}
	return false
}

// unescape decodes what can be decoded, as lenient servers do.
func unescape(text string) string {
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

// plain returns the letters and digits of a name, small.
func plain(name string) string {
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

func wrongQuery(message string) error {
	err := paycor.Errorf(paycor.KindMalformed, "%s", message)
	err.Code = usage.CodeCallQuery
	return err
}
