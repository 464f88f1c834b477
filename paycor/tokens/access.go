package tokens

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// Access is what a call to Paycor needs. All values come from one snapshot of
// the store, so the environment, the key and the token belong together.
type Access struct {
	Environment     paycor.Environment
	SubscriptionKey paycor.Secret
	Token           paycor.Secret // the access token
	ExpiresAt       time.Time     // of the token
}

// maxAccessAttempts limits how often Access starts over because the values
// changed.
const maxAccessAttempts = 5

// Access returns what a call needs, and gets a token if there is none. Ask for
// every call, and again after RejectToken: a rotation or an edit may have
// happened in between.
//
// Token answers from memory, which may lag behind the store. Access therefore
// reads key and environment together with the stored token, and accepts them
// only if that token is the one Token returned.
func (s *Source) Access(ctx context.Context, key paycor.CredentialKey) (Access, error) {
	for attempt := 1; ; attempt++ {
		token, err := s.Token(ctx, key)
		if err != nil {
			return Access{}, err
		}
		state, err := s.config.Store.Load(ctx, key)
		if err != nil {
			return Access{}, err
		}
		last := attempt == maxAccessAttempts
		if state.Access == token.Access || last && state.usable(s.config.Clock()) {
			return Access{
				Environment: state.Application.Environment, SubscriptionKey: state.Application.SubscriptionKey,
				Token: state.Access, ExpiresAt: state.ExpiresAt,
			}, nil
		}
		if last {
			return Access{}, errUnstable
		}
		s.dropStale(key, token.Access)
	}
}

// dropStale removes a token from memory that is no longer the stored one.
func (s *Source) dropStale(key paycor.CredentialKey, access paycor.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[key]; e != nil && e.token.Access == access {
		e.token, e.failure = Token{}, nil
	}
}
