package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// DuplicateRequest says what to look for. What is empty is not looked for.
type DuplicateRequest struct {
	ID            string // of the credential that is edited: it is no duplicate of itself
	Name          string
	Environment   string
	ClientID      string
	LegalEntityID TypedID
}

// DuplicatesOf asks for what a draft has in common with others.
func DuplicatesOf(id string, draft Draft) DuplicateRequest {
	return DuplicateRequest{ID: id, Name: draft.Name, Environment: draft.Environment, ClientID: draft.ClientID, LegalEntityID: draft.LegalEntityID}
}

// Duplicate is a credential that another one, or a draft, is the same as in
// some way.
type Duplicate struct {
	Credential string          `json:"credential"` // id of the one that is saved
	Name       string          `json:"name"`       // its name
	Kind       DuplicateKind   `json:"kind"`
	Message    message.Message `json:"message"` // one sentence: what is the same
}

// DuplicateKind says in which way two credentials are the same.
type DuplicateKind string

// The ways.
const (
	DuplicateValues DuplicateKind = "values" // Environment, Client ID and Legal Entity ID
	DuplicateName   DuplicateKind = "name"
)

// NewDuplicate puts a duplicate into words.
func NewDuplicate(id, name string, kind DuplicateKind) Duplicate {
	d := Duplicate{Credential: id, Name: name, Kind: kind}
	if kind == DuplicateName {
		d.Message = message.New("same.name", name)
	} else {
		d.Message = message.New("same.values", name)
	}
	return d
}

// Warning returns the duplicate as a warning about the field that shows it.
func (d Duplicate) Warning() fields.Problem {
	if d.Kind == DuplicateName {
		return fields.Problem{Field: fields.Name, Code: fields.ProblemNameTaken, Message: d.Message}
	}
	return fields.Problem{Field: fields.ClientID, Code: fields.ProblemSavedAlready, Message: d.Message}
}
