package credentials

import (
	"context"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// rejectionWindow is how long after a refused access token the next one is not
// renewed for being refused: what the API does not take right after it was
// given, it does not take the third time either.
const rejectionWindow = 10 * time.Second

// tokenStore is tokens.Vault over the store.
type tokenStore struct{ *Manager }

var _ tokens.Store = tokenStore{}

// serverCaller is this program by itself.
func serverCaller(workspace string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerServer, ID: "server", Name: "This server", Workspace: workspace}
}

// held is what is held for one credential, with all that it was read from.
type tokenState struct {
	tokens.State
	stored stored
	record store.TokenState
}

func (v tokenStore) read(r store.Reader, key tokens.Key) (found tokenState, err error) {
	saved := &service{Manager: v.Manager, caller: serverCaller(key.Workspace)}
	if found.stored, err = saved.load(r, key.Credential); err != nil {
		return found, err
	}
	if found.record, err = r.TokenState(key.Workspace, key.Credential); err != nil {
		return found, err
	}
	found.State = tokens.State{
		Application: tokens.ApplicationFromDraft(v.environment(found.stored.Environment), found.stored.draft()),
		Grant:       found.stored.Grant,
		Access:      found.stored.secrets[fields.AccessToken],
		ExpiresAt:   found.record.ExpiresAt, RenewAt: found.record.RenewAt,
		Refresh:    found.stored.secrets[fields.RefreshToken],
		Unresolved: !found.record.ExchangeStartedAt.IsZero(), RefreshTokenError: found.record.RefreshTokenError, Epoch: found.record.Epoch,
	}
	return found, nil
}

// Load implements tokens.Vault.
func (v tokenStore) Load(ctx context.Context, key tokens.Key) (tokens.State, error) {
	var found tokenState
	err := v.config.Store.View(ctx, func(r store.Reader) (err error) {
		found, err = v.read(r, key)
		return err
	})
	if err == nil {
		v.config.Observer.CredentialRead(key, found.stored.Credential)
	}
	return found.State, fail(err)
}

// AcquireLease implements tokens.Vault.
func (v tokenStore) AcquireLease(ctx context.Context, key tokens.Key, owner string, lease time.Duration, enough func(tokens.State) bool) (tokens.State, tokens.LeaseResult, error) {
	var found tokenState
	var turn tokens.LeaseResult
	err := v.config.Store.Update(ctx, func(tx store.Tx) (err error) {
		if found, err = v.read(tx, key); err != nil {
			return err
		}
		now, holding := v.now(), found.record
		switch {
		case enough(found.State):
			turn = tokens.LeaseNotNeeded
			return nil
		case holding.LeaseOwner != "" && holding.LeaseOwner != owner && now.Before(holding.LeaseEndsAt):
			turn = tokens.LeaseBusy
			return nil
		}
		turn = tokens.LeaseAcquired
		holding.LeaseOwner, holding.LeaseEndsAt = owner, now.Add(lease)
		if found.Grant == paycor.GrantAuthorizationCode && holding.ExchangeStartedAt.IsZero() {
			holding.ExchangeStartedAt = now
		}
		return tx.PutTokenState(key.Workspace, key.Credential, holding, nil)
	})
	return found.State, turn, fail(err)
}

