package tokens

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// Access is what a call to Paycor through a credential needs: one state of the
// store, so that key, environment and token belong together.
type Access struct {
	Environment     paycor.Environment
	SubscriptionKey paycor.Secret
	Token           paycor.Secret // the access token
	ExpiresAt       time.Time     // of the token
}

// looks is how often Access looks again when the values change under it.
const looks = 5

// Access returns what a call needs, with a token from wherever one is to be
// had. Ask it anew for every call, and again after Refused: a rotation or an
// edit may have come in between.
//
// Token answers from memory, which may be a moment behind. So key and
// environment are read together with the token that is stored, and taken only
// where that is the one that was answered.
func (t *Source) Access(ctx context.Context, key Key) (Access, error) {
	for look := 1; ; look++ {
		token, err := t.Token(ctx, key)
		if err != nil {
			return Access{}, err
		}
		held, err := t.config.Store.Load(ctx, key)
		if err != nil {
			return Access{}, err
		}
		if held.Access == token.Access || look == looks && held.usable(t.config.Clock()) {
			return Access{
				Environment: held.Application.Environment, SubscriptionKey: held.Application.SubscriptionKey,
				Token: held.Access, ExpiresAt: held.ExpiresAt,
			}, nil
		}
		if look == looks {
			return Access{}, errChanging
		}
		t.dropStale(key, token.Access)
	}
}

// dropStale drops a token from memory that is not the stored one any more.
func (t *Source) dropStale(key Key, access paycor.Secret) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.entries[key]; e != nil && e.token.Access == access {
		e.token, e.failure = Token{}, nil
	}
}
