package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// activationTimeout bounds the exchange of an authorization code or a refresh
// token. The caller cannot cancel it: its result exists nowhere else.
const activationTimeout = time.Minute

// Activate implements api.Service.
func (s activator) Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, progress paycor.Progress) (paycor.Saved, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivate, id); err != nil {
		return paycor.Saved{}, err
	}
	var link []byte // that the activation uses up
	if answer.State.IsZero() {
		if err := s.mustExist(ctx, audit.ActionActivate, id); err != nil {
			return paycor.Saved{}, err
		}
		if problems := answer.Check(); len(problems) > 0 {
			return paycor.Saved{}, &paycor.Error{Kind: paycor.KindInvalid, Message: problems[0].Message, Problems: problems}
		}
	} else {
		activation, err := s.consumeState(ctx, id, answer.State)
		if err != nil {
			return paycor.Saved{}, err
		}
		id = activation.Credential
		if err := s.may(ctx, paycor.RightEdit, audit.ActionActivate, id); err != nil {
			return paycor.Saved{}, err
		}
		answer.CodeVerifier, answer.RedirectURI, link = activation.Verifier, activation.RedirectURI, activation.Link
	}
	activated, err := s.activate(context.WithoutCancel(ctx), id, answer, link)
	if err != nil {
		return paycor.Saved{Credential: paycor.Credential{ID: id}}, err
	}
	saved := paycor.Saved{Credential: s.verifySaved(ctx, activated.Credential, activated.draft(), nil, progress)}
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		saved.AlsoChanged, saved.AlsoChangedHidden, err = s.visibleAmong(r, activated.others)
		return err
	})
	return saved, fail(err)
}

// consumeState finds the activation of a state parameter and deletes it, so
// that it works once. The error is the same for an expired or unknown state as
// for another caller's.
func (s activator) consumeState(ctx context.Context, id string, state paycor.Secret) (store.Activation, error) {
	var activation store.Activation
	err := s.config.Store.Update(ctx, func(tx Tx) (err error) {
		activation, err = tx.Activation(store.HashSecret(state))
		switch {
		case err != nil:
			return err
		case activation.Workspace != s.caller.Workspace || activation.StartedBy != activationOwner(s.caller) || id != "" && activation.Credential != id:
			return store.ErrNotFound // and its owner can still use it
		}
		if activation.Link != nil {
			if _, err := s.openLink(tx, activation.Link); err != nil {
				return err
			}
		}
		if err := tx.DeleteActivation(activation.Hash); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivateBack, Credential: activation.Credential, Outcome: "done"})
	})
	switch {
	case err == nil && s.now().Before(activation.ExpiresAt):
		return activation, nil
	case err == nil, errors.Is(err, store.ErrNotFound), paycor.KindOf(err) == paycor.KindUnauthorized: // or its link has ended
		if activation.Workspace != s.caller.Workspace {
			activation = store.Activation{} // do not record another workspace's ID in this one
		}
		if err := s.refuse(ctx, s.caller, audit.ActionActivate, activation.Credential, string(verdicts.CodeActivationExpired)); err != nil {
			return activation, err
		}
		return activation, activationError(verdicts.CodeActivationExpired.Verdict())
	}
	return activation, err
}

// activate exchanges the code or refresh token for tokens and stores them.
func (s activator) activate(ctx context.Context, id string, answer paycor.ActivationAnswer, link []byte) (stored, error) {
	saved, err := s.open(ctx, id)
	if err != nil {
		return saved, s.denied(ctx, audit.ActionActivate, id, err)
	}
	token, err := s.redeem(ctx, saved, answer)
	if err == nil && token.Refresh.IsZero() && answer.RefreshToken.IsZero() {
		err = &upstream.Failure{Code: verdicts.CodeNoRefreshToken}
	}
	if err != nil {
		return saved, s.recordFailedActivation(ctx, id, err, !answer.RefreshToken.IsZero())
	}
	if token.Refresh.IsZero() {
		token.Refresh = answer.RefreshToken // Paycor does not rotate this one
	}
	if kept, err := s.keepsActivation(ctx, saved, token); err != nil {
		return saved, fail(err)
	} else if kept {
		return saved, s.recordFailedActivation(ctx, id, &upstream.Failure{Code: verdicts.CodeActivationElsewhere}, false)
	}
	activated, affected, err := s.storeActivation(ctx, saved, token, link)
	if link != nil && errors.Is(err, store.ErrStale) { // used or revoked while Paycor answered
		return saved, s.recordFailedActivation(ctx, id, &upstream.Failure{Code: verdicts.CodeActivationExpired}, false)
	}
	if err != nil {
		return saved, fail(err)
	}
	s.tokens.Forget(s.tokenKey(activated.Credential))
	s.publishAll(s.caller.Workspace, id, affected, audit.ActionActivate)
	return activated, nil
}

// redeem exchanges an authorization code or a refresh token for tokens.
func (s activator) redeem(ctx context.Context, saved stored, answer paycor.ActivationAnswer) (tokens.Token, error) {
	if answer.Refusal != "" || answer.Code.IsZero() && answer.RefreshToken.IsZero() {
		return tokens.Token{}, &upstream.Failure{Code: verdicts.RefusalCode(answer.Refusal)}
	}
	ctx, cancel := context.WithTimeout(ctx, activationTimeout)
	defer cancel()
	application := tokens.ApplicationFromDraft(s.environment(saved.Environment), saved.draft())
	if !answer.RefreshToken.IsZero() {
		return s.config.TokenClient.Refresh(ctx, application, answer.RefreshToken)
	}
	return s.config.TokenClient.Redeem(ctx, application, tokens.Code{Value: answer.Code, Verifier: answer.CodeVerifier, RedirectURI: answer.RedirectURI})
}
