package rights

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/events"
	"paycorcred/paycor/store"
)

// maxSharings is the number of credentials whose sharing is cached.
const maxSharings = 4096

type credentialKey struct{ workspace, credential string }

// newSharingCache caches who may see a credential: every call to Paycor asks for
// it, and a change made by any process must hold for the next call.
func newSharingCache(config Config) *cache.Versioned[credentialKey, store.CredentialSharing] {
	return cache.New(cache.Config[credentialKey, store.CredentialSharing]{
		Version: config.Version, Max: maxSharings,
		Read: func(ctx context.Context, key credentialKey) (shared store.CredentialSharing, err error) {
			err = config.Store.View(ctx, func(r store.SharingReader) (err error) {
				shared, err = r.CredentialSharing(key.workspace, key.credential)
				return err
			})
			return shared, err
		},
	})
}

// sharingOf returns who can see a credential.
type sharingOf func(ctx context.Context, workspace, credential string) (store.CredentialSharing, error)

// readSharing reads it from the store, or returns what the store still has.
func (a *Authorizer) readSharing(ctx context.Context, workspace, credential string) (store.CredentialSharing, error) {
	return a.sharing.Get(ctx, credentialKey{workspace, credential})
}

// authorizeViewer denies access to a credential that is not shared with the
// caller. Lists apply the same rule in the store, events in MaySeeChange.
func (a *Authorizer) authorizeViewer(ctx context.Context, caller paycor.Caller, action audit.Action, credential string, sharing sharingOf) error {
	viewer := caller.Viewer()
	if viewer == nil {
		return nil
	}
	shared, err := sharing(ctx, caller.Workspace, credential)
	switch {
	case errors.Is(err, store.ErrNotFound): // the action itself reports it
		return nil
	case err != nil:
		return err
	case viewer.Sees(shared.Owner, shared.Sharing):
		return nil
	}
	return a.DenyCredential(ctx, caller, action, credential, "not_shared", CredentialError(store.ErrNotFound))
}

// MaySeeChange reports whether an event is about a credential that the caller
// may see. If that cannot be determined, it returns false.
func (a *Authorizer) MaySeeChange(ctx context.Context, caller paycor.Caller, change events.Change) bool {
	viewer := caller.Viewer()
	if viewer == nil {
		return true
	}
	if change.Action == audit.ActionDelete {
		return viewer.Sees(change.Owner, change.Sharing)
	}
	var shared store.CredentialSharing
	err := a.config.Store.View(ctx, func(r store.SharingReader) (err error) {
		shared, err = r.CredentialSharing(caller.Workspace, change.ID)
		return err
	})
	if err != nil {
		return false
	}
	// Callers who just lost access must learn that the credential is gone.
	lost := change.Action == audit.ActionShare && viewer.Sees(change.Owner, change.Sharing)
	return lost || viewer.Sees(shared.Owner, shared.Sharing)
}
