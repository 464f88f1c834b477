package credentials

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

const (
	// startLifetime is how long a person's browser has to open a started activation.
	startLifetime = time.Minute

	// activationLifetime is how long a person has to finish an activation on Paycor's
	// page.
	activationLifetime = 10 * time.Minute
)

// randomSecret returns 256 random bits in a form that fits into a URL.
func randomSecret() paycor.Secret {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // never fails
	return paycor.NewSecret(base64.RawURLEncoding.EncodeToString(bits))
}

// startHash identifies an activation whose browser was not sent to Paycor yet. No state
// parameter has the same hash, so the handle of a start is no state.
func startHash(handle paycor.Secret) []byte {
	return store.HashSecret(paycor.NewSecret("start " + handle.Reveal()))
}

// activationOwner identifies who starts an activation. Only the same browser may
// continue and finish it.
func activationOwner(caller paycor.Caller) string {
	return strings.Join([]string{string(caller.Kind), caller.ID, caller.Browser}, " ")
}

// StartActivation implements api.Service.
func (s activator) StartActivation(ctx context.Context, id, redirectURI string) (paycor.Activation, error) {
	if s.caller.Kind != paycor.CallerPerson {
		if err := s.may(ctx, paycor.RightEdit, audit.ActionActivateStart, id); err != nil {
			return paycor.Activation{}, err
		}
		denial := activation.PeopleOnly()
		return paycor.Activation{}, s.authorizer.DenyCredential(ctx, s.caller, audit.ActionActivateStart, id, string(denial.Kind), denial)
	}
	return s.start(ctx, id, redirectURI, nil)
}

// start stores a started activation. link is the hash of the link that it uses up; nil
// without one.
func (s activator) start(ctx context.Context, id, redirectURI string, link []byte) (paycor.Activation, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionActivateStart, id); err != nil {
		return paycor.Activation{}, err
	}
	handle, now := randomSecret(), s.now()
	expires := now.Add(startLifetime)
	var scope string
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		saved, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if _, err := s.authorizePage(saved); err != nil {
			return err
		}
		scope = requestedScope(saved)
		err = tx.InsertActivation(store.Activation{
			Hash: startHash(handle), Workspace: s.caller.Workspace, Credential: id, StartedBy: activationOwner(s.caller),
			RedirectURI: redirectURI, Link: link, CreatedAt: now, ExpiresAt: expires,
		})
		if err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionActivateStart, Credential: id, Outcome: "done"})
	})
	if err != nil {
		return paycor.Activation{}, s.denied(ctx, audit.ActionActivateStart, id, err)
	}
	return paycor.Activation{
		Handle: handle, RedirectURI: redirectURI, Scope: scope, ExpiresAt: expires, Warning: paycor.ActivationWarning,
	}, nil
}

// requestedScope returns the scope that an activation asks for.
func requestedScope(saved stored) string { return saved.Scope + " offline_access" }

// authorizePage returns Paycor's activation page, or what is missing to open it.
func (s *bound) authorizePage(saved stored) (*url.URL, error) {
	if saved.Scope == "" {
		return nil, &paycor.Error{
			Kind: paycor.KindInvalid, Message: message.New("error.activation-needs-scope"),
			Problems: []fields.Problem{{Field: fields.Scope, Code: fields.ProblemRequired,
				Message: message.New("problem.scope-required")}},
		}
	}
	page, err := url.Parse(s.environment(saved.Environment).AuthorizeURL)
	if err != nil || page.Host == "" {
		return nil, paycor.Errorf(paycor.KindConflict, "error.no-activation-page")
	}
	return page, nil
}
