package api

import (
	"context"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/session"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Start is the data a page opens with. The server renders the page from it and
// sends it along, so that the component starts with the same state as the HTML.
type Start struct {
	Path         string                   `json:"path"`                 // of the page: "/" or "/credentials/{id}"
	Locale       string                   `json:"locale,omitempty"`     // BCP 47 tag of the page's language
	Languages    []Language               `json:"languages,omitempty"`  // the other languages to choose from
	Theme        Theme                    `json:"theme"`                // that the person chose
	Purpose      paycor.Purpose           `json:"purpose"`              // what a selection is for
	Chosen       bool                     `json:"chosen,omitempty"`     // the detail page was opened by choosing the credential for the purpose
	Caller       paycor.Caller            `json:"caller"`               // the caller
	Environments []paycor.Environment     `json:"environments"`         // to choose from
	Preferred    string                   `json:"preferred"`            // the initial environment of a new credential
	List         paycor.CredentialPage    `json:"list"`                 // the tiles, with counts
	Query        string                   `json:"query,omitempty"`      // of the page's address, which says what the list shows and in which order
	Credential   *paycor.Credential       `json:"credential,omitempty"` // on its own page
	History      audit.History            `json:"history,omitzero"`     // on its own page
	Now          time.Time                `json:"now"`                  // the server's clock, for "2 minutes ago"
	Activation   *Notice                  `json:"activation,omitempty"` // on its own page, right after an activation
	Session      *session.Session         `json:"session,omitempty"`    // the caller's session, and when it ends
	Sessions     session.List             `json:"sessions,omitzero"`    // on the page of sign-ins
	Usage        *usage.Usage             `json:"usage,omitempty"`      // on its own page
	Consumers    consumer.Page            `json:"consumers,omitzero"`   // on the page of consumers
	Names        []CredentialName         `json:"names,omitempty"`      // on the same page: of the credentials that their tokens list
	Failure      string                   `json:"failure,omitempty"`    // why the list could not be read
	Audit        *audit.Start             `json:"audit,omitempty"`      // on the page of the audit trail
	Hosts        embed.HostList           `json:"hosts,omitzero"`       // on the page of embedding sites
	Channels     notification.ChannelList `json:"channels,omitzero"`    // on the page of notifications
	Health       *health.Report           `json:"health,omitempty"`     // on the page of the server
	Embed        *embed.Start             `json:"embed,omitempty"`      // if the page is embedded

	Application *application.Application  `json:"application,omitempty"`    // on its own page, and on those of its credentials
	SameClient  []application.Application `json:"same_client_id,omitempty"` // on its own page: others with its Client ID, whose secrets differ
}

// The view of the list in the query of its address: a table in place of tiles, with this
// many credentials on a page.
const (
	QueryView = "view"
	ViewTable = "table"
	TablePage = 50
)

// Language is a language of the page.
type Language struct {
	Tag  string `json:"tag"`  // BCP 47
	Name string `json:"name"` // in the language itself
}

// CredentialName is enough of a credential to choose it among others, some of which
// may have the same name.
type CredentialName struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Environment   string `json:"environment,omitempty"`
	LegalEntityID int32  `json:"legal_entity_id,omitempty"`
}

// NamesOf returns the names of credentials.
func NamesOf(credentials []paycor.Credential) []CredentialName {
	names := make([]CredentialName, len(credentials))
	for i, c := range credentials {
		names[i] = CredentialName{ID: c.ID, Name: c.Name, Environment: c.Environment, LegalEntityID: c.LegalEntityID}
	}
	return names
}

// MaxNames is how many names one request reads.
const MaxNames = 100

// NamesByID reads the names of credentials, as far as the caller sees them.
func NamesByID(ctx context.Context, service interface {
	Credentials(context.Context, paycor.Query) (paycor.CredentialPage, error)
}, ids []string) ([]CredentialName, error) {
	var names []CredentialName
	for some := range slices.Chunk(ids, MaxNames) {
		page, err := service.Credentials(ctx, paycor.Query{IDs: some, Limit: len(some)})
		if err != nil {
			return nil, err
		}
		names = append(names, NamesOf(page.Credentials)...)
	}
	return names, nil
}

// Notice tells a person the result of what they did on another page.
type Notice struct {
	Done    bool            `json:"done"`            // it succeeded
	Code    verdicts.Code   `json:"code,omitempty"`  // why it did not
	Message message.Message `json:"message"`         // one sentence: what happened
	Remedy  message.Message `json:"remedy,omitzero"` // one sentence: how to fix it
}
