package api

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Start is the data a page opens with. The server renders the page from it and
// sends it along, so that the component starts with the same state as the HTML.
type Start struct {
	Path         string                `json:"path"`                 // of the page: "/" or "/credentials/{id}"
	Locale       string                `json:"locale,omitempty"`     // BCP 47 tag of the page's language
	Purpose      paycor.Purpose        `json:"purpose"`              // what a selection is for
	Chosen       bool                  `json:"chosen,omitempty"`     // the detail page was opened by choosing the credential for the purpose
	Caller       paycor.Caller         `json:"caller"`               // the caller
	Environments []paycor.Environment  `json:"environments"`         // to choose from
	Preferred    string                `json:"preferred"`            // the initial environment of a new credential
	List         paycor.CredentialPage `json:"list"`                 // the tiles
	Credential   *paycor.Credential    `json:"credential,omitempty"` // on its own page
	History      []audit.Entry         `json:"history,omitempty"`    // on its own page
	Now          time.Time             `json:"now"`                  // the server's clock, for "2 minutes ago"
	Activation   *Notice               `json:"activation,omitempty"` // on its own page, right after an activation
	Session      *session.Session      `json:"session,omitempty"`    // the caller's session, and when it ends
	Sessions     []session.Session     `json:"sessions,omitempty"`   // on the page of sign-ins
	Usage        *usage.Usage          `json:"usage,omitempty"`      // on its own page
	Consumers    []consumer.Consumer   `json:"consumers,omitempty"`  // on the page of consumers
	Names        []CredentialName      `json:"names,omitempty"`      // on the same page: names of all credentials
	Failure      string                `json:"failure,omitempty"`    // why the list could not be read
	Audit        *audit.Start          `json:"audit,omitempty"`      // on the page of the audit trail
	Hosts        []embed.Host          `json:"hosts,omitempty"`      // on the page of embedding sites
	Embed        *embed.Start          `json:"embed,omitempty"`      // if the page is embedded
}

// CredentialName is enough of a credential to choose it. Environment and legal
// entity are set only if another credential has the same name.
type CredentialName struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Environment   string `json:"environment,omitempty"`
	LegalEntityID int32  `json:"legal_entity_id,omitempty"`
}

// Notice tells a person the result of what they did on another page.
type Notice struct {
	Done    bool            `json:"done"`            // it succeeded
	Code    verdicts.Code   `json:"code,omitempty"`  // why it did not
	Message message.Message `json:"message"`         // one sentence: what happened
	Remedy  message.Message `json:"remedy,omitzero"` // one sentence: how to fix it
}
