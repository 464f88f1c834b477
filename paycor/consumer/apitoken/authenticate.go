package apitoken

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// CallerByToken returns the consumer that an API token belongs to, else
// KindUnauthorized. Every request calls it: a known token costs no query, and a
// revocation holds once RevokeConsumer has returned, in every process. The error
// about a token that expired or was revoked wraps a consumer.EndedToken for as
// long as the token is listed.
func (t *Tokens) CallerByToken(ctx context.Context, token paycor.Secret) (paycor.Caller, error) {
	if !strings.HasPrefix(token.Reveal(), prefix) {
		return paycor.Caller{}, unauthorized(nil)
	}
	found, err := t.cache.Get(ctx, sha256.Sum256([]byte(token.Reveal())))
	if errors.Is(err, store.ErrNotFound) {
		return paycor.Caller{}, unauthorized(nil)
	}
	if err != nil {
		return paycor.Caller{}, t.config.Authorizer.DenyAltered(ctx, err, unauthorized(nil))
	}
	now := t.now()
	caller := paycor.Caller{Kind: paycor.CallerConsumer, ID: found.ID, Name: found.Name, Workspace: found.Workspace}
	if state := found.Consumer().At(now).State; state != consumer.Active {
		return paycor.Caller{}, unauthorized(&consumer.EndedToken{Caller: caller, State: state})
	}
	t.config.LastUsed.Touch(found.ID, now)
	caller.Rights, caller.Credentials, caller.Until = found.Rights, found.Credentials, found.ExpiresAt
	return caller, nil
}

func unauthorized(cause error) error {
	return &paycor.Error{
		Kind: paycor.KindUnauthorized, Err: cause,
		Message: message.New("error.token-unknown-operator"),
	}
}
