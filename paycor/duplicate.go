package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// DuplicateRequest says what to look for. Empty values are ignored.
type DuplicateRequest struct {
	ID            string // the credential being edited, which is not a duplicate of itself
	Name          string
	Environment   string
	ClientID      string
	LegalEntityID TypedID
}

// DuplicatesOf returns the request to find credentials that share values with a
// draft.
func DuplicatesOf(id string, draft Draft) DuplicateRequest {
	return DuplicateRequest{ID: id, Name: draft.Name, Environment: draft.Environment, ClientID: draft.ClientID, LegalEntityID: draft.LegalEntityID}
}

// Duplicate is a saved credential that shares values or the name with another one or
// with a draft.
type Duplicate struct {
	Credential string          `json:"credential"` // ID of the saved credential
	Name       string          `json:"name"`       // its name
	Kind       DuplicateKind   `json:"kind"`
	Message    message.Message `json:"message"` // one sentence that says what they share
}

// DuplicateKind says what two credentials share.
type DuplicateKind string

// The kinds.
const (
	DuplicateValues DuplicateKind = "values" // Environment, Client ID and Legal Entity ID
	DuplicateName   DuplicateKind = "name"
)

// NewDuplicate returns a duplicate with its message.
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
