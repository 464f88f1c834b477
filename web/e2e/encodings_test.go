package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
)

// encodings are the forms in which a value could appear unnoticed.
func encodings(value string) map[string][]byte {
	all := map[string][]byte{
		"raw":             []byte(value),
		"query-encoded":   []byte(url.QueryEscape(value)),
		"path-encoded":    []byte(url.PathEscape(value)),
		"JSON with \\/":   []byte(strings.ReplaceAll(value, "/", `\/`)),
		"JSON with \\u":   []byte(strings.NewReplacer("/", `\u002f`, "+", `\u002b`).Replace(value)),
		"JSON with \\U":   []byte(strings.NewReplacer("/", `\u002F`, "+", `\u002B`).Replace(value)),
		"HTML":            []byte(strings.NewReplacer("+", "&#43;").Replace(value)),
		"hexadecimal":     []byte(hex.EncodeToString([]byte(value))),
		"HEXADECIMAL":     []byte(strings.ToUpper(hex.EncodeToString([]byte(value)))),
		"UTF-16LE":        utf16le(value),
		"backwards":       backwards(value),
		"lower query %2f": []byte(strings.NewReplacer("%2F", "%2f", "%2B", "%2b").Replace(url.QueryEscape(value))),
	}
	if encoded, err := json.Marshal(value); err == nil {
		all["JSON"] = bytes.Trim(encoded, `"`)
	}
	// Base64 depends on the offset of the value within a group of three bytes.
	// The characters at both ends depend on the neighbors and are cut off.
	for shift := range 3 {
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, shift), value...))
			begin := (shift*8 + 5) / 6
			all[name+" at "+string(rune('0'+shift))] = []byte(encoded[begin : len(encoded)-1])
		}
	}
	for name, needle := range all {
		if name != "raw" && string(needle) == value {
			delete(all, name) // the same as raw
		}
	}
	return all
}

func utf16le(value string) []byte {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune(value)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return encoded
}

func backwards(value string) []byte {
	turned := []byte(value)
	for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
		turned[i], turned[j] = turned[j], turned[i]
	}
	return turned
}

// search looks for canaries in every encoding.
type search struct {
	t        testing.TB
	canaries map[string]string // values by description
	places   int
}

// in searches one place.
func (s *search) in(place string, content []byte) {
	s.t.Helper()
	s.places++
	for what, value := range s.canaries {
		for encoding, needle := range encodings(value) {
			if at := bytes.Index(content, needle); at >= 0 {
				around := content[max(0, at-60):at]
				assert.Fail(s.t, "a secret was found", "the %s stands %s in %s, behind %q", what, encoding, place, around)
			}
		}
	}
}

// needles returns all encodings of all canaries, to search for elsewhere.
func (s *search) needles() map[string][]byte {
	all := map[string][]byte{}
	for what, value := range s.canaries {
		for encoding, needle := range encodings(value) {
			all[what+", "+encoding] = needle
		}
	}
	return all
}

func TestEveryEncodingOfASecretIsFound(t *testing.T) {
	t.Parallel()
	const value = "aB3/x+9Qz"
	for shift := range 3 {
		padded := append(bytes.Repeat([]byte{0xff}, shift), value+"\xff\xff"...)
		encoded := []byte(base64.StdEncoding.EncodeToString(padded))
		found := false
		for name, needle := range encodings(value) {
			found = found || strings.HasPrefix(name, "base64") && bytes.Contains(encoded, needle)
		}
		assert.True(t, found, "base64 at %d", shift)
	}
	for name, content := range map[string]string{"query": "key=aB3%2Fx%2B9Qz&", "hex": "6142332f782b39517a", "JSON": `"aB3\/x+9Qz"`, "UTF-16": "a\x00B\x003\x00/\x00x\x00+\x009\x00Q\x00z\x00"} {
		found := false
		for _, needle := range encodings(value) {
			found = found || bytes.Contains([]byte(content), needle)
		}
		assert.True(t, found, name)
	}
}
