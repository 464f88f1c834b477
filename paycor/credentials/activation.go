package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// activationLifetime is how long a browser may be away at Paycor.
const activationLifetime = 10 * time.Minute

// activationTimeout bounds the exchange of a code or a pasted refresh token. Nobody
// may cut it short: what it brings exists nowhere else.
const activationTimeout = time.Minute

// random returns 256 bits that stand in a URL.
func random() paycor.Secret {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails
	return paycor.NewSecret(base64.RawURLEncoding.EncodeToString(bits))
}

// activationOwner names who begins an activation: only the same browser, or the same
// program, may finish it.
func (s *service) activationOwner() string {
	return strings.Join([]string{string(s.caller.Kind), s.caller.ID, s.caller.Browser}, " ")
}

// StartActivation implements api.Service.
func (s *service) StartActivation(ctx context.Context, id, redirectURI string) (paycor.Activation, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivateStart, id); err != nil {
		return paycor.Activation{}, err
	}
	state, verifier, now := random(), random(), s.now()
	var begun paycor.Activation
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		saved, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if begun, err = s.authorize(saved, redirectURI, state, verifier, now); err != nil {
			return err
		}
		err = tx.InsertActivation(store.Activation{
			Hash: hash(state), Workspace: s.caller.Workspace, Credential: id, StartedBy: s.activationOwner(),
			Verifier: verifier, RedirectURI: redirectURI, CreatedAt: now, ExpiresAt: begun.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivateStart, Credential: id, Outcome: "done"})
	})
	if err != nil {
		return paycor.Activation{}, s.denied(ctx, audit.ActionActivateStart, id, err)
	}
	return begun, nil
}

// authorize builds the address to open, the way Paycor wants it.
func (s *service) authorize(saved stored, redirectURI string, state, verifier paycor.Secret, now time.Time) (paycor.Activation, error) {
	if saved.Scope == "" {
		return paycor.Activation{}, &paycor.Error{
			Kind: paycor.KindInvalid, Message: "An activation in Paycor needs the Scope ID. Enter it, save, then activate.",
			Problems: []fields.Problem{{Field: fields.Scope, Code: fields.ProblemRequired,
				Message: "Enter the Scope ID: it stands on the application's General tab in Paycor's developer portal."}},
		}
	}
	address, err := url.Parse(s.environment(saved.Environment).AuthorizeURL)
	if err != nil || address.Host == "" {
		return paycor.Activation{}, paycor.Errorf(paycor.KindConflict,
			"This environment has no address of an activation page. Activate on Paycor's own page, and enter the code or the refresh token here.")
	}
	challenge := sha256.Sum256([]byte(verifier.Reveal()))
	scope := saved.Scope + " offline_access"
	query := address.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": saved.ClientID, "redirect_uri": redirectURI, "scope": scope,
		"subscription-key": saved.secrets[fields.SubscriptionKey].Reveal(), "state": state.Reveal(),
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		query.Set(name, value)
	}
	address.RawQuery = query.Encode()
	return paycor.Activation{
		AuthorizeURL: address.String(), RedirectURI: redirectURI, Scope: scope,
		ExpiresAt: now.Add(activationLifetime), Warning: paycor.ActivationWarning,
	}, nil
}

// Activate implements api.Service.
func (s *service) Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, progress paycor.Progress) (paycor.Credential, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivate, id); err != nil {
		return paycor.Credential{}, err
	}
	if answer.State.IsZero() {
		if problems := answer.Check(); len(problems) > 0 {
			return paycor.Credential{}, &paycor.Error{Kind: paycor.KindInvalid, Message: problems[0].Message, Problems: problems}
		}
	} else {
		begun, err := s.consumeState(ctx, id, answer.State)
		if err != nil {
			return paycor.Credential{}, err
		}
		id = begun.Credential
		if err := s.may(ctx, paycor.RightEdit, audit.ActionActivate, id); err != nil {
			return paycor.Credential{}, err
		}
		answer.CodeVerifier, answer.RedirectURI = begun.Verifier, begun.RedirectURI
	}
	activated, err := s.activate(context.WithoutCancel(ctx), id, answer)
	if err != nil {
		return paycor.Credential{ID: id}, err
	}
	return s.verifySaved(ctx, activated.Credential, activated.draft(), nil, progress), nil
}

