package credentials

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// tokenStore implements tokens.Store over the database.
type tokenStore struct{ *Service }

var _ tokens.Store = tokenStore{}

// serverCaller is the caller of actions that the server starts itself.
func serverCaller(workspace string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerServer, ID: "server", Name: audit.NameServer, Workspace: workspace}
}

// tokenState is the token state of one application and the records it comes from.
type tokenState struct {
	tokens.State
	stored stored // one of its credentials
	record store.TokenState
}

// read reads the state of an application, whether or not the credential that asked for a
// token still uses it. If the application is gone because its credentials joined another
// one, that is read.
func (t tokenStore) read(r Reader, key tokens.Key) (state tokenState, err error) {
	members, err := r.ApplicationCredentials(key.Workspace, key.Application)
	if errors.Is(err, store.ErrNotFound) {
		var asking paycor.Credential
		if asking, err = r.Credential(key.Workspace, key.Credential); err == nil {
			members, err = r.ApplicationCredentials(key.Workspace, asking.ApplicationID)
		}
	}
	if err != nil {
		return state, err
	}
	if state.stored, err = loadFirst(r, key.Workspace, members); err != nil {
		return state, err
	}
	if state.record, err = r.TokenState(key.Workspace, members[0].ID); err != nil {
		return state, err
	}
	application := tokens.ApplicationFromDraft(t.environment(state.stored.Environment), state.stored.draft())
	for _, member := range members {
		if member.LegalEntityID != application.LegalEntityID {
			application.LegalEntityID = 0
		}
	}
	state.State = tokens.State{
		Application: application,
		Grant:       state.stored.Grant,
		Access:      state.stored.secrets[fields.AccessToken],
		ExpiresAt:   state.record.ExpiresAt, RenewAt: state.record.RenewAt,
		Refresh:    state.stored.secrets[fields.RefreshToken],
		Unresolved: !state.record.ExchangeStartedAt.IsZero(), RefreshTokenError: state.record.RefreshTokenError, Epoch: state.record.Epoch,
	}
	return state, nil
}

// Load implements tokens.Store.
func (t tokenStore) Load(ctx context.Context, key tokens.Key) (tokens.State, error) {
	var state tokenState
	err := t.config.Store.View(ctx, func(r Reader) (err error) {
		state, err = t.read(r, key)
		return err
	})
	return state.State, fail(err)
}

// AcquireLease implements tokens.Store.
func (t tokenStore) AcquireLease(ctx context.Context, key tokens.Key, owner string, lease time.Duration, enough func(tokens.State) bool) (tokens.State, tokens.LeaseResult, error) {
	var state tokenState
	var result tokens.LeaseResult
	err := t.config.Store.Update(ctx, func(tx Tx) (err error) {
		if state, err = t.read(tx, key); err != nil {
			return err
		}
		now, record := t.now(), state.record
		switch {
		case enough(state.State):
			result = tokens.LeaseNotNeeded
			return nil
		case record.LeaseOwner != "" && record.LeaseOwner != owner && now.Before(record.LeaseEndsAt) && !clock.Ahead(record.LeaseEndsAt.Add(-lease), now):
			result = tokens.LeaseBusy
			return nil
		}
		result = tokens.LeaseAcquired
		record.LeaseOwner, record.LeaseEndsAt = owner, now.Add(lease)
		if state.Grant == paycor.GrantAuthorizationCode && record.ExchangeStartedAt.IsZero() {
			record.ExchangeStartedAt = now
		}
		return tx.PutTokenState(key.Workspace, state.stored.ID, record, nil)
	})
	return state.State, result, fail(err)
}

// Commit implements tokens.Store.
func (t tokenStore) Commit(ctx context.Context, key tokens.Key, result tokens.Result) error {
	issued := !result.Token.Access.IsZero()
	invalidated := !issued && result.RefreshTokenStatus == tokens.RefreshTokenInvalid
	var state tokenState
	var affected []string
	var watched []paycor.Credential
	err := t.config.Store.Update(ctx, func(tx Tx) (err error) {
		if state, err = t.read(tx, key); err != nil {
			return err
		}
		record, secrets, err := state.with(result)
		if err != nil {
			return err
		}
		record.SavedAt = t.now()
		if err := tx.PutTokenState(key.Workspace, state.stored.ID, record, secrets); err != nil {
			return err
		}
		if invalidated {
			if affected, err = t.markNeedsActivation(tx, key.Workspace, state.stored.Credential, result.RefreshTokenError); err != nil {
				return err
			}
		}
		if watched, err = credentialsOf(tx, key.Workspace, state.stored); err != nil {
			return err
		}
		return t.recordExchange(tx, key, result.Code)
	})
	if err != nil {
		return fmt.Errorf("storing a token: %w", fail(err))
	}
	if invalidated {
		t.publishAll(key.Workspace, state.stored.ID, affected, audit.ActionExchange)
	}
	for _, c := range watched {
		if issued {
			t.config.Observer.TokenIssued(paycor.CredentialKey{Workspace: key.Workspace, Credential: c.ID}, c.Verdict)
		}
	}
	t.config.OnExchange(state.stored.Environment, result.Code.Verdict().Outcome)
	return nil
}

