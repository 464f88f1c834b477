package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxBody is the largest body taken, in bytes. The longest credential that
// Check lets through is a third of it.
const maxBody = 64 << 10

// mergePatch is the media type of a PATCH body (RFC 7396).
const mergePatch = "application/merge-patch+json"

// targets says which fields a body may have, and where each one goes: to a
// pointer that encoding/json fills. Names are matched letter for letter.
type targets map[string]any

// readJSON reads a request's body into into. An empty body stands for {}
// where empty says so. No error of it holds anything of a value.
func readJSON(w http.ResponseWriter, r *http.Request, into targets, empty bool) error {
	data, err := readBody(w, r)
	if err != nil {
		return err
	}
	if len(data) == 0 && empty {
		return nil
	}
	media, err := mediaType(r)
	if err != nil {
		return err
	}
	return decode(data, into, media == mergePatch)
}

// readBody reads all of the body. The server bounds how long that may take.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := refuse(paycor.KindTooLarge, "The body is larger than %d bytes. Send less.", maxBody)
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case err != nil:
		return nil, paycor.Errorf(paycor.KindMalformed, "The body broke off. Send it again.")
	}
	return data, nil
}

// mediaType returns the body's media type where it is one that is taken.
func mediaType(r *http.Request) (string, error) {
	wrong := paycor.Errorf(paycor.KindMediaType, "The body has to be JSON in UTF-8. Send it with the header Content-Type: application/json.")
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || len(r.Header.Values("Content-Type")) != 1 || r.Header.Get("Content-Encoding") != "" {
		return "", wrong
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return "", wrong
	}
	if media != "application/json" && !(media == mergePatch && r.Method == http.MethodPatch) {
		return "", wrong
	}
	return media, nil
}

// decode reads one JSON object. Unlike encoding/json by itself it takes no
// unknown field, no field twice, no name in another case, no broken text and
// nothing behind the object, and it names every field that is wrong. null
// leaves a field as it is; where strict, as in a merge patch, in which null
// means "remove", it is refused, because no field can be removed.
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
			return brokenAt(decoder)
		}
		if problem, ok := assign(name, value, into, seen, strict); !ok {
			problems = append(problems, problem)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return brokenAt(decoder)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return paycor.Errorf(paycor.KindMalformed, "Something stands behind the JSON object. Send the object alone.")
	}
	if len(problems) > 0 {
		return &paycor.Error{Kind: paycor.KindInvalid, Message: "Fields of the body are not as they have to be. Mend the ones that are listed.", Problems: problems[:min(len(problems), mostProblems)]}
	}
	return nil
}

// mostProblems bounds how much a body full of wrong fields is answered with.
const mostProblems = 20

func brokenAt(decoder *json.Decoder) error {
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

// assign puts one value where it belongs, or says why it cannot.
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
		return fields.Problem{Field: field, Code: fields.ProblemWrongType, Message: name + " has to be " + wanted(target) + "."}, false
	}
	return fields.Problem{}, true
}

// wanted says in words what a target takes.
func wanted(target any) string {
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

// unknownName is the problem of a name nobody knows. The name is repeated only
// where it can be no value that got into the wrong place: a few letters.
func unknownName(name string, code fields.ProblemCode, what string) fields.Problem {
	const longest = 24
	strange := func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') }
	if name == "" || len(name) > longest || strings.ContainsFunc(name, strange) {
		return fields.Problem{Code: code, Message: "There is a " + what + " here that the API does not know. Remove it."}
	}
	return fields.Problem{Field: fields.Field(name), Code: code, Message: "The API knows no " + what + " " + name + ". Remove it, or check its spelling."}
}

// loneSurrogate finds an escaped half of a UTF-16 pair, which encoding/json
// would quietly replace: a secret must be taken as it is or not at all.
func loneSurrogate(value []byte) bool {
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' {
			continue
		}
		i++
		switch unit := escaped(value, i); {
		case unit >= 0xd800 && unit < 0xdc00:
			if low := escaped(value, i+6); value[min(i+5, len(value)-1)] != '\\' || low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 10
		case unit >= 0xdc00 && unit <= 0xdfff:
			return true
		}
	}
	return false
}

// escaped reads uXXXX at i, or returns -1.
func escaped(value []byte, i int) int {
	if i+5 > len(value) || value[i] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(value[i+1:i+5]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}
