//go:build !(js && wasm)

package dom

import (
	"strconv"
	"strings"
)

// attributeValue returns the value written so that it stays inside its
// attribute. go-app prints attribute values through strconv.Quote, which is
// Go's way of quoting and not HTML's: a quote would end the attribute and a
// backslash would double. So everything that either of them treats specially
// is written as a character reference, and so is the word "true", which go-app
// would print as an attribute without a value.
func attributeValue(value string) string {
	value = strings.ToValidUTF8(value, "\ufffd")
	var written strings.Builder
	for i, r := range value {
		outermost := i == 0 || i+len(string(r)) == len(value)
		if plain(r) && !(r == ' ' && outermost) && !(i == 0 && value == "true") {
			written.WriteRune(r)
			continue
		}
		if r == 0 {
			r = '\ufffd' // HTML has no way to write it
		}
		written.WriteString("&#" + strconv.Itoa(int(r)) + ";")
	}
	return written.String()
}

func plain(r rune) bool {
	return strconv.IsPrint(r) && !strings.ContainsRune("\"'`\\&<>", r)
}

// booleanValue returns the value of a boolean attribute, which HTML takes as true
// whenever it is there.
func booleanValue(on bool) (value string, set bool) { return "true", on }

// InitialValue returns the value attribute of a field as the server writes it.
func InitialValue(value string) any {
	if value == "" {
		return nil
	}
	return Attr("value", value)
}

// InitialText returns what a textarea holds as the server writes it.
func InitialText(value string) any { return value }
