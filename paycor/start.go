package paycor

import (
	"strings"
	"time"
)

// Start is what a page knows when it opens. The server renders the page from
// it and sends it along, so that the component begins where the HTML ended.
type Start struct {
	Path         string           `json:"path"`                 // of the page: "/" or "/credentials/{id}"
	Purpose      Purpose          `json:"purpose"`              // what a selection is for
	Chosen       bool             `json:"chosen,omitempty"`     // the credential's own page was come to by choosing it for the purpose
	Caller       Caller           `json:"caller"`               // who looks
	Environments []Environment    `json:"environments"`         // to choose from
	Preferred    string           `json:"preferred"`            // the environment a new credential begins with
	List         CredentialPage   `json:"list"`                 // the tiles
	Credential   *Credential      `json:"credential,omitempty"` // on its own page
	History      []AuditEntry     `json:"history,omitempty"`    // on its own page
	Now          time.Time        `json:"now"`                  // the server's clock, for "2 minutes ago"
	Activation   *Notice          `json:"activation,omitempty"` // on its own page, right after an activation
	Session      *Session         `json:"session,omitempty"`    // of who looks, and when it ends
	Sessions     []Session        `json:"sessions,omitempty"`   // on the page of sign-ins
	Usage        *Usage           `json:"usage,omitempty"`      // on its own page
	Consumers    []Consumer       `json:"consumers,omitempty"`  // on the page of consumers
	Names        []CredentialName `json:"names,omitempty"`      // there too: of all credentials
	Failure      string           `json:"failure,omitempty"`    // why the list could not be read, in words
	Audit        *AuditStart      `json:"audit,omitempty"`      // on the page of the audit trail
	Hosts        []Host           `json:"hosts,omitempty"`      // on the hosts' page
	Embed        *EmbedStart      `json:"embed,omitempty"`      // where the page is in a host's frame
}

// CredentialName is as much of a credential as it takes to choose it: where and
// of whom it is only where another has its name.
type CredentialName struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Environment   string `json:"environment,omitempty"`
	LegalEntityID int32  `json:"legal_entity_id,omitempty"`
}

// AlikeName returns what is the same for names that the eye does not tell apart.
func AlikeName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// AuditStart is what the page of the audit trail opens with.
type AuditStart struct {
	Filter AuditFilter `json:"filter"`
	Page   AuditPage   `json:"page"`
}

// AuditAny stands in the page's address for no filter: a choice needs a value,
// and no action and no outcome is named so.
const AuditAny = "any"

// AuditFilter is an AuditQuery as it stands in an address: a day is a whole
// day of the server's calendar, UTC.
type AuditFilter struct {
	Credential string `json:"credential,omitempty"`
	Caller     string `json:"caller,omitempty"`
	Action     Action `json:"action,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	From       string `json:"from,omitempty"` // a moment as in RFC 3339, or a day, 2006-01-02
	To         string `json:"to,omitempty"`   // the same; the last day is within
}

// Purpose is what a credential is selected for.
type Purpose string

// The purposes.
const (
	PurposeSource      Purpose = "source"
	PurposeDestination Purpose = "destination"
)

// Change tells open pages that something about a credential changed, or what
// they may do.
type Change struct {
	ID     string `json:"id"`               // of a credential; empty where it is about none
	Action Action `json:"action"`           // empty where it tells rights alone
	Rights Rights `json:"rights,omitempty"` // what the listener may do now, where that changed

	// Who could see it before, where it is deleted or shared otherwise now. What
	// holds now, the store knows.
	Owner   string   `json:"-"`
	Sharing *Sharing `json:"-"`
}

// Notice tells a person what came of what they did on another page.
type Notice struct {
	Done    bool   `json:"done"`             // it succeeded
	Code    Code   `json:"code,omitempty"`   // why it did not
	Message string `json:"message"`          // one sentence: what happened
	Remedy  string `json:"remedy,omitempty"` // one sentence: how to mend it
}
