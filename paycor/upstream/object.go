package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"paycorcred/paycor/verdicts"
)

// Object is a JSON object whose names are compared without case, "_" and "-": Paycor's
// specification uses camelCase, the live service was seen using PascalCase, and OAuth
// uses snake_case.
type Object map[string]json.RawMessage

var plainName = strings.NewReplacer("_", "", "-", "")

// ParseObject reads the body of a successful answer. The code is "" for an object and
// otherwise says what the body is instead.
func ParseObject(body []byte) (Object, verdicts.Code) {
	body = trimBody(body)
	switch {
	case len(body) == 0:
		return nil, verdicts.CodeEmpty
	case isHTML(body):
		return nil, verdicts.CodeCaptivePortal
	}
	if code := checkJSON(body); code != "" {
		return nil, code
	}
	object, ok := parseObject(body)
	if !ok {
		return nil, verdicts.CodeUnexpected
	}
	return object, ""
}

// checkJSON returns "" for JSON of any kind.
func checkJSON(body []byte) verdicts.Code {
	var value json.RawMessage
	err := json.Unmarshal(body, &value)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input" && strings.ContainsRune(`{["`, rune(body[0])):
		return verdicts.CodeTruncated // valid JSON that ends too early
	}
	return verdicts.CodeNotJSON
}

// maxNames bounds the names in an object. Paycor's have about twenty, and each costs
// far more memory than its bytes in the body.
const maxNames = 1000

func parseObject(body []byte) (Object, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	raw := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, isName := token.(string)
		var value json.RawMessage
		if err != nil || !isName || decoder.Decode(&value) != nil || len(raw) == maxNames {
			return nil, false
		}
		raw[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, false
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, false
	}
	object := Object{}
	for _, name := range sortedNames(raw) { // sorted, so that of two spellings the same one always wins
		object[strings.ToLower(plainName.Replace(name))] = raw[name]
	}
	return object, true
}

// Has reports whether one of the names exists. Names are lower case without "_" and
// "-".
func (o Object) Has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return o[name] != nil })
}

// Text returns the value of the first name that holds a string or number, or "".
func (o Object) Text(names ...string) string {
	for _, name := range names {
		if text := scalar(o[name]); text != "" {
			return text
		}
	}
	return ""
}

func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}

// texts returns every string in a JSON value, in order, down to a given depth.
func texts(raw json.RawMessage, depth int) []string {
	if depth == 0 {
		return nil
	}
	if text := scalar(raw); text != "" {
		return []string{text}
	}
	var found []string
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for _, item := range list {
			found = append(found, texts(item, depth-1)...)
		}
		return found
	}
	object, _ := parseObject(raw)
	for _, name := range sortedNames(object) {
		found = append(found, texts(object[name], depth-1)...)
	}
	return found
}

func sortedNames(object map[string]json.RawMessage) []string {
	return slices.Sorted(maps.Keys(object))
}

// trimBody removes white space and a byte order mark.
func trimBody(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff")))
}
