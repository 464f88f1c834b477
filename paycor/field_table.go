package paycor

import (
	"slices"
	"strconv"

	"paycorcred/paycor/fields"
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
	Tags            Tags    `json:"tags"`
	Owner           string  `json:"owner"`
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
	Tags            *Tags    `json:"tags"`
	Owner           *string  `json:"owner"`
}

// fieldTable is the one list of a credential's fields, in the order of the form.
// Form, check, patch, difference, undo, JSON, database columns and the API's
// description follow it: a new field is a member of Draft, Patch and (unless it is
// secret) Credential, a row here, a database column and its label and hint.
var fieldTable = []FieldSpec{
	textRow(FieldSpec{Field: fields.Name, Max: maxName},
		func(d *Draft) *string { return &d.Name }, func(p *Patch) **string { return &p.Name }, func(c *Credential) *string { return &c.Name }),
	textRow(FieldSpec{Field: fields.Description, Max: maxDescription, Input: fields.InputLines, Optional: true},
		func(d *Draft) *string { return &d.Description }, func(p *Patch) **string { return &p.Description }, func(c *Credential) *string { return &c.Description }),
	textRow(FieldSpec{Field: fields.Environment, Input: fields.InputChoice, Judged: true, Application: true},
		func(d *Draft) *string { return &d.Environment }, func(p *Patch) **string { return &p.Environment }, func(c *Credential) *string { return &c.Environment }),
	textRow(FieldSpec{Field: fields.ClientID, Max: maxValue, Judged: true, Application: true},
		func(d *Draft) *string { return &d.ClientID }, func(p *Patch) **string { return &p.ClientID }, func(c *Credential) *string { return &c.ClientID }),
	secretRow(FieldSpec{Field: fields.ClientSecret, Max: maxValue, Judged: true, Application: true},
		func(d *Draft) *Secret { return &d.ClientSecret }, func(p *Patch) **Secret { return &p.ClientSecret }),
	secretRow(FieldSpec{Field: fields.SubscriptionKey, Max: maxValue, Judged: true, Application: true},
		func(d *Draft) *Secret { return &d.SubscriptionKey }, func(p *Patch) **Secret { return &p.SubscriptionKey }),
	legalEntityRow(FieldSpec{Field: fields.LegalEntityID, Judged: true}),
	textRow(FieldSpec{Field: fields.Scope, Max: maxValue, Judged: true, Optional: true, Advanced: true, Application: true},
		func(d *Draft) *string { return &d.Scope }, func(p *Patch) **string { return &p.Scope }, func(c *Credential) *string { return &c.Scope }),
	textRow(FieldSpec{Field: fields.Grant, Input: fields.InputChoice, Judged: true, Advanced: true, Application: true},
		func(d *Draft) *Grant { return &d.Grant }, func(p *Patch) **Grant { return &p.Grant }, func(c *Credential) *Grant { return &c.Grant }),
	textRow(FieldSpec{Field: fields.RotateBy, Input: fields.InputDate, Optional: true, Advanced: true, Application: true},
		func(d *Draft) *Day { return &d.RotateBy }, func(p *Patch) **Day { return &p.RotateBy }, func(c *Credential) *Day { return &c.RotateBy }),
	textRow(FieldSpec{Field: fields.Tags, Input: fields.InputTags, Max: maxTagLength, MaxItems: maxTags, Optional: true, Advanced: true},
		func(d *Draft) *Tags { return &d.Tags }, func(p *Patch) **Tags { return &p.Tags }, func(c *Credential) *Tags { return &c.Tags }),
	textRow(FieldSpec{Field: fields.Owner, Max: maxName, Optional: true, Advanced: true},
		func(d *Draft) *string { return &d.Owner }, func(p *Patch) **string { return &p.Owner }, func(c *Credential) *string { return &c.Owner }),
}

// FieldSpec describes one field of a credential.
type FieldSpec struct {
	Field       fields.Field
	Input       fields.Input // the control that a form shows for it
	Max         int          // the most characters of a text
	MaxItems    int          // the most texts in a list; 0 for a field that is none
	Judged      bool         // Paycor verifies the value, so a change needs a new verdict
	Optional    bool         // may stay blank
	Advanced    bool         // the form shows it under "Advanced"
	Application bool         // belongs to the application, which several credentials share

	get    func(Draft) string             // the text of the value, a secret revealed
	set    func(*Draft, string)           // takes the text from a form
	draft  func(*Draft) any               // pointer to the value in a draft
	patch  func(*Patch) any               // pointer to the pointer in a patch
	change func(*Patch, Draft)            // puts the draft's value into the patch
	given  func(Patch) bool               // the patch changes the field
	merge  func(*Draft, Patch)            // takes the value from the patch if it is given
	fill   func(*Draft, Draft)            // takes the value from the other draft if it is blank
	load   func(*Draft, Credential)       // takes the value from a stored credential; does nothing for a secret
	save   func(*Credential, Draft) error // puts the value into a stored credential; does nothing for a secret
	column func(*Credential) any          // pointer to the stored value; nil for a secret
	plain  func(*Credential) any          // the stored value as string or int64; nil for a secret
}

