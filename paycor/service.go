package paycor

import "context"

// Service is everything one caller can do with credentials. There are three:
// the manager's on the server, the page's over fetch, and a fake in component
// tests.
//
// Every method returns an *Error where the caller can mend something:
// KindInvalid with Problems, KindNotFound (also for what another workspace
// owns), KindStale, KindForbidden, KindConflict. Any other error is the
// server's own trouble.
type Service interface {
	Auditing
	HostService
	Counterparts
	Rotator
	Matcher
	SessionService
	SharingService

	// Environments lists the Paycor environments to choose from.
	Environments(ctx context.Context) ([]Environment, error)

	// Credentials lists the workspace's credentials by name.
	Credentials(ctx context.Context, query Query) (CredentialPage, error)

	// Credential returns one.
	Credential(ctx context.Context, id string) (Credential, error)

	// Create saves what is well-formed and then, unless told otherwise, asks
	// Paycor about it. It is saved whatever the verdict is.
	Create(ctx context.Context, draft Draft, options CreateOptions) (Saved, error)

	// Update lays a patch over a credential. A change of a value that Paycor
	// judges is verified as in Create.
	Update(ctx context.Context, id string, patch Patch, options UpdateOptions) (Saved, error)

	// Delete removes a credential and its secrets for good. ifMatch is an ETag,
	// or empty for whatever version there is.
	Delete(ctx context.Context, id, ifMatch string) error

	// Verify asks Paycor about a saved credential and stores the verdict.
	Verify(ctx context.Context, id string, progress Progress) (Verdict, error)

	// VerifyDraft asks Paycor about values that are not saved. With an id, the
	// draft's blanks are taken from the saved credential. Nothing is stored.
	VerifyDraft(ctx context.Context, request VerifyRequest, progress Progress) (Verdict, error)

	// StartActivation begins an activation that ends in the caller's browser, at
	// redirectURI, with Activate. It needs a Scope ID.
	StartActivation(ctx context.Context, id, redirectURI string) (Activation, error)

	// Activate finishes an activation and asks Paycor about the credential,
	// which is returned with that verdict. Where Paycor does not activate,
	// nothing is changed, and the error's Verdict says why. With a State, id may
	// be empty: the state tells, and the credential that is returned has its ID
	// then, beside an error too.
	Activate(ctx context.Context, id string, answer ActivationAnswer, progress Progress) (Credential, error)

	// History lists what was done with a credential, newest first. Calls to
	// Paycor are not in it: Usage tells of them.
	History(ctx context.Context, id string) ([]AuditEntry, error)

	Consumers
	Uses
}

// Progress is told of each step of a verification as it begins and as it
// ends. It may be nil.
type Progress func(Step)

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
	Warnings   []Problem   `json:"warnings,omitempty"`
	Duplicates []Duplicate `json:"duplicates,omitempty"` // what is saved already; their words are among Warnings
}