// with returns the record and the tokens to store for the result of an exchange,
// or tokens.ErrLeaseLost.
func (s tokenState) with(result tokens.Result) (store.TokenState, store.Secrets, error) {
	record, secrets := s.record, store.Secrets{}
	issued := !result.Token.Access.IsZero()
	successor := issued && !result.SentRefreshToken.IsZero() && result.SentRefreshToken == s.Refresh
	if record.LeaseOwner != result.Owner && !successor {
		return record, nil, tokens.ErrLeaseLost
	}
	if record.LeaseOwner == result.Owner {
		record.LeaseOwner, record.LeaseEndsAt = "", time.Time{}
	}
	switch {
	case issued:
		record.RefreshTokenError, record.ExchangeStartedAt = "", time.Time{}
		if !result.Token.Refresh.IsZero() && !result.SentRefreshToken.IsZero() {
			secrets[fields.RefreshToken] = result.Token.Refresh
		}
		if record.Epoch == result.Epoch {
			secrets[fields.AccessToken] = result.Token.Access
			record.ExpiresAt, record.RenewAt = result.Token.ExpiresAt, result.RenewAt
		}
	case result.RefreshTokenStatus == tokens.RefreshTokenInvalid:
		record.RefreshTokenError, record.ExchangeStartedAt = result.RefreshTokenError, time.Time{}
	case result.RefreshTokenStatus == tokens.RefreshTokenUnused:
		record.ExchangeStartedAt = time.Time{}
	}
	return record, secrets, nil
}

// credentialsOf returns all credentials of a credential's application.
func credentialsOf(r Reader, workspace string, c stored) ([]paycor.Credential, error) {
	all := []paycor.Credential{c.Credential}
	for _, id := range c.others {
		other, err := r.Credential(workspace, id)
		if err != nil {
			return nil, err
		}
		all = append(all, other)
	}
	return all, nil
}

// markNeedsActivation stores the verdict that the application has to be activated again.
// It returns its other credentials.
func (t tokenStore) markNeedsActivation(tx Tx, workspace string, c paycor.Credential, code verdicts.Code) ([]string, error) {
	verdict := code.Verdict()
	verdict.CheckedAt = t.now()
	if err := tx.UpdateCredential(workspace, c.WithVerdict(verdict), c.Version, nil); err != nil {
		return nil, err
	}
	return t.applyToOthers(tx, workspace, c, applicationChange{verdict: &verdict})
}

// recordExchange records an exchange and its result.
func (t tokenStore) recordExchange(tx Tx, key tokens.Key, code verdicts.Code) error {
	outcome := string(code.Verdict().Outcome)
	if code == verdicts.CodeVerified {
		outcome, code = "done", ""
	}
	return t.record(tx, serverCaller(key.Workspace), audit.Entry{
		Action: audit.ActionExchange, Credential: key.Credential, Outcome: outcome, Detail: string(code),
	})
}

// RejectAccessToken implements tokens.Store.
func (t tokenStore) RejectAccessToken(ctx context.Context, key tokens.Key, access paycor.Secret) (bool, error) {
	again, removed, now := false, false, t.now()
	application := tokens.Key{Workspace: key.Workspace, Application: key.Application}
	err := t.config.Store.Update(ctx, func(tx Tx) error {
		again, removed = false, false
		state, err := t.read(tx, key)
		if err != nil {
			return err
		}
		if state.Access != access {
			again = true // it was replaced or removed meanwhile
			return nil
		}
		record := state.record
		if pause := t.rejections.pause(application, record.RejectedAt, now); max(now.Sub(record.RejectedAt), 0) < pause {
			return nil
		}
		again, removed = true, true
		record.RejectedAt = now
		record.ExpiresAt, record.RenewAt = time.Time{}, time.Time{}
		if err := tx.PutTokenState(key.Workspace, state.stored.ID, record, store.Secrets{fields.AccessToken: {}}); err != nil {
			return err
		}
		return t.record(tx, serverCaller(key.Workspace), audit.Entry{
			Action: audit.ActionTokenLost, Credential: key.Credential, Outcome: "done", Detail: string(verdicts.CodeTokenNotAccepted),
		})
	})
	if err != nil {
		return false, fail(err)
	}
	if removed {
		t.rejections.add(application, now)
	}
	return again, nil
}

// dropAccessToken removes the access token of an application, because it does not fit the
// application's values any longer. An exchange in flight may still store the successor of
// the refresh token, but no access token of the old values.
func dropAccessToken(tx Tx, workspace, id string) error {
	record, err := tx.TokenState(workspace, id)
	if err != nil {
		return err
	}
	return tx.PutTokenState(workspace, id, store.TokenState{
		Epoch: record.Epoch + 1, RefreshTokenError: record.RefreshTokenError,
		LeaseOwner: record.LeaseOwner, LeaseEndsAt: record.LeaseEndsAt, ExchangeStartedAt: record.ExchangeStartedAt,
	}, store.Secrets{fields.AccessToken: {}})
}

// dropEntityToken removes an access token that may be for one legal entity only, because
// a credential with another one uses the application now.
func dropEntityToken(tx Tx, workspace string, c paycor.Credential) error {
	if c.Grant != paycor.GrantClientCredentials || c.Scope == "" {
		return nil
	}
	return dropAccessToken(tx, workspace, c.ID)
}
