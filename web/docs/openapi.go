package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"paycorcred/web"
)

// apiReference returns the API description in Markdown: the operations by tag,
// then the types.
func apiReference() (string, error) {
	document, err := openapi3.NewLoader().LoadFromData([]byte(web.OpenAPI()))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, tag := range document.Tags {
		fmt.Fprintf(&text, "## %s\n\n", strings.ToUpper(tag.Name[:1])+tag.Name[1:])
		writeParagraph(&text, tag.Description)
		for _, path := range slices.Sorted(maps.Keys(document.Paths.Map())) {
			item := document.Paths.Value(path)
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				operation := item.Operations()[method]
				if operation != nil && slices.Contains(operation.Tags, tag.Name) {
					writeOperation(&text, method, path, item.Parameters, operation)
				}
			}
		}
	}
	text.WriteString("## Types\n\n")
	for _, name := range slices.Sorted(maps.Keys(document.Components.Schemas)) {
		schema := document.Components.Schemas[name].Value
		fmt.Fprintf(&text, "### %s\n\n", name)
		writeParagraph(&text, schema.Description)
		if len(schema.Enum) > 0 {
			fmt.Fprintf(&text, "One of %s.\n\n", enumeration(schema.Enum))
		}
		writeProperties(&text, schema)
	}
	return text.String(), nil
}

func writeOperation(text *strings.Builder, method, path string, shared openapi3.Parameters, operation *openapi3.Operation) {
	fmt.Fprintf(text, "### %s %s\n\n", method, path)
	writeParagraph(text, operation.Summary+".")
	writeParagraph(text, operation.Description)
	if parameters := slices.Concat(shared, operation.Parameters); len(parameters) > 0 {
		text.WriteString("| Parameter | In | Type | |\n|---|---|---|---|\n")
		for _, parameter := range parameters {
			p := parameter.Value
			fmt.Fprintf(text, "| `%s` | %s | %s | %s |\n", p.Name, p.In, typeOf(p.Schema), cell(p.Description))
		}
		text.WriteString("\n")
	}
	if operation.RequestBody != nil {
		writeBody(text, operation.RequestBody.Value)
	}
	text.WriteString("| Status | Response | |\n|---|---|---|\n")
	for _, status := range slices.Sorted(maps.Keys(operation.Responses.Map())) {
		if status == "default" {
			continue // a problem, as everywhere; the introduction says so
		}
		response := operation.Responses.Value(status).Value
		description := ""
		if response.Description != nil {
			description = *response.Description
		}
		fmt.Fprintf(text, "| %s | %s | %s |\n", status, contentTypes(response.Content), cell(description))
	}
	text.WriteString("\n")
}

func writeBody(text *strings.Builder, body *openapi3.RequestBody) {
	fmt.Fprintf(text, "Body: %s. ", contentTypes(body.Content))
	writeParagraph(text, body.Description)
	for _, media := range body.Content {
		if media.Example != nil {
			if example, err := json.MarshalIndent(media.Example, "", "  "); err == nil {
				fmt.Fprintf(text, "\n\n```json\n%s\n```", example)
			}
		} else if media.Schema != nil && media.Schema.Ref == "" {
			text.WriteString("\n\n")
			writeProperties(text, media.Schema.Value)
		}
		break // all media types of a body have the same content
	}
	text.WriteString("\n\n")
}

func writeParagraph(text *strings.Builder, paragraph string) {
	if paragraph = strings.TrimSpace(paragraph); paragraph != "" && paragraph != "." {
		text.WriteString(paragraph + "\n\n")
	}
}

// writeProperties writes the properties of an object, including those of the
// schemas it combines.
func writeProperties(text *strings.Builder, schema *openapi3.Schema) {
	for _, part := range slices.Concat(schema.AllOf, schema.OneOf) {
		if part.Ref != "" {
			fmt.Fprintf(text, "See %s.\n\n", typeOf(part))
		} else {
			writeProperties(text, part.Value)
		}
	}
	if len(schema.Properties) == 0 {
		return
	}
	text.WriteString("| Property | Type | |\n|---|---|---|\n")
	writeRows(text, "", schema)
	text.WriteString("\n")
}

// writeRows writes a row for each property, and for each one of the objects in
// it that have no type of their own.
func writeRows(text *strings.Builder, prefix string, schema *openapi3.Schema) {
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name]
		note := ""
		if slices.Contains(schema.Required, name) {
			note = "Required. "
		}
		if property.Value.WriteOnly {
			note += "Write-only. "
		}
		if property.Ref == "" && len(property.Value.Enum) > 0 {
			note += "One of " + enumeration(property.Value.Enum) + ". "
		}
		fmt.Fprintf(text, "| `%s` | %s | %s |\n", prefix+name, typeOf(property), cell(note+property.Value.Description))
		switch items := property.Value.Items; {
		case property.Ref != "":
		case items != nil && items.Ref == "":
			writeRows(text, prefix+name+"[].", items.Value)
		default:
			writeRows(text, prefix+name+".", property.Value)
		}
	}
}

// contentTypes returns the types of a body, with a link for each named one.
func contentTypes(content openapi3.Content) string {
	var types []string
	for _, media := range slices.Sorted(maps.Keys(content)) {
		text := "`" + media + "`"
		if schema := content[media].Schema; schema != nil && schema.Ref != "" {
			text = typeOf(schema) + " as " + text
		}
		types = append(types, text)
	}
	return strings.Join(types, " or ")
}

// typeOf returns the name of a schema's type, with a link if it is a named one.
func typeOf(schema *openapi3.SchemaRef) string {
	if schema == nil || schema.Value == nil {
		return ""
	}
	if schema.Ref != "" {
		name := schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:]
		return fmt.Sprintf("[%s](#%s)", name, headingIDs{}.Generate([]byte(name), 0))
	}
	value := schema.Value
	var names []string
	if value.Type != nil {
		names = value.Type.Slice()
	}
	if value.Items != nil {
		return "array of " + typeOf(value.Items)
	}
	for _, part := range slices.Concat(value.OneOf, value.AnyOf) {
		names = append(names, typeOf(part))
	}
	text := strings.Join(names, " or ")
	if value.Format != "" {
		text += " (" + value.Format + ")"
	}
	return text
}

func enumeration(values []any) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprintf("`%v`", value)
	}
	return strings.Join(texts, ", ")
}

// cell returns text for a table cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
