package domtest

import "strings"

// Hostile are texts that break out of markup that is not escaped.
var Hostile = map[string]string{
	"closing a script":       `"><script>alert(1)</script>`,
	"an event handler":       `" onclick="alert(1)`,
	"single quotes":          `' onfocus='alert(1)`,
	"backslashes":            `\" onclick=\"x\\`,
	"references":             `&quot;&#34; &amp;lt; &notanentity`,
	"lines":                  "first\nsecond\r\n\tthird",
	"NUL":                    "a\x00b",
	"right to left":          "a\u202Eb\u2066c",
	"emoji":                  "👩‍💻 🏦",
	"bytes that are no text": "a\xff\xfeb",
	"the word true":          "true",
	"blanks around":          "  padded  ",
	"a comment":              "<!-- x --!> ]]>",
	"a closing textarea":     "</textarea><img src=x onerror=alert(1)>",
	"a template":             "%s %d %!v(MISSING) {{.}}",
}

// AsRead returns a value as it comes out of a parser: HTML has no NUL and no
// invalid UTF-8, and go-app trims spaces.
func AsRead(value string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(value, "\ufffd"), "\x00", "\ufffd")
}
