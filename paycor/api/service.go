package api

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/session"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Service is everything one caller can do with credentials. There are three:
// the manager's on the server, the page's over fetch, and a fake in component
// tests.
//
// Every method returns an *Error where the caller can mend something:
// KindInvalid with Problems, KindNotFound (also for what another workspace
// owns), KindStale, KindForbidden, KindConflict. Any other error is the
// server's own trouble.
type Service interface {
	audit.Service
	embed.Service
	PeerEnvironments
	Rotator
	DuplicateFinder
	session.Service
	SharingService

	// Environments lists the Paycor environments to choose from.
	Environments(ctx context.Context) ([]paycor.Environment, error)

	// Credentials lists the workspace's credentials by name.
	Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error)

	// Credential returns one.
	Credential(ctx context.Context, id string) (paycor.Credential, error)

	// Create saves what is well-formed and then, unless told otherwise, asks
	// Paycor about it. It is saved whatever the verdict is.
	Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error)

	// Update lays a patch over a credential. A change of a value that Paycor
	// judges is verified as in Create.
	Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error)

	// Delete removes a credential and its secrets for good. ifMatch is an ETag,
	// or empty for whatever version there is.
	Delete(ctx context.Context, id, ifMatch string) error

	// Verify asks Paycor about a saved credential and stores the verdict.
	Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error)

	// VerifyDraft asks Paycor about values that are not saved. With an id, the
	// draft's blanks are taken from the saved credential. Nothing is stored.
	VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error)

	// StartActivation begins an activation that ends in the caller's browser, at
	// redirectURI, with Activate. It needs a Scope ID.
	StartActivation(ctx context.Context, id, redirectURI string) (paycor.Activation, error)

	// Activate finishes an activation and asks Paycor about the credential,
	// which is returned with that verdict. Where Paycor does not activate,
	// nothing is changed, and the error's Verdict says why. With a State, id may
	// be empty: the state tells, and the credential that is returned has its ID
	// then, beside an error too.
	Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, progress paycor.Progress) (paycor.Credential, error)

	// History lists what was done with a credential, newest first. Calls to
	// Paycor are not in it: Usage tells of them.
	History(ctx context.Context, id string) ([]audit.Entry, error)

	consumer.Service
	usage.Service
}
