package web

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/session"
)

// Access identifies callers, manages their sessions and records denials. Its
// errors are *paycor.Error. The kind is KindUnauthorized for a token, handle or
// code that is unknown or no longer valid.
type Access interface {
	Authenticator
	Sessions
	DenialLog
}

// Authenticator maps what a request presents to a caller.
type Authenticator interface {
	// CallerByToken returns the holder of an API token. For a revoked or expired
	// token the error wraps a *consumer.EndedToken.
	CallerByToken(ctx context.Context, token paycor.Secret) (paycor.Caller, error)

	// CallerBySession returns the person a session belongs to.
	CallerBySession(ctx context.Context, handle paycor.Secret) (paycor.Caller, error)
}

// Sessions opens, renews and ends sessions of people.
type Sessions interface {
	// SignIn exchanges the one-time code of a sign-in link for a session.
	SignIn(ctx context.Context, code paycor.Secret, from, requestID string) (handle paycor.Secret, expires time.Time, err error)

	// OpenSession opens a session for a person whom the OIDC provider
	// authenticated.
	OpenSession(context.Context, session.SignIn) (handle paycor.Secret, expires time.Time, err error)

	// UseSession records activity, which postpones the idle timeout.
	UseSession(ctx context.Context, handle paycor.Secret) error

	// ProviderHint returns the ID token hint for the provider's logout endpoint,
	// or a zero secret if the session has none.
	ProviderHint(ctx context.Context, handle paycor.Secret) (paycor.Secret, error)

	// SignOut ends a session.
	SignOut(ctx context.Context, handle paycor.Secret, from, requestID string) error

	// EndProviderSessions ends the sessions a logout token refers to and returns
	// their number.
	EndProviderSessions(ctx context.Context, ended session.SignOut, from, requestID string) (int, error)
}

// DenialLog records denied requests.
type DenialLog interface {
	// DenyRequest records a denial in the audit trail, or counts it if the same caller
	// was denied often lately. detail is a code from this package, never
	// something the caller sent. An unauthenticated caller has kind CallerUnknown.
	DenyRequest(ctx context.Context, caller paycor.Caller, detail string) error
}

// Activations sends browsers to Paycor's activation page.
type Activations interface {
	// OpenActivation uses up the handle of an activation that one of the callers started,
	// and returns the address of Paycor's page, which contains the APIM Subscription Key.
	// The error is KindUnauthorized if the handle is not, or no longer, one of theirs.
	OpenActivation(ctx context.Context, handle paycor.Secret, callers ...paycor.Caller) (address string, err error)

	// Invitation returns what an activation link is for, and KindUnauthorized for an
	// unknown code. It changes nothing.
	Invitation(ctx context.Context, code paycor.Secret) (activation.Invitation, error)

	// StartActivationByLink starts an activation for a caller of kind CallerLink, of whom
	// only Browser, From and RequestID are known, or for a person. It returns the handle
	// for OpenActivation, and KindUnauthorized if the link is not open or the caller has
	// to sign in.
	StartActivationByLink(ctx context.Context, code paycor.Secret, caller paycor.Caller, redirectURI string) (handle paycor.Secret, err error)

	// FinishActivationByLink finishes the activation that a visitor started. found is
	// false if their browser started none with that state.
	FinishActivationByLink(ctx context.Context, visitor paycor.Caller, answer paycor.ActivationAnswer) (credential paycor.Credential, found bool, err error)
}
