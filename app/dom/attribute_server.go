//go:build !(js && wasm)

package dom

import (
	"strconv"
	"strings"
)

// Local returns an address of the server unchanged: the server adds its base to whole pages.
func Local(address string) string { return address }

func localAddress(_, value string) string { return value }

// attributeValue escapes a value so that it stays inside its attribute. go-app
// prints attribute values with strconv.Quote, which quotes for Go and not for HTML:
// a quote would end the attribute and a backslash would double. So everything that
// either of them treats specially becomes a character reference. So does the word
// "true", which go-app prints as an attribute without a value.
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
			r = '\ufffd' // HTML cannot express NUL
		}
		written.WriteString("&#" + strconv.Itoa(int(r)) + ";")
	}
	return written.String()
}

func plain(r rune) bool {
	return strconv.IsPrint(r) && !strings.ContainsRune("\"'`\\&<>", r)
}

// booleanValue returns the value of a boolean attribute, which is true in HTML
// whenever it is present.
func booleanValue(on bool) (value string, set bool) { return "true", on }

// InitialValue returns the value attribute of an input in the server's HTML.
func InitialValue(value string) any {
	if value == "" {
		return nil
	}
	return Attr("value", value)
}

// InitialText returns the content of a textarea in the server's HTML.
func InitialText(value string) any { return value }
