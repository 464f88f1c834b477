package credentials

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// credentialCacheTTL is how long a passage is believed before token and key are
// looked up again: another process may have changed them. What this process
// changes counts at once.
const credentialCacheTTL = 5 * time.Second

// credentialCache remembers what a call through each credential takes, so that the
// usual call costs one look at a map.
type credentialCache struct {
	mu         sync.RWMutex
	entries    map[tokens.Key]*cachedCredentials
	generation int // changes with each forget
}

type cachedCredentials struct {
	credentials *paycor.UpstreamCredentials
	expiresAt   time.Time
}

// get returns what is known, or the turn in which to put what is looked up.
func (p *credentialCache) get(key tokens.Key, now time.Time) (*paycor.UpstreamCredentials, int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if known := p.entries[key]; known != nil && now.Before(known.expiresAt) {
		return known.credentials, p.generation
	}
	return nil, p.generation
}

// put remembers a passage, unless something was forgotten since its turn: what
// was looked up may be of the time before a change. Where it says the same as
// the one before, that one is kept, so that whoever compares sees that nothing
// has changed.
func (p *credentialCache) put(key tokens.Key, passage *paycor.UpstreamCredentials, until time.Time, turn int) *paycor.UpstreamCredentials {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.generation != turn {
		return passage
	}
	if before := p.entries[key]; before != nil && *before.credentials == *passage {
		passage = before.credentials
	}
	if p.entries == nil {
		p.entries = map[tokens.Key]*cachedCredentials{}
	}
	p.entries[key] = &cachedCredentials{passage, until}
	return passage
}

func (p *credentialCache) forget(key tokens.Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.entries, key)
	p.generation++
}

// CredentialSource returns the source of upstream credentials for the proxy.
func (m *Manager) CredentialSource() *CredentialSource { return &CredentialSource{m} }

// CredentialSource decides who may call Paycor through a credential, and gives
// the proxy what such a call needs.
type CredentialSource struct{ *Manager }

// UpstreamCredentials returns what a call through a credential needs, if the
// caller may make it. With only the right to read, GET and HEAD are allowed.
func (p *CredentialSource) UpstreamCredentials(ctx context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error) {
	s := &service{Manager: p.Manager, caller: caller}
	right := paycor.RightUse
	if (method == http.MethodGet || method == http.MethodHead) && !caller.Rights.Has(right) {
		right = paycor.RightRead
	}
	if err := s.may(ctx, right, audit.ActionUse, credential); err != nil {
		return nil, err
	}
	if err := p.Countable(); err != nil {
		return nil, err
	}
	key, now := s.key(credential), p.config.Clock()
	known, turn := p.upstreamCredentials.get(key, now)
	if known != nil {
		return known, nil
	}
	// In one state of the store: a token goes to the environment it is of, and
	// beside the key it is of, whatever is changed meanwhile.
	access, err := p.tokens.Access(ctx, key)
	if err == nil && access.Environment.APIURL == "" { // with a token of the time when it was configured
		err = &upstream.Failure{Code: verdicts.CodeEnvironmentUnusable}
	}
	if err != nil {
		if failure, failed := upstream.AsFailure(err); failed && failure.Code.Verdict().Outcome.Conclusive() {
			p.config.Observer.ExchangeRejected(key, p.now())
		}
		return nil, s.denied(ctx, audit.ActionUse, credential, p.explainMissingToken(ctx, key, err))
	}
	until := now.Add(credentialCacheTTL)
	if renew := access.ExpiresAt.Add(-time.Minute); renew.Before(until) {
		until = renew // the tokens know whether it is time for another one
	}
	return p.upstreamCredentials.put(key, &paycor.UpstreamCredentials{
		Environment: access.Environment, SubscriptionKey: access.SubscriptionKey, Token: access.Token,
	}, until, turn), nil
}

// RejectToken reports that Paycor answered a token with an empty 401. It
// returns whether asking for credentials again may give another token.
func (p *CredentialSource) RejectToken(ctx context.Context, caller paycor.Caller, credential string, token paycor.Secret) (bool, error) {
	key := tokens.Key{Workspace: caller.Workspace, Credential: credential}
	p.upstreamCredentials.forget(key)
	return p.tokens.RejectToken(ctx, key, token)
}

// explainMissingToken says why there is no token, in the words of a verdict.
func (p *CredentialSource) explainMissingToken(ctx context.Context, key tokens.Key, err error) error {
	failure, failed := upstream.AsFailure(err)
	if !failed {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return &paycor.Error{Kind: paycor.KindUnavailable, Code: usage.CodeCallGone, Message: "The caller left before there was a token.", Err: err}
		}
		return err
	}
	verdict := failure.Verdict()
	verdict.Steps = nil // it was no verification, and what is told may be remembered from an earlier call
	message := "There is no access token for this credential. "
	if verdict.Code == verdicts.CodeEnvironmentUnusable {
		if held, heldErr := p.tokens.State(ctx, key); heldErr == nil {
			verdict = explainUnconfigured(verdict, held.Application.Environment)
		}
		message = ""
	}
	known := &paycor.Error{
		Kind: paycor.KindUpstream, Code: failure.Code, Message: message + verdict.Message + " " + verdict.Remedy,
		Verdict: &verdict, RetryAfter: failure.RetryAfter, Err: err,
	}
	switch verdict.Outcome {
	case verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation:
		known.Kind = paycor.KindConflict
	case verdicts.OutcomeThrottled:
		known.Kind = paycor.KindBusy
	}
	return known
}
