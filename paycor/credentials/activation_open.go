package credentials

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// OpenActivation uses up the handle of a started activation and returns the address of
// Paycor's page for it, which contains the APIM Subscription Key: send the browser there
// and keep it nowhere. callers are who the browser may be: a person, a visitor. The error
// is KindUnauthorized if the handle is unknown, used or expired, or if none of them
// started the activation. The audit trail has an entry about the disclosure before this
// returns.
func (s *Service) OpenActivation(ctx context.Context, handle paycor.Secret, callers ...paycor.Caller) (address string, err error) {
	var started store.Activation
	var caller paycor.Caller
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		if started, err = r.Activation(startHash(handle)); err != nil {
			return err
		}
		caller, err = s.starter(r, started, callers)
		return err
	})
	used := paycor.Errorf(paycor.KindUnauthorized, "activation.start-used")
	if errors.Is(err, store.ErrNotFound) {
		return "", used
	}
	if err != nil {
		return "", s.authorizer.DenyAltered(ctx, err, used)
	}
	as := s.As(caller).activator
	if err := as.may(ctx, paycor.RightEdit, audit.ActionDisclose, started.Credential); err != nil {
		return "", err
	}
	return as.openPage(ctx, started)
}

// starter returns the one of callers who started an activation that has not expired, or
// ErrNotFound. A link has to be open still.
func (s *Service) starter(r Reader, started store.Activation, callers []paycor.Caller) (paycor.Caller, error) {
	var link store.ActivationLink
	if started.Link != nil {
		var err error
		if link, err = s.openLink(r, started.Link); err != nil {
			return paycor.Caller{}, err
		}
	}
	for _, caller := range callers {
		if caller.Kind == paycor.CallerLink {
			caller = byLink(link, caller)
		}
		if started.Workspace == caller.Workspace && started.StartedBy == activationOwner(caller) && s.now().Before(started.ExpiresAt) {
			return caller, nil
		}
	}
	return paycor.Caller{}, store.ErrNotFound
}

// openPage replaces a start by the activation that waits for Paycor's answer.
func (s activator) openPage(ctx context.Context, started store.Activation) (address string, err error) {
	state, verifier, now := randomSecret(), randomSecret(), s.now()
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteActivation(started.Hash); err != nil {
			return err
		}
		saved, err := s.load(tx, started.Credential)
		if err != nil {
			return err
		}
		if address, err = s.authorizeURL(saved, started.RedirectURI, state, verifier); err != nil {
			return err
		}
		opened := started
		opened.Hash, opened.Verifier, opened.CreatedAt, opened.ExpiresAt = store.HashSecret(state), verifier, now, now.Add(activationLifetime)
		if err := tx.InsertActivation(opened); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionDisclose, Credential: started.Credential, Fields: []fields.Field{fields.SubscriptionKey}, Outcome: "done",
		})
	})
	if errors.Is(err, store.ErrNotFound) { // another request used it at the same time
		return "", paycor.Errorf(paycor.KindUnauthorized, "activation.start-used")
	}
	return address, fail(err)
}

// authorizeURL builds the authorization URL with PKCE as Paycor expects it.
func (s activator) authorizeURL(saved stored, redirectURI string, state, verifier paycor.Secret) (string, error) {
	page, err := s.authorizePage(saved)
	if err != nil {
		return "", err
	}
	challenge := sha256.Sum256([]byte(verifier.Reveal()))
	query := page.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": saved.ClientID, "redirect_uri": redirectURI, "scope": requestedScope(saved),
		"subscription-key": saved.secrets[fields.SubscriptionKey].Reveal(), "state": state.Reveal(),
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		query.Set(name, value)
	}
	page.RawQuery = query.Encode()
	return page.String(), nil
}
