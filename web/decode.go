package web

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
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
		return paycor.Errorf(paycor.KindMalformed, "error.body-not-utf8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return paycor.Errorf(paycor.KindMalformed, "error.body-not-object")
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
		return paycor.Errorf(paycor.KindMalformed, "error.body-trailing")
	}
	if len(problems) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.body-invalid"), Problems: problems[:min(len(problems), maxProblems)]}
	}
	return nil
}

func syntaxError(decoder *json.Decoder) error {
	return paycor.Errorf(paycor.KindMalformed, "error.body-not-json", decoder.InputOffset())
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
		return fields.Problem{Field: field, Code: fields.ProblemDuplicate, Message: message.New("problem.body-duplicate", name)}, false
	}
	seen[name] = true
	if string(value) == "null" {
		if strict {
			return fields.Problem{Field: field, Code: fields.ProblemWrongType, Message: message.New("problem.body-null", name)}, false
		}
		return fields.Problem{}, true
	}
	if loneSurrogate(value) {
		return fields.Problem{Field: field, Code: fields.ProblemNotText, Message: message.New("problem.body-half-character", name)}, false
	}
	if json.Unmarshal(value, target) != nil {
		return fields.Problem{Field: field, Code: fields.ProblemWrongType, Message: message.New("problem.body-type", name, expectedType(target))}, false
	}
	return fields.Problem{}, true
}

// expectedType describes the JSON a target accepts.
func expectedType(target any) message.Message {
	switch target.(type) {
	case *bool:
		return message.New("type.bool")
	case *paycor.TypedID, **paycor.TypedID:
		return message.New("type.integer")
	case *paycor.Rights, *[]string, *paycor.Tags, **paycor.Tags:
		return message.New("type.strings")
	case *time.Time:
		return message.New("type.time")
	case *json.RawMessage:
		return message.New("type.json")
	}
	return message.New("type.string")
}

// unknownName is the problem of an unknown field or parameter. It repeats the
// name only if that is a short word, and cannot be a secret in the wrong place.
func unknownName(name string, code fields.ProblemCode, what string) fields.Problem {
	const maxLength = 24
	invalid := func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') }
	if name == "" || len(name) > maxLength || strings.ContainsFunc(name, invalid) {
		return fields.Problem{Code: code, Message: message.New("problem.unknown-" + what + "-unnamed")}
	}
	return fields.Problem{Field: fields.Field(name), Code: code, Message: message.New("problem.unknown-"+what, name)}
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
