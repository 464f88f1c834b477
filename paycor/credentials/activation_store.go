package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// storeActivation stores the tokens and switches the application to the
// authorization_code grant. It returns its other credentials, too. An exchange in flight
// for the previous activation loses its lease, because its result is no longer needed.
// link is the hash of the link that is used up; nil without one.
func (s activator) storeActivation(ctx context.Context, saved stored, token tokens.Token, link []byte) (activated stored, affected []string, err error) {
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		current, err := s.load(tx, saved.ID)
		if err != nil {
			return err
		}
		if saved.ApplicationID != current.ApplicationID && !sameApplication(saved.draft(), current.draft()) {
			return store.ErrStale
		}
		if link != nil {
			if err := tx.MarkActivationLinkUsed(link, s.now()); err != nil {
				return err
			}
		}
		state, err := tx.TokenState(s.caller.Workspace, saved.ID)
		if err != nil {
			return err
		}
		now, after := s.now(), current.Credential.WithoutVerdict()
		after.Grant, after.ActivatedAt, after.ActivatedBy = paycor.GrantAuthorizationCode, now, s.caller.Name
		after.UpdatedAt = now
		after.Version++
		if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, nil); err != nil {
			return err
		}
		err = tx.PutTokenState(s.caller.Workspace, saved.ID, store.TokenState{
			Epoch: state.Epoch + 1, SavedAt: now, ExpiresAt: token.ExpiresAt, RenewAt: tokens.RenewAt(now, token.ExpiresAt),
		}, store.Secrets{fields.AccessToken: token.Access, fields.RefreshToken: token.Refresh})
		if err != nil {
			return err
		}
		accepted := verdicts.CodeVerified.Verdict() // Paycor has issued a token
		affected, err = s.applyToOthers(tx, s.caller.Workspace, after, applicationChange{verdict: &accepted, replaced: true})
		if err != nil {
			return err
		}
		_, joined, err := s.joinEqual(tx, after, "", &accepted) // which may differ in nothing but the grant
		if err != nil {
			return err
		}
		affected = append(affected, joined...)
		if activated, err = s.load(tx, saved.ID); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivate, Credential: saved.ID, Outcome: "done"})
	})
	return activated, affected, err
}

// recordFailedActivation records an activation that failed and returns the error
// for the caller. If the response to a pasted refresh token was lost, the token
// may have been used, so the error must not suggest another attempt with it.
func (s activator) recordFailedActivation(ctx context.Context, id string, cause error, refresh bool) error {
	failure, ok := upstream.AsFailure(cause)
	if !ok { // only our own timeout ends an exchange without a failure
		failure = &upstream.Failure{Code: verdicts.CodeTimeout}
	}
	if refresh && tokens.RefreshTokenStatusOf(failure) == tokens.RefreshTokenUnknown && failure.Status < 300 {
		failure.Code = verdicts.CodeRefreshLost
	}
	verdict := failure.Verdict()
	verdict.CheckedAt = s.now()
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionActivate, Credential: id, Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		})
	})
	if err != nil {
		return err
	}
	return activationError(verdict)
}

// activationError is the error for an activation that got a verdict instead of a
// token.
func activationError(verdict verdicts.Verdict) error {
	kind := paycor.KindActivation
	if !verdict.Outcome.Conclusive() {
		kind = paycor.KindUnavailable
	}
	return &paycor.Error{Kind: kind, Message: message.New("list.sentences", verdict.Message, verdict.Remedy), Verdict: &verdict}
}