// FieldTable returns the fields of a credential in the order of the form.
func FieldTable() []FieldSpec { return slices.Clone(fieldTable) }

// Get returns the text of the field in a draft, a secret revealed.
func (s FieldSpec) Get(d Draft) string { return s.get(d) }

// Set puts a text from a form into the draft.
func (s FieldSpec) Set(d *Draft, text string) { s.set(d, text) }

// Secret reports whether the field is write-only.
func (s FieldSpec) Secret() bool { return s.Field.Secret() }

// FreeText reports whether people write the value themselves. It is trimmed, may
// contain spaces and must not contain a secret. Other texts are copied from Paycor.
func (s FieldSpec) FreeText() bool {
	return !s.Judged && (s.Input == fields.InputText || s.Input == fields.InputLines || s.Input == fields.InputTags)
}

// DraftTarget returns a pointer into the draft that JSON can be decoded into.
func (s FieldSpec) DraftTarget(d *Draft) any { return s.draft(d) }

// PatchTarget returns a pointer into the patch that JSON can be decoded into.
func (s FieldSpec) PatchTarget(p *Patch) any { return s.patch(p) }

// Column returns the name of the field's database column, or "" for a secret, which
// is encrypted and stored separately.
func (s FieldSpec) Column() string {
	switch {
	case s.column == nil:
		return ""
	case s.Field == fields.Grant:
		return "grant_type" // GRANT is a keyword of SQL
	case s.Field == fields.Owner:
		return "owner_name" // owner is who added the credential
	}
	return string(s.Field)
}

// ColumnTarget returns a pointer to scan the column into; nil for a secret.
func (s FieldSpec) ColumnTarget(c *Credential) any {
	if s.column == nil {
		return nil
	}
	return s.column(c)
}

// ColumnValue returns the value to write to the column, a string or an int64; nil
// for a secret.
func (s FieldSpec) ColumnValue(c Credential) any {
	if s.plain == nil {
		return nil
	}
	return s.plain(&c)
}

// textRow completes the row of a field that is text in a draft and in a stored
// credential.
func textRow[T ~string](s FieldSpec, draft func(*Draft) *T, patch func(*Patch) **T, stored func(*Credential) *T) FieldSpec {
	s = valueRow(s, draft, patch)
	s.get = func(d Draft) string { return string(*draft(&d)) }
	s.set = func(d *Draft, text string) { *draft(d) = T(text) }
	s.load = func(d *Draft, c Credential) { *draft(d) = *stored(&c) }
	s.save = func(c *Credential, d Draft) error { *stored(c) = *draft(&d); return nil }
	s.column = func(c *Credential) any { return stored(c) }
	s.plain = func(c *Credential) any { return string(*stored(c)) }
	return s
}

// secretRow completes the row of a field that a stored credential does not show.
func secretRow(s FieldSpec, draft func(*Draft) *Secret, patch func(*Patch) **Secret) FieldSpec {
	s = valueRow(s, draft, patch)
	s.Input = fields.InputSecret
	s.get = func(d Draft) string { return draft(&d).Reveal() }
	s.set = func(d *Draft, text string) { *draft(d) = NewSecret(text) }
	s.load = func(*Draft, Credential) {}
	s.save = func(*Credential, Draft) error { return nil }
	return s
}

// legalEntityRow completes the row of the Legal Entity ID, which is any text in a
// draft and a number once it is stored.
func legalEntityRow(s FieldSpec) FieldSpec {
	s = valueRow(s, func(d *Draft) *TypedID { return &d.LegalEntityID }, func(p *Patch) **TypedID { return &p.LegalEntityID })
	s.Input = fields.InputNumber
	s.get = func(d Draft) string { return string(d.LegalEntityID) }
	s.set = func(d *Draft, text string) { d.LegalEntityID = TypedID(text) }
	s.load = func(d *Draft, c Credential) {
		if c.LegalEntityID != 0 {
			d.LegalEntityID = TypedID(strconv.Itoa(int(c.LegalEntityID)))
		}
	}
	s.save = func(c *Credential, d Draft) (err error) {
		c.LegalEntityID, err = d.LegalEntityID.LegalEntityID()
		return err
	}
	s.column = func(c *Credential) any { return &c.LegalEntityID }
	s.plain = func(c *Credential) any { return int64(c.LegalEntityID) }
	return s
}

// valueRow completes what is the same for every type of value.
func valueRow[T comparable](s FieldSpec, draft func(*Draft) *T, patch func(*Patch) **T) FieldSpec {
	s.draft = func(d *Draft) any { return draft(d) }
	s.patch = func(p *Patch) any { return patch(p) }
	s.change = func(p *Patch, d Draft) { *patch(p) = draft(&d) }
	s.given = func(p Patch) bool { return *patch(&p) != nil }
	s.merge = func(d *Draft, p Patch) {
		if value := *patch(&p); value != nil {
			*draft(d) = *value
		}
	}
	s.fill = func(d *Draft, other Draft) {
		if value := draft(d); *value == *new(T) {
			*value = *draft(&other)
		}
	}
	return s
}
