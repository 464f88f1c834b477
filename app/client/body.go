package client

import (
	"encoding/json"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// requestBody is the body of create, update and verify, by JSON name. It holds
// secrets in the clear, because paycor.Secret never prints its value. It is encoded
// at once, and the encoded bytes are wiped after sending.
type requestBody map[string]any

// draftBody returns a draft without its blank fields, with the IDs of the saved credential
// and the saved application that fill them.
func draftBody(draft paycor.Draft, id, application string, acceptWarnings bool) requestBody {
	body := patchBody(draft.PatchFrom(paycor.Draft{}), acceptWarnings)
	if id != "" {
		body["id"] = id
	}
	if application != "" {
		body[string(fields.ApplicationID)] = application
	}
	return body
}

// patchBody returns a patch. A blank field in it clears the stored value.
func patchBody(patch paycor.Patch, acceptWarnings bool) requestBody {
	body, draft := requestBody{}, patch.ApplyTo(paycor.Draft{})
	for _, field := range patch.Fields() {
		switch field {
		case fields.LegalEntityID:
			body[string(field)] = draft.LegalEntityID // a number in JSON
		case fields.Tags:
			body[string(field)] = draft.Tags // a list in JSON
		default:
			body[string(field)] = draft.Value(field)
		}
	}
	body.flag("accept_warnings", acceptWarnings)
	return body
}

// flag adds a flag that is set. Absent means false.
func (b requestBody) flag(name string, set bool) {
	if set {
		b[name] = true
	}
}

// encode returns a body as JSON. Strings, flags and numbers always encode.
func encode(b requestBody) []byte {
	encoded, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	return encoded
}
