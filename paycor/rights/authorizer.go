// Package rights decides what a caller may do. One function decides and
// records: a denial is in the audit trail before the caller gets the response.
// Repeated denials are sampled, because the trail cannot be shortened (see
// denials.go).
//
// It evaluates rights, allow-lists and sharing. Packages session, consumer and
// embed authenticate the caller.
package rights

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/store"
)

// Config configures an Authorizer. All fields but Clock and Logger are required.
type Config struct {
	Store    store.Scope[store.SharingReader, trail.Appender]
	Version  func(context.Context) (store.Version, error) // of the store, for caching who may see a credential
	Recorder *trail.Recorder
	Clock    func() time.Time // nil means time.Now
	Logger   *slog.Logger     // nil discards
}

// Authorizer decides what callers may do, and records what it denies. It is safe
// for concurrent use.
type Authorizer struct {
	config  Config
	sharing *cache.Versioned[credentialKey, store.CredentialSharing]
	denials denialCounts
}

// New returns an authorizer.
func New(config Config) *Authorizer {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Authorizer{config: config, sharing: newSharingCache(config)}
}

func (a *Authorizer) now() time.Time { return a.config.Clock().UTC().Truncate(time.Millisecond) }

// Authorize returns nil if the caller may do something, else it records the
// denial and returns the error to respond with. credential is empty for actions
// that concern no single credential. A credential that is outside the caller's
// allow-list or not shared with the caller is KindNotFound; a missing right is
// KindForbidden.
func (a *Authorizer) Authorize(ctx context.Context, caller paycor.Caller, right paycor.Right, action audit.Action, credential string) error {
	return a.authorize(ctx, caller, right, action, credential, a.readSharing)
}

// AuthorizeShared is Authorize with what was just read about who can see the credential.
func (a *Authorizer) AuthorizeShared(ctx context.Context, caller paycor.Caller, right paycor.Right, action audit.Action, credential string, shared store.CredentialSharing) error {
	return a.authorize(ctx, caller, right, action, credential, func(context.Context, string, string) (store.CredentialSharing, error) { return shared, nil })
}

func (a *Authorizer) authorize(ctx context.Context, caller paycor.Caller, right paycor.Right, action audit.Action, credential string, sharing sharingOf) error {
	switch {
	case !caller.Rights.Has(right):
		if err := a.record(ctx, caller, action, credential, "missing_right_"+string(right)); err != nil {
			return err
		}
		return paycor.Errorf(paycor.KindForbidden, "error.right-missing", right, caller.Name)
	case credential != "" && !caller.Covers(credential):
		if err := a.record(ctx, caller, action, credential, "outside_allow_list"); err != nil {
			return err
		}
		return CredentialError(store.ErrNotFound)
	case credential != "":
		return a.authorizeViewer(ctx, caller, action, credential, sharing)
	}
	return nil
}

// AuthorizeWorkspace is Authorize for actions on a whole workspace. They need
// the right admin, and no caller with an allow-list may do them: people, programs
// and embedding sites can reach more than some of the credentials.
func (a *Authorizer) AuthorizeWorkspace(ctx context.Context, caller paycor.Caller, action audit.Action) error {
	if err := a.Authorize(ctx, caller, paycor.RightAdmin, action, ""); err != nil || len(caller.Credentials) == 0 {
		return err
	}
	return a.Deny(ctx, caller, action, "outside_allow_list",
		paycor.Errorf(paycor.KindForbidden, "error.whole-workspace", caller.Name))
}

// AuthorizeMetrics decides who may read the server's metrics. They count all
// workspaces and credentials together, so it takes the right view in the default
// workspace, without an allow-list.
func (a *Authorizer) AuthorizeMetrics(ctx context.Context, caller paycor.Caller) error {
	return a.authorizeServer(ctx, caller, paycor.RightView, audit.ActionMetrics,
		paycor.Errorf(paycor.KindForbidden, "error.metrics-whole-server", paycor.DefaultWorkspace))
}

// AuthorizeHealth decides who may read what the checks of the server found. They name
// records of all workspaces, so it takes the right admin in the default workspace,
// without an allow-list.
func (a *Authorizer) AuthorizeHealth(ctx context.Context, caller paycor.Caller) error {
	return a.authorizeServer(ctx, caller, paycor.RightAdmin, audit.ActionHealth,
		paycor.Errorf(paycor.KindForbidden, "error.health-whole-server", paycor.DefaultWorkspace))
}

// authorizeServer is Authorize for actions on the server as a whole. denial is for
// callers outside of the default workspace, and with an allow-list.
func (a *Authorizer) authorizeServer(ctx context.Context, caller paycor.Caller, right paycor.Right, action audit.Action, denial error) error {
	if err := a.Authorize(ctx, caller, right, action, ""); err != nil {
		return err
	}
	if caller.Workspace == paycor.DefaultWorkspace && len(caller.Credentials) == 0 {
		return nil
	}
	return a.Deny(ctx, caller, action, "outside_default_workspace", denial)
}

// Deny records that an action was denied for a reason that only its use case
// knows, and returns denial. detail is a code, never a value the caller sent.
func (a *Authorizer) Deny(ctx context.Context, caller paycor.Caller, action audit.Action, detail string, denial error) error {
	if err := a.record(ctx, caller, action, "", detail); err != nil {
		return err
	}
	return denial
}

// DenyCredential is Deny for an action on a credential.
func (a *Authorizer) DenyCredential(ctx context.Context, caller paycor.Caller, action audit.Action, credential, detail string, denial error) error {
	if err := a.record(ctx, caller, action, credential, detail); err != nil {
		return err
	}
	return denial
}

// DenyRequest records that a request was denied before it reached a use case,
// such as one with a foreign origin. detail is a code, never a value the caller
// sent. It returns an error if the denial could not be recorded.
func (a *Authorizer) DenyRequest(ctx context.Context, caller paycor.Caller, detail string) error {
	return a.record(ctx, caller, audit.ActionRefused, "", detail)
}

// NotFound translates an error of the store. If the caller's workspace has no
// such credential, it records that, because the caller may be probing for
// credentials of another workspace. Actions that change or use a credential
// respond with it.
func (a *Authorizer) NotFound(ctx context.Context, caller paycor.Caller, action audit.Action, credential string, cause error) error {
	err := CredentialError(cause)
	if paycor.KindOf(err) == paycor.KindNotFound {
		return a.DenyCredential(context.WithoutCancel(ctx), caller, action, credential, "not_found", err)
	}
	return err
}

// CredentialError translates the store's error about a credential into an error
// for the caller: store.ErrNotFound and store.ErrStale become KindNotFound and
// KindStale, any other error stays as it is.
func CredentialError(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return paycor.Errorf(paycor.KindNotFound, "error.credential-not-found")
	case errors.Is(err, store.ErrStale):
		return paycor.Errorf(paycor.KindStale, "error.credential-stale")
	}
	return err
}
