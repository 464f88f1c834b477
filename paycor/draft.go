package paycor

import (
	"bytes"
	"encoding/json"
	"paycorcred/paycor/fields"
	"reflect"
	"strconv"
	"strings"
)

// Draft is a credential as a person typed it or a program sent it: nothing in
// it has been checked. Check says what is wrong with it.
type Draft struct {
	Name            string  `json:"name"`
	Description     string  `json:"description"`
	Environment     string  `json:"environment"`
	Grant           Grant   `json:"grant"`
	ClientID        string  `json:"client_id"`
	ClientSecret    Secret  `json:"client_secret"`
	SubscriptionKey Secret  `json:"subscription_key"`
	LegalEntityID   TypedID `json:"legal_entity_id"`
	Scope           string  `json:"scope"`
	RotateBy        Day     `json:"rotate_by"`
}

// TypedID is a Legal Entity ID as typed: the text of a number in JSON, any
// text from the form. LegalEntityID turns it into the number.
type TypedID string

// UnmarshalJSON takes a JSON number as it is written, and null as nothing.
// Anything else is a *json.UnmarshalTypeError, which does not repeat it.
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

// MarshalJSON writes the number, or null where the text is none.
func (t TypedID) MarshalJSON() ([]byte, error) {
	id, err := t.LegalEntityID()
	if err != nil {
		return []byte("null"), nil
	}
	return json.Marshal(id)
}

// Clean returns the draft with the blanks around its name, description and
// Legal Entity ID removed and the grant defaulted. The other values are left
// as they are: a blank in a secret is a mistake to be shown, not to be hidden.
func (d Draft) Clean() Draft {
	d.Name = strings.TrimSpace(d.Name)
	d.Description = strings.TrimSpace(d.Description)
	d.LegalEntityID = TypedID(strings.TrimSpace(string(d.LegalEntityID)))
	if d.Grant == "" {
		d.Grant = GrantClientCredentials
	}
	return d
}

// Value returns the text of one field, secrets revealed.
func (d Draft) Value(f fields.Field) string {
	switch f {
	case fields.Name:
		return d.Name
	case fields.Description:
		return d.Description
	case fields.Environment:
		return d.Environment
	case fields.ClientID:
		return d.ClientID
	case fields.ClientSecret:
		return d.ClientSecret.Reveal()
	case fields.SubscriptionKey:
		return d.SubscriptionKey.Reveal()
	case fields.LegalEntityID:
		return string(d.LegalEntityID)
	case fields.Scope:
		return d.Scope
	case fields.Grant:
		return string(d.Grant)
	case fields.RotateBy:
		return string(d.RotateBy)
	}
	return ""
}

// Patch is a change to a stored credential. A nil field is kept as it is.
type Patch struct {
	Name            *string  `json:"name"`
	Description     *string  `json:"description"`
	Environment     *string  `json:"environment"`
	Grant           *Grant   `json:"grant"`
	ClientID        *string  `json:"client_id"`
	ClientSecret    *Secret  `json:"client_secret"`
	SubscriptionKey *Secret  `json:"subscription_key"`
	LegalEntityID   *TypedID `json:"legal_entity_id"`
	Scope           *string  `json:"scope"`
	RotateBy        *Day     `json:"rotate_by"` // empty removes the date
}

// Over returns base with the patch's fields laid over it.
func (p Patch) Over(base Draft) Draft {
	lay(&base.Name, p.Name)
	lay(&base.Description, p.Description)
	lay(&base.Environment, p.Environment)
	lay(&base.Grant, p.Grant)
	lay(&base.ClientID, p.ClientID)
	lay(&base.ClientSecret, p.ClientSecret)
	lay(&base.SubscriptionKey, p.SubscriptionKey)
	lay(&base.LegalEntityID, p.LegalEntityID)
	lay(&base.Scope, p.Scope)
	lay(&base.RotateBy, p.RotateBy)
	return base
}

func lay[T any](base *T, over *T) {
	if over != nil {
		*base = *over
	}
}

// Fill returns the draft with its blank fields taken from stored. Fill comes
// before Clean, which gives a blank grant its default. Blanks alone count as
// blank only where Clean removes them.
func (d Draft) Fill(stored Draft) Draft {
	grant := d.Grant
	d = d.Clean()
	d.Grant = grant
	fill(&d.Name, stored.Name)
	fill(&d.Description, stored.Description)
	fill(&d.Environment, stored.Environment)
	fill(&d.Grant, stored.Grant)
	fill(&d.ClientID, stored.ClientID)
	fill(&d.ClientSecret, stored.ClientSecret)
	fill(&d.SubscriptionKey, stored.SubscriptionKey)
	fill(&d.LegalEntityID, stored.LegalEntityID)
	fill(&d.Scope, stored.Scope)
	fill(&d.RotateBy, stored.RotateBy)
	return d
}

// Moves reports whether the draft is for another environment than the stored
// one. While none is chosen it is not, and neither is it where none is stored.
func (d Draft) Moves(stored string) bool {
	return d.Environment != "" && stored != "" && d.Environment != stored
}

// KeptFor returns the stored draft as far as it may be taken over into a draft
// for an environment: for another than its own, without the secrets, because
// whoever may edit a credential must not thereby send its secrets to wherever
// another environment's address leads. Empty means the draft's own.
func (d Draft) KeptFor(environment string) Draft {
	if (Draft{Environment: environment}).Moves(d.Environment) {
		d.ClientSecret, d.SubscriptionKey = Secret{}, Secret{}
	}
	return d
}

func fill[T comparable](value *T, stored T) {
	var zero T
	if *value == zero {
		*value = stored
	}
}

// SameForPaycor reports whether both drafts ask Paycor the same question: a
// verdict about one of them holds for the other. A Legal Entity ID is the
// number, however it was written.
func (d Draft) SameForPaycor(other Draft) bool {
	return d.forPaycor() == other.forPaycor()
}

func (d Draft) forPaycor() Draft {
	d = d.Clean()
	d.Name, d.Description, d.RotateBy = "", "", ""
	if id, err := d.LegalEntityID.LegalEntityID(); err == nil {
		d.LegalEntityID = TypedID(strconv.Itoa(int(id)))
	}
	return d
}
