package api

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/health"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/session"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Service is everything one caller can do with credentials. It has three
// implementations: the server's, the page's over fetch, and a fake in component tests.
//
// Every method returns an *Error if the caller can fix something: KindInvalid with
// Problems, KindNotFound (also for what another workspace owns), KindStale,
// KindForbidden, KindConflict. Any other error is internal.
type Service interface {
	application.Service
	audit.Service
	activation.LinkService
	embed.Service
	health.Service
	notification.Service
	PeerEnvironments
	Rotator
	DuplicateFinder
	session.Service
	SharingService

	// Environments lists the Paycor environments to choose from.
	Environments(ctx context.Context) ([]paycor.Environment, error)

	// Credentials lists the workspace's credentials.
	Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error)

	// CredentialCounts counts the credentials that the caller sees by what a list can be
	// filtered by.
	CredentialCounts(ctx context.Context) (listing.Counts, error)

	// Credential returns one credential.
	Credential(ctx context.Context, id string) (paycor.Credential, error)

	// Create saves a well-formed draft and then verifies it, unless the options
	// say otherwise. It is saved whatever the verdict is.
	Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error)

	// Update applies a patch to a credential. A change of a value that Paycor judges is
	// verified as in Create.
	Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error)

	// Delete removes a credential and its secrets permanently. ifMatch is an ETag, or
	// empty for any version.
	Delete(ctx context.Context, id, ifMatch string) error

	// Verify verifies a saved credential and stores the verdict.
	Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error)

	// VerifyDraft verifies values that are not saved. With an ID, blank fields are taken
	// from the saved credential. Nothing is stored.
	VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error)

	// StartActivation starts an activation that ends in the caller's browser at
	// redirectURI, with Activate. It needs a Scope ID.
	StartActivation(ctx context.Context, id, redirectURI string) (paycor.Activation, error)

	// Activate finishes an activation, verifies the credential and returns it
	// with the verdict. If Paycor does not activate it, nothing changes and the
	// error's Verdict says why. With a State, id may be empty: the state
	// identifies the credential, and the returned credential has its ID, even
	// if there is an error.
	Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, progress paycor.Progress) (paycor.Saved, error)

	// History lists what was done with a credential, newest first, without calls to
	// Paycor, which Usage covers.
	History(ctx context.Context, id string) (audit.History, error)

	consumer.Service
	usage.Service
}