// Commit implements tokens.Vault.
func (v tokenStore) Commit(ctx context.Context, key tokens.Key, result tokens.Result) error {
	ended, environment := false, ""
	var about paycor.Credential
	err := v.config.Store.Update(ctx, func(tx store.Tx) error {
		found, err := v.read(tx, key)
		if err != nil {
			return err
		}
		about = found.stored.Credential
		environment = found.stored.Environment
		holding, sealed := found.record, store.Secrets{}
		successor := !result.Token.Access.IsZero() && !result.SentRefreshToken.IsZero() && result.SentRefreshToken == found.Refresh
		if holding.LeaseOwner != result.Owner && !successor {
			return tokens.ErrLeaseLost
		}
		if holding.LeaseOwner == result.Owner {
			holding.LeaseOwner, holding.LeaseEndsAt = "", time.Time{}
		}
		ended = false
		switch {
		case !result.Token.Access.IsZero():
			holding.RefreshTokenError, holding.ExchangeStartedAt = "", time.Time{}
			if !result.Token.Refresh.IsZero() && !result.SentRefreshToken.IsZero() {
				sealed[fields.RefreshToken] = result.Token.Refresh
			}
			if holding.Epoch == result.Epoch {
				sealed[fields.AccessToken] = result.Token.Access
				holding.ExpiresAt, holding.RenewAt = result.Token.ExpiresAt, result.RenewAt
			}
		case result.RefreshTokenStatus == tokens.RefreshTokenInvalid:
			ended = true
			holding.RefreshTokenError, holding.ExchangeStartedAt = result.RefreshTokenError, time.Time{}
		case result.RefreshTokenStatus == tokens.RefreshTokenUnused:
			holding.ExchangeStartedAt = time.Time{}
		}
		holding.SavedAt = v.now()
		if err := tx.PutTokenState(key.Workspace, key.Credential, holding, sealed); err != nil {
			return err
		}
		if ended {
			if err := v.markNeedsActivation(tx, key, found.stored.Credential, result.RefreshTokenError); err != nil {
				return err
			}
		}
		return v.recordExchange(tx, key, result.Code)
	})
	if err == nil && ended {
		v.changes.Publish(key.Workspace, events.Change{ID: key.Credential, Action: audit.ActionExchange})
	}
	if err != nil {
		return fmt.Errorf("keeping a token: %w", fail(err))
	}
	if !result.Token.Access.IsZero() {
		v.config.Observer.TokenIssued(key, about)
	}
	v.config.OnExchange(environment, result.Code.Verdict().Outcome)
	return nil
}

// markNeedsActivation makes the credential say that it has to be activated again.
func (v tokenStore) markNeedsActivation(tx store.Tx, key tokens.Key, credential paycor.Credential, code verdicts.Code) error {
	verdict := code.Verdict()
	verdict.CheckedAt = v.now()
	return tx.UpdateCredential(key.Workspace, credential.WithVerdict(verdict), credential.Version, nil)
}

// recordExchange writes down that a token was asked for, and what came of it.
func (v tokenStore) recordExchange(tx store.Tx, key tokens.Key, code verdicts.Code) error {
	outcome := string(code.Verdict().Outcome)
	if code == verdicts.CodeVerified {
		outcome, code = "done", ""
	}
	return v.record(tx, serverCaller(key.Workspace), audit.Entry{
		Action: audit.ActionExchange, Credential: key.Credential, Outcome: outcome, Detail: string(code),
	})
}

// RejectAccessToken implements tokens.Vault.
func (v tokenStore) RejectAccessToken(ctx context.Context, key tokens.Key, access paycor.Secret) (bool, error) {
	again := false
	err := v.config.Store.Update(ctx, func(tx store.Tx) error {
		found, err := v.read(tx, key)
		if err != nil {
			return err
		}
		if found.Access != access {
			again = true // there is another one by now, or the way to one is open
			return nil
		}
		holding, now := found.record, v.now()
		if again = now.Sub(holding.RejectedAt) >= rejectionWindow; !again {
			return nil
		}
		holding.RejectedAt = now
		holding.ExpiresAt, holding.RenewAt = time.Time{}, time.Time{}
		if err := tx.PutTokenState(key.Workspace, key.Credential, holding, store.Secrets{fields.AccessToken: {}}); err != nil {
			return err
		}
		return v.record(tx, serverCaller(key.Workspace), audit.Entry{
			Action: audit.ActionTokenLost, Credential: key.Credential, Outcome: "done", Detail: string(verdicts.CodeTokenNotAccepted),
		})
	})
	return again, fail(err)
}
