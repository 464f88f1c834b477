package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// openAPITemplate is the API description without the fields of a credential. A comment
// such as "# <- stored fields" stands where they are inserted.
//
//go:embed openapi.yaml
var openAPITemplate string

// insertion finds those comments.
var insertion = regexp.MustCompile(`(?m)^( *)# <- ([a-z ]+)\n`)

// insertions return the lines of YAML that replace each comment.
var insertions = map[string]func() []string{
	"fields":                 func() []string { return propertiesOf(requestProperty) },
	"optional fields":        func() []string { return propertiesOf(optionalProperty) },
	"stored fields":          func() []string { return propertiesOf(storedProperty) },
	"required fields":        requiredFields,
	"required stored fields": requiredStoredFields,
}

// OpenAPI returns the API description in YAML.
var OpenAPI = sync.OnceValue(func() string {
	return insertion.ReplaceAllStringFunc(openAPITemplate, func(comment string) string {
		parts := insertion.FindStringSubmatch(comment)
		var lines strings.Builder
		for _, line := range insertions[parts[2]]() {
			lines.WriteString(parts[1] + line + "\n")
		}
		return lines.String()
	})
})

// propertiesOf describes the fields for which describe returns a schema.
func propertiesOf(describe func(paycor.FieldSpec) schema) []string {
	var lines []string
	for _, spec := range paycor.FieldTable() {
		if described := describe(spec); described != nil {
			lines = append(lines, fmt.Sprintf("%s: %s", spec.Field, inline(described)))
		}
	}
	return lines
}

// schema is a JSON schema. JSON is YAML, so it needs no other encoding.
type schema map[string]any

func inline(s schema) string {
	text, err := json.Marshal(s)
	if err != nil { // texts, numbers and flags always marshal
		panic(err)
	}
	return string(text)
}

var grantSchema = schema{"$ref": "#/components/schemas/Grant"}

// requestProperty describes a field of a request.
func requestProperty(spec paycor.FieldSpec) schema {
	s := baseProperty(spec)
	if !spec.Optional && spec.Max > 0 {
		s["minLength"] = 1
	}
	return s
}

// optionalProperty describes a field of a request in which null means the same as
// leaving the field out.
func optionalProperty(spec paycor.FieldSpec) schema {
	if spec.Field == fields.Grant {
		return schema{"oneOf": []schema{grantSchema, {"type": "null"}}}
	}
	s := baseProperty(spec)
	s["type"] = []any{s["type"], "null"}
	return s
}

// storedProperty describes a field of a stored credential, or returns nil for a secret.
func storedProperty(spec paycor.FieldSpec) schema {
	switch {
	case spec.Secret():
		return nil
	case spec.Field == fields.Grant:
		return grantSchema
	case spec.Input == fields.InputNumber:
		return schema{"type": "integer", "description": label(spec)}
	case spec.Input == fields.InputDate:
		return schema{"type": "string", "format": "date", "description": label(spec)}
	case spec.Input == fields.InputTags:
		return schema{"type": "array", "items": schema{"type": "string"}, "description": label(spec)}
	}
	return schema{"type": "string", "description": label(spec)}
}

func baseProperty(spec paycor.FieldSpec) schema {
	s := schema{"type": "string", "description": label(spec)}
	switch {
	case spec.Field == fields.Grant:
		return schema{"$ref": grantSchema["$ref"]}
	case spec.Input == fields.InputNumber:
		s["type"], s["minimum"], s["maximum"] = "integer", 1, paycor.MaxLegalEntityID
	case spec.Input == fields.InputTags:
		s["description"] = label(spec) + ". Stored in lower case, sorted and each once. A comma separates two tags."
		s["type"], s["maxItems"], s["items"] = "array", spec.MaxItems, schema{"type": "string", "maxLength": spec.Max}
		return s
	case spec.Input == fields.InputDate:
		s["description"] = label(spec) + ". A date such as 2030-12-31; empty for no date."
	}
	if spec.Max > 0 {
		s["maxLength"] = spec.Max
	}
	if spec.Secret() {
		s["writeOnly"] = true
	}
	return s
}

func label(spec paycor.FieldSpec) string { return spec.Field.Label().In(locale.English) }

// requiredFields lists the fields that a new credential must have.
func requiredFields() []string {
	var lines []string
	for _, spec := range paycor.FieldTable() {
		if !spec.Optional && spec.Field != fields.Grant { // Clean fills in the default grant
			lines = append(lines, "- "+string(spec.Field))
		}
	}
	return lines
}

// requiredStoredFields lists the fields that are in every stored credential, blank ones
// too.
func requiredStoredFields() []string {
	blank, err := json.Marshal(paycor.Credential{})
	if err != nil { // the blank credential always marshals
		panic(err)
	}
	present := map[string]json.RawMessage{}
	if err := json.Unmarshal(blank, &present); err != nil {
		panic(err)
	}
	var lines []string
	for _, spec := range paycor.FieldTable() {
		if _, ok := present[string(spec.Field)]; ok {
			lines = append(lines, "- "+string(spec.Field))
		}
	}
	return lines
}
