// Package application describes applications at Paycor: what several credentials share,
// each for a legal entity of its own.
package application

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// Application is a saved application as a caller may see it, without secrets. A caller
// who sees none of its credentials does not learn that it exists.
type Application struct {
	ID          string       `json:"id"`
	Environment string       `json:"environment"`
	Grant       paycor.Grant `json:"grant"`
	ClientID    string       `json:"client_id"`
	Scope       string       `json:"scope"`

	HasClientSecret        bool      `json:"has_client_secret"`
	HasSubscriptionKey     bool      `json:"has_subscription_key"`
	ClientSecretSavedAt    time.Time `json:"client_secret_saved_at,omitzero"`
	SubscriptionKeySavedAt time.Time `json:"subscription_key_saved_at,omitzero"`

	HasRefreshToken bool      `json:"has_refresh_token"`
	ActivatedAt     time.Time `json:"activated_at,omitzero"`
	ActivatedBy     string    `json:"activated_by,omitempty"`

	RotateBy paycor.Day       `json:"rotate_by,omitempty"`
	Rotation *paycor.Rotation `json:"rotation,omitempty"`

	Credentials []Credential `json:"credentials"`            // that the caller sees, by name, at most MaxCredentials
	Total       int          `json:"credentials_total"`      // that the caller sees
	Others      bool         `json:"has_hidden_credentials"` // there are others, which the caller does not see
	Usable      bool         `json:"secrets_usable"`         // the caller may save credentials with its secrets, rotate and activate it
}

// MaxCredentials is how many credentials an Application lists.
const MaxCredentials = 200

// Credential is a credential of an application.
type Credential struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	LegalEntityID   int32            `json:"legal_entity_id"`
	LegalEntityName string           `json:"legal_entity_name,omitempty"`
	State           paycor.State     `json:"state"`
	Outcome         verdicts.Outcome `json:"outcome,omitempty"` // of the latest verdict; empty if there is none
}

// New returns the application of credentials, of which there is at least one.
func New(page paycor.CredentialPage) Application {
	c := page.Credentials[0]
	a := Application{
		ID: c.ApplicationID, Environment: c.Environment, Grant: c.Grant, ClientID: c.ClientID, Scope: c.Scope,
		HasClientSecret: c.HasClientSecret, HasSubscriptionKey: c.HasSubscriptionKey,
		ClientSecretSavedAt: c.ClientSecretSavedAt, SubscriptionKeySavedAt: c.SubscriptionKeySavedAt,
		HasRefreshToken: c.HasRefreshToken, ActivatedAt: c.ActivatedAt, ActivatedBy: c.ActivatedBy,
		RotateBy: c.RotateBy, Rotation: c.Rotation, Total: page.Total,
	}
	for _, c := range page.Credentials {
		member := Credential{ID: c.ID, Name: c.Name, LegalEntityID: c.LegalEntityID, LegalEntityName: c.LegalEntityName, State: c.State}
		if c.Verdict != nil {
			member.Outcome = c.Verdict.Outcome
		}
		a.Credentials = append(a.Credentials, member)
	}
	return a
}

// Query says which applications to list.
type Query struct {
	Environment string // empty means all
	ClientID    string // empty means all
	Cursor      string // Page.Next of the previous page; empty for the first
	Limit       int    // applications a page, 1…200; 0 means 100
}

// Page is one page of a list.
type Page struct {
	Applications []Application `json:"applications"`
	Next         string        `json:"next_cursor,omitempty"` // empty on the last page
}

// Service reads applications.
type Service interface {
	// Applications lists the applications of which the caller sees a credential, by ID.
	Applications(ctx context.Context, query Query) (Page, error)

	// Application returns one application. It is KindNotFound if the caller sees none of
	// its credentials.
	Application(ctx context.Context, id string) (Application, error)
}
