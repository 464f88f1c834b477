package credentials

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// activationLifetime is how long a person has to finish an activation in the
// browser.
const activationLifetime = 10 * time.Minute

// randomSecret returns 256 random bits in a form that fits into a URL.
func randomSecret() paycor.Secret {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails
	return paycor.NewSecret(base64.RawURLEncoding.EncodeToString(bits))
}

// activationOwner identifies who starts an activation. Only the same browser or
// program may finish it.
func (s activator) activationOwner() string {
	return strings.Join([]string{string(s.caller.Kind), s.caller.ID, s.caller.Browser}, " ")
}

// StartActivation implements api.Service.
func (s activator) StartActivation(ctx context.Context, id, redirectURI string) (paycor.Activation, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivateStart, id); err != nil {
		return paycor.Activation{}, err
	}
	state, verifier, now := randomSecret(), randomSecret(), s.now()
	var activation paycor.Activation
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		saved, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if activation, err = s.authorizeRequest(saved, redirectURI, state, verifier, now); err != nil {
			return err
		}
		err = tx.InsertActivation(store.Activation{
			Hash: store.HashSecret(state), Workspace: s.caller.Workspace, Credential: id, StartedBy: s.activationOwner(),
			Verifier: verifier, RedirectURI: redirectURI, CreatedAt: now, ExpiresAt: activation.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivateStart, Credential: id, Outcome: "done"})
	})
	if err != nil {
		return paycor.Activation{}, s.denied(ctx, audit.ActionActivateStart, id, err)
	}
	return activation, nil
}

// authorizeRequest builds the authorization URL with PKCE as Paycor expects it.
func (s activator) authorizeRequest(saved stored, redirectURI string, state, verifier paycor.Secret, now time.Time) (paycor.Activation, error) {
	if saved.Scope == "" {
		return paycor.Activation{}, &paycor.Error{
			Kind: paycor.KindInvalid, Message: message.New("error.activation-needs-scope"),
			Problems: []fields.Problem{{Field: fields.Scope, Code: fields.ProblemRequired,
				Message: message.New("problem.scope-required")}},
		}
	}
	address, err := url.Parse(s.environment(saved.Environment).AuthorizeURL)
	if err != nil || address.Host == "" {
		return paycor.Activation{}, paycor.Errorf(paycor.KindConflict,
			"error.no-activation-page")
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
