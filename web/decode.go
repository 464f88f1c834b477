package web

import (
	"bytes"
	"encoding/json"
	"io"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxProblems limits the number of problems in an error response.
const maxProblems = 20

// decode decodes one JSON object. Unlike encoding/json it rejects unknown and
// repeated fields, names in another case, invalid UTF-8 and trailing data, and it
// reports all invalid fields at once. null leaves a field unchanged. If strict is
// set, null is an error: in a merge patch it means "remove", and no field can be
// removed.
func decode(data []byte, into targets, strict bool) error {
	if !utf8.Valid(data) {
		return paycor.Errorf(paycor.KindMalformed, "The body is not UTF-8 text. Encode it as UTF-8.")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return paycor.Errorf(paycor.KindMalformed, "The body has to be one JSON object: {…}.")
	}
	var problems []fields.Problem
	seen := map[string]bool{}
	for decoder.More() {
		name, value, err := member(decoder)
		if err != nil {
			return syntaxError(decoder)
		}
		if problem, ok := assign(name, value, into, seen, strict); !ok {
			problems = append(problems, problem)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return syntaxError(decoder)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return paycor.Errorf(paycor.KindMalformed, "Something stands behind the JSON object. Send the object alone.")
	}
	if len(problems) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Message: "Fields of the body are not as they have to be. Mend the ones that are listed.", Problems: problems[:min(len(problems), maxProblems)]}
	}
	return nil
}

func syntaxError(decoder *json.Decoder) error {
	return paycor.Errorf(paycor.KindMalformed, "The body stops being JSON near byte %d.", decoder.InputOffset())
}

// member reads the next name and value of an object.
func member(decoder *json.Decoder) (name string, value json.RawMessage, err error) {
	token, err := decoder.Token()
	if err != nil {
		return "", nil, err
	}
	name, _ = token.(string)
	return name, value, decoder.Decode(&value)
}

// assign stores a value in its target, or returns why it cannot.
func assign(name string, value json.RawMessage, into targets, seen map[string]bool, strict bool) (fields.Problem, bool) {
	target, known := into[name]
	if !known {
		return unknownName(name, fields.ProblemUnknownField, "field"), false
	}
	field := fields.Field(name)
	if seen[name] {
		return fields.Problem{Field: field, Code: fields.ProblemDuplicate, Message: name + " stands in the body twice. Send it once."}, false
	}
	seen[name] = true
	if string(value) == "null" {
		if strict {
			return fields.Problem{Field: field, Code: fields.ProblemWrongType, Message: name + " cannot be removed. Leave it out to keep it."}, false
		}
		return fields.Problem{}, true
	}
	if loneSurrogate(value) {
		return fields.Problem{Field: field, Code: fields.ProblemNotText, Message: name + ` holds half a character (\ud800 to \udfff). Send whole ones.`}, false
	}
	if json.Unmarshal(value, target) != nil {
		return fields.Problem{Field: field, Code: fields.ProblemWrongType, Message: name + " has to be " + expectedType(target) + "."}, false
	}
	return fields.Problem{}, true
}

// expectedType describes the JSON a target accepts.
func expectedType(target any) string {
	switch target.(type) {
	case *bool:
		return "true or false"
	case *paycor.TypedID, **paycor.TypedID:
		return "a whole number, without quotes"
	case *paycor.Rights, *[]string:
		return "a list of strings"
	case *time.Time:
		return "a time such as 2031-05-06T07:08:09Z"
	case *json.RawMessage:
		return "JSON"
	}
	return "a string"
}

// unknownName is the problem of an unknown field or parameter. It repeats the
// name only if that is a short word, and cannot be a secret in the wrong place.
func unknownName(name string, code fields.ProblemCode, what string) fields.Problem {
	const maxLength = 24
	invalid := func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') }
	if name == "" || len(name) > maxLength || strings.ContainsFunc(name, invalid) {
		return fields.Problem{Code: code, Message: "There is a " + what + " here that the API does not know. Remove it."}
	}
	return fields.Problem{Field: fields.Field(name), Code: code, Message: "The API knows no " + what + " " + name + ". Remove it, or check its spelling."}
}

// loneSurrogate reports whether a string contains an escaped half of a UTF-16
// pair. encoding/json would silently replace it, which would corrupt a secret.
func loneSurrogate(value []byte) bool {
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' {
			continue
		}
		i++
		switch unit := escapedUnit(value, i); {
		case unit >= 0xd800 && unit < 0xdc00:
			if low := escapedUnit(value, i+6); value[min(i+5, len(value)-1)] != '\\' || low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 10
		case unit >= 0xdc00 && unit <= 0xdfff:
			return true
		}
	}
	return false
}

// escapedUnit parses uXXXX at i, or returns -1.
func escapedUnit(value []byte, i int) int {
	if i+5 > len(value) || value[i] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(value[i+1:i+5]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}
