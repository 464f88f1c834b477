package credentials

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// passageRecheck is how long a passage is believed before token and key are
// looked up again: another process may have changed them. What this process
// changes counts at once.
const passageRecheck = 5 * time.Second

// passages remembers what a call through each credential takes, so that the
// usual call costs one look at a map.
type passages struct {
	mu    sync.RWMutex
	known map[tokens.Key]*knownPassage
	turn  int // changes with each forget
}

type knownPassage struct {
	passage *paycor.Passage
	until   time.Time
}

// get returns what is known, or the turn in which to put what is looked up.
func (p *passages) get(key tokens.Key, now time.Time) (*paycor.Passage, int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if known := p.known[key]; known != nil && now.Before(known.until) {
		return known.passage, p.turn
	}
	return nil, p.turn
}

// put remembers a passage, unless something was forgotten since its turn: what
// was looked up may be of the time before a change. Where it says the same as
// the one before, that one is kept, so that whoever compares sees that nothing
// has changed.
func (p *passages) put(key tokens.Key, passage *paycor.Passage, until time.Time, turn int) *paycor.Passage {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turn != turn {
		return passage
	}
	if before := p.known[key]; before != nil && *before.passage == *passage {
		passage = before.passage
	}
	if p.known == nil {
		p.known = map[tokens.Key]*knownPassage{}
	}
	p.known[key] = &knownPassage{passage, until}
	return passage
}

func (p *passages) forget(key tokens.Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, key)
	p.turn++
}

// Passages gives what calls through credentials take. It is the proxy's
// Source.
func (m *Manager) Passages() *Passages { return &Passages{m} }

// Passages is the manager as the proxy sees it.
type Passages struct{ *Manager }

// Passage returns what it takes to call Paycor through a credential, for
// somebody who may. A token that may only read may use GET and HEAD.
func (p *Passages) Passage(ctx context.Context, caller paycor.Caller, credential, method string) (*paycor.Passage, error) {
	s := &service{Manager: p.Manager, caller: caller}
	right := paycor.RightUse
	if (method == http.MethodGet || method == http.MethodHead) && !caller.Rights.Has(right) {
		right = paycor.RightRead
	}
	if err := s.may(ctx, right, paycor.ActionUse, credential); err != nil {
		return nil, err
	}
	if err := p.Countable(); err != nil {
		return nil, err
	}
	key, now := s.key(credential), p.config.Clock()
	known, turn := p.passages.get(key, now)
	if known != nil {
		return known, nil
	}
	// In one state of the store: a token goes to the environment it is of, and
	// beside the key it is of, whatever is changed meanwhile.
	access, err := p.tokens.Access(ctx, key)
	if err == nil && access.Environment.APIURL == "" { // with a token of the time when it was configured
		err = &upstream.Failure{Code: paycor.CodeEnvironmentUnusable}
	}
	if err != nil {
		if failure, failed := upstream.AsFailure(err); failed && failure.Code.Verdict().Outcome.Settles() {
			p.doubts.refused(key, p.now())
		}
		return nil, s.denied(ctx, paycor.ActionUse, credential, p.unusable(ctx, key, err))
	}
	until := now.Add(passageRecheck)
	if renew := access.ExpiresAt.Add(-time.Minute); renew.Before(until) {
		until = renew // the tokens know whether it is time for another one
	}
	return p.passages.put(key, &paycor.Passage{
		Environment: access.Environment, SubscriptionKey: access.SubscriptionKey, Token: access.Token,
	}, until, turn), nil
}

// Refused is told that Paycor answered a token with an empty 401.
func (p *Passages) Refused(ctx context.Context, caller paycor.Caller, credential string, token paycor.Secret) (bool, error) {
	key := tokens.Key{Workspace: caller.Workspace, Credential: credential}
	p.passages.forget(key)
	return p.tokens.RejectToken(ctx, key, token)
}

// unusable says why there is no token, in the words of a verdict.
func (p *Passages) unusable(ctx context.Context, key tokens.Key, err error) error {
	failure, failed := upstream.AsFailure(err)
	if !failed {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return &paycor.Error{Kind: paycor.KindUnavailable, Code: paycor.CodeCallGone, Message: "The caller left before there was a token.", Err: err}
		}
		return err
	}
	verdict := failure.Verdict()
	verdict.Steps = nil // it was no verification, and what is told may be remembered from an earlier call
	message := "There is no access token for this credential. "
	if verdict.Code == paycor.CodeEnvironmentUnusable {
		if held, heldErr := p.tokens.State(ctx, key); heldErr == nil {
			verdict = located(verdict, held.Application.Environment)
		}
		message = ""
	}
	known := &paycor.Error{
		Kind: paycor.KindUpstream, Code: failure.Code, Message: message + verdict.Message + " " + verdict.Remedy,
		Verdict: &verdict, RetryAfter: failure.RetryAfter, Err: err,
	}
	switch verdict.Outcome {
	case paycor.OutcomeRejected, paycor.OutcomeNeedsActivation:
		known.Kind = paycor.KindConflict
	case paycor.OutcomeThrottled:
		known.Kind = paycor.KindBusy
	}
	return known
}
