package paycor

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"paycorcred/paycor/fields"
)

// TypedID is a Legal Entity ID as typed: a number in JSON, any text from the form.
// LegalEntityID converts it to the number.
type TypedID string

// UnmarshalJSON accepts a JSON number, and null as blank. Anything else is a
// *json.UnmarshalTypeError that does not repeat the value.
func (t *TypedID) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var number json.Number // a type of string, so it would take one as well
	if bytes.HasPrefix(data, []byte(`"`)) || json.Unmarshal(data, &number) != nil {
		return &json.UnmarshalTypeError{Value: "other than a number", Type: reflect.TypeFor[TypedID]()}
	}
	*t = TypedID(number)
	return nil
}

// MarshalJSON writes the number, or null if the text is not one.
func (t TypedID) MarshalJSON() ([]byte, error) {
	id, err := t.LegalEntityID()
	if err != nil {
		return []byte("null"), nil
	}
	return json.Marshal(id)
}

// Clean returns the draft with free text and Legal Entity ID trimmed, tags in order and
// the default grant filled in. Other values stay as they are: a space in a secret is a mistake
// to report, not to hide.
func (d Draft) Clean() Draft {
	for _, spec := range fieldTable {
		if spec.FreeText() {
			spec.set(&d, strings.TrimSpace(spec.get(d)))
		}
	}
	d.Tags = d.Tags.clean()
	d.LegalEntityID = TypedID(strings.TrimSpace(string(d.LegalEntityID)))
	if d.Grant == "" {
		d.Grant = GrantClientCredentials
	}
	return d
}

// Value returns the text of one field, a secret revealed.
func (d Draft) Value(f fields.Field) string {
	for _, spec := range fieldTable {
		if spec.Field == f {
			return spec.get(d)
		}
	}
	return ""
}

// Fill returns the draft with its blank fields taken from stored. Call it
// before Clean, which gives a blank grant its default. A value of only spaces
// counts as blank if Clean would trim it.
func (d Draft) Fill(stored Draft) Draft {
	grant := d.Grant
	d = d.Clean()
	d.Grant = grant
	for _, spec := range fieldTable {
		spec.fill(&d, stored)
	}
	return d
}

// ChangesEnvironment reports whether the draft is for another environment than
// the stored one. It is false if either is empty.
func (d Draft) ChangesEnvironment(stored string) bool {
	return d.Environment != "" && stored != "" && d.Environment != stored
}

// ReusableIn returns the parts of the stored draft that a draft for an
// environment may reuse. For another environment, these exclude the secrets: a
// person who may edit a credential must not be able to send its secrets to
// another address. Empty means the draft's own environment.
func (d Draft) ReusableIn(environment string) Draft {
	if (Draft{Environment: environment}).ChangesEnvironment(d.Environment) {
		d.ClientSecret, d.SubscriptionKey = Secret{}, Secret{}
	}
	return d
}

// SameToPaycor reports whether both drafts have the same values that Paycor
// verifies, so that a verdict on one holds for the other.
func (d Draft) SameToPaycor(other Draft) bool {
	return d.judgedValues() == other.judgedValues()
}

func (d Draft) judgedValues() Draft {
	d = d.Clean()
	for _, spec := range fieldTable {
		if !spec.Judged {
			spec.set(&d, "")
		}
	}
	if id, err := d.LegalEntityID.LegalEntityID(); err == nil {
		d.LegalEntityID = TypedID(strconv.Itoa(int(id)))
	}
	return d
}
