package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// Progress is told of each step of a verification as it begins and as it
// ends. It may be nil.
type Progress func(verdicts.Step)

// Query says which credentials to list.
type Query struct {
	Search string // words to find in name, description, Client ID or legal entity; empty finds all
	Cursor string // CredentialPage.Next of the page before; empty begins
	Limit  int    // credentials a page, 1…200; 0 means 100

	Viewer *Viewer // set on the server: who looks; nil sees everything
}

// CredentialPage is one page of a list.
type CredentialPage struct {
	Credentials []Credential `json:"credentials"`
	Next        string       `json:"next_cursor,omitempty"` // empty on the last page
	Total       int          `json:"total"`                 // how many the search finds on all pages
}

// CreateOptions are the ways to create a credential.
type CreateOptions struct {
	IdempotencyKey string   // a repeated create with the same key saves once
	SkipVerify     bool     // save only
	AcceptWarnings bool     // ask Paycor although a value looks like another field's
	Progress       Progress // may be nil
}

// UpdateOptions are the ways to change a credential.
type UpdateOptions struct {
	IfMatch        string // the ETag the change was made upon; empty for whatever version there is
	SkipVerify     bool
	AcceptWarnings bool
	Progress       Progress
}

// VerifyRequest is a draft to ask Paycor about.
type VerifyRequest struct {
	ID             string `json:"id,omitempty"` // the saved credential that fills the draft's blanks
	AcceptWarnings bool   `json:"accept_warnings,omitempty"`
	SkipDataAccess bool   `json:"skip_data_access,omitempty"` // do not look at what can be read
	Draft
}

// Saved is a credential as it was saved, with what looked odd about it.
type Saved struct {
	Credential
	Warnings   []fields.Problem `json:"warnings,omitempty"`
	Duplicates []Duplicate      `json:"duplicates,omitempty"` // what is saved already; their words are among Warnings
}