// consumeState finds the activation that a state belongs to and uses the state up.
// One that is of somebody else, too old or used already is all the same.
func (s *service) consumeState(ctx context.Context, id string, state paycor.Secret) (store.Activation, error) {
	var begun store.Activation
	err := s.config.Store.Update(ctx, func(tx store.Tx) (err error) {
		begun, err = tx.Activation(hash(state))
		switch {
		case err != nil:
			return err
		case begun.Workspace != s.caller.Workspace || begun.StartedBy != s.activationOwner() || id != "" && begun.Credential != id:
			return store.ErrNotFound // and stays for whom it belongs to
		}
		if err := tx.DeleteActivation(begun.Hash); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivateBack, Credential: begun.Credential, Outcome: "done"})
	})
	switch {
	case err == nil && s.now().Before(begun.ExpiresAt):
		return begun, nil
	case err == nil, errors.Is(err, store.ErrNotFound):
		if begun.Workspace != s.caller.Workspace {
			begun = store.Activation{} // another workspace's id is not written down in this one
		}
		if err := s.refuse(ctx, s.caller, audit.ActionActivate, begun.Credential, string(verdicts.CodeActivationExpired)); err != nil {
			return begun, err
		}
		return begun, activationError(verdicts.CodeActivationExpired.Verdict())
	}
	return begun, err
}

// activate trades what was brought for tokens and keeps them.
func (s *service) activate(ctx context.Context, id string, answer paycor.ActivationAnswer) (stored, error) {
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
	activated, err := s.storeActivation(ctx, saved, token)
	if err != nil {
		return saved, fail(err)
	}
	s.tokens.Forget(s.key(id))
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionActivate})
	return activated, nil
}

func (s *service) redeem(ctx context.Context, saved stored, answer paycor.ActivationAnswer) (tokens.Token, error) {
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

// storeActivation stores the tokens and makes the credential one that works by
// activation. An exchange of the activation before loses its lease: what it
// brings belongs to nobody any more.
func (s *service) storeActivation(ctx context.Context, asked stored, token tokens.Token) (stored, error) {
	var activated stored
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, asked.ID)
		if err != nil {
			return err
		}
		if !s.sameActivation(asked.draft(), current.draft()) {
			return store.ErrStale
		}
		now, holding := s.now(), store.TokenState{}
		if holding, err = tx.TokenState(s.caller.Workspace, asked.ID); err != nil {
			return err
		}
		after := current.Credential.WithoutVerdict()
		after.LegalEntityName = current.LegalEntityName
		after.Grant, after.ActivatedAt, after.ActivatedBy = paycor.GrantAuthorizationCode, now, s.caller.Name
		after.UpdatedAt = now
		after.Version++
		if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, nil); err != nil {
			return err
		}
		err = tx.PutTokenState(s.caller.Workspace, asked.ID, store.TokenState{
			Epoch: holding.Epoch + 1, SavedAt: now, ExpiresAt: token.ExpiresAt, RenewAt: tokens.RenewAt(now, token.ExpiresAt),
		}, store.Secrets{fields.AccessToken: token.Access, fields.RefreshToken: token.Refresh})
		if err != nil {
			return err
		}
		if activated, err = s.load(tx, asked.ID); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivate, Credential: asked.ID, Outcome: "done"})
	})
	return activated, err
}

// recordFailedActivation writes an activation down that did not come about, and returns the
// error that says why. A pasted refresh token whose answer did not arrive may
// be used up: to advise another try with it would be wrong.
func (s *service) recordFailedActivation(ctx context.Context, id string, cause error, refresh bool) error {
	failure, ok := upstream.AsFailure(cause)
	if !ok { // only our own time limit ends an exchange without an answer
		failure = &upstream.Failure{Code: verdicts.CodeTimeout}
	}
	if refresh && tokens.RefreshTokenStatusOf(failure) == tokens.RefreshTokenUnknown && failure.Status < 300 {
		failure.Code = verdicts.CodeRefreshLost
	}
	verdict := failure.Verdict()
	verdict.CheckedAt = s.now()
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionActivate, Credential: id, Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		})
	})
	if err != nil {
		return err
	}
	return activationError(verdict)
}

// activationError is an activation that came to a verdict instead of a token.
func activationError(verdict verdicts.Verdict) error {
	kind := paycor.KindActivation
	if !verdict.Outcome.Conclusive() {
		kind = paycor.KindUnavailable
	}
	return &paycor.Error{Kind: kind, Message: strings.TrimSpace(verdict.Message + " " + verdict.Remedy), Verdict: &verdict}
}
