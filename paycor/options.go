package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/verdicts"
)

// Progress is called at the start and end of each verification step. It may be nil.
type Progress func(verdicts.Step)

// Query says which credentials to list.
type Query struct {
	Search string // words to find in anything but secrets, however they are cased and accented; empty finds all
	Cursor string // CredentialPage.Next of the previous page; empty for the first
	Limit  int    // credentials a page, 1…200; 0 means 100

	IDs    []string // only these, as far as they exist; empty means all
	Filter Filter

	Sort       listing.Sort // empty means by name
	Descending bool

	WithCounts bool // count all that the caller sees, too

	Viewer *Viewer // set on the server; nil sees everything
	Today  Day     // set on the server
}

// CredentialPage is one page of a list.
type CredentialPage struct {
	Credentials []Credential `json:"credentials"`
	Next        string       `json:"next_cursor,omitempty"` // empty on the last page
	Total       int          `json:"total"`                 // matches on all pages

	TotalIsMinimum bool `json:"total_is_minimum,omitempty"` // a search has more matches than Total, which stops counting at some thousand
	Unreadable     int  `json:"unreadable,omitempty"`       // credentials that were left out, because their part of the database is damaged

	Counts *listing.Counts `json:"counts,omitempty"` // of all that the caller sees, whatever the query; nil if not asked for or not readable
}

// CreateOptions are options for creating a credential.
type CreateOptions struct {
	ApplicationID  string   // saved application that fills the draft's blanks, secrets included; empty means none
	IdempotencyKey string   // a repeated create with the same key saves once
	SkipVerify     bool     // save only
	AcceptWarnings bool     // verify although a value looks like another field's
	Progress       Progress // may be nil
}

// UpdateOptions are options for changing a credential.
type UpdateOptions struct {
	IfMatch        string // ETag the change is based on; empty for any version
	SkipVerify     bool   // save without a test; a replaced secret is kept for a rollback
	Force          bool   // replace secrets even if Paycor does not accept the new ones
	AcceptWarnings bool
	Progress       Progress
}

// VerifyRequest is a draft to verify.
type VerifyRequest struct {
	ID             string `json:"id,omitempty"`             // saved credential that fills the draft's blank fields
	ApplicationID  string `json:"application_id,omitempty"` // saved application that fills them, secrets included
	AcceptWarnings bool   `json:"accept_warnings,omitempty"`
	SkipDataAccess bool   `json:"skip_data_access,omitempty"` // skip the access probe
	Draft
}

// Saved is a credential as saved, with warnings about it.
type Saved struct {
	Credential
	Warnings   []fields.Problem `json:"warnings,omitempty"`
	Duplicates []Duplicate      `json:"duplicates,omitempty"` // saved credentials with the same values; Warnings has their messages

	AlsoChanged       []string `json:"also_changed,omitempty"`        // IDs of the other credentials of its application, if the change is theirs, too, as far as the caller sees them
	AlsoChangedHidden bool     `json:"also_changed_hidden,omitempty"` // the change is also that of others, which the caller does not see
}
