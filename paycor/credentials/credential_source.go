package credentials

import (
	"context"
	"errors"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// CredentialSource returns the source of upstream credentials for the proxy.
func (s *Service) CredentialSource() *CredentialSource { return &CredentialSource{s} }

// CredentialSource decides who may call Paycor through a credential, and gives
// the proxy what such a call needs.
type CredentialSource struct{ *Service }

// UpstreamCredentials returns what a call through a credential needs, if the
// caller may make it. With only the right to read, GET and HEAD are allowed.
func (p *CredentialSource) UpstreamCredentials(ctx context.Context, caller paycor.Caller, credential, method string) (*paycor.UpstreamCredentials, error) {
	s := &bound{Service: p.Service, caller: caller}
	right := paycor.RightUse
	if (method == http.MethodGet || method == http.MethodHead) && !caller.Rights.Has(right) {
		right = paycor.RightRead
	}
	if err := s.may(ctx, right, audit.ActionUse, credential); err != nil {
		return nil, err
	}
	if err := p.config.Available(); err != nil {
		return nil, err
	}
	key, now := s.key(credential), p.config.Clock()
	cached, generation := p.upstreamCredentials.get(key, now)
	if cached != nil {
		return cached, nil
	}
	access, err := p.tokens.Access(ctx, key)
	if err == nil && access.Environment.APIURL == "" { // the environment is no longer configured
		err = &upstream.Failure{Code: verdicts.CodeEnvironmentUnusable}
	}
	if err != nil {
		if failure, failed := upstream.AsFailure(err); failed && failure.Code.Verdict().Outcome.Conclusive() {
			p.config.Observer.ExchangeRejected(key, p.now())
		}
		return nil, s.denied(ctx, audit.ActionUse, credential, s.explainMissingToken(ctx, credential, err))
	}
	expiresAt := now.Add(credentialCacheTTL)
	if renew := access.ExpiresAt.Add(-time.Minute); renew.Before(expiresAt) {
		expiresAt = renew // the token source decides whether to renew
	}
	return p.upstreamCredentials.put(key, &paycor.UpstreamCredentials{
		Environment: access.Environment, SubscriptionKey: access.SubscriptionKey, Token: access.Token,
	}, expiresAt, generation), nil
}

// RejectToken reports that Paycor answered a token with an empty 401. It
// returns whether asking for credentials again may give another token.
func (p *CredentialSource) RejectToken(ctx context.Context, caller paycor.Caller, credential string, token paycor.Secret) (bool, error) {
	s := &bound{p.Service, caller}
	key, err := s.readTokenKey(ctx, credential)
	if err != nil {
		return false, err
	}
	again, err := p.tokens.RejectToken(ctx, key, token)
	p.upstreamCredentials.forget(s.key(credential)) // afterward: before, another call could cache the rejected token again
	return again, err
}

// explainMissingToken translates why there is no token into an error for the
// caller.
func (s *bound) explainMissingToken(ctx context.Context, credential string, err error) error {
	failure, failed := upstream.AsFailure(err)
	if !failed {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return &paycor.Error{Kind: paycor.KindUnavailable, Code: usage.CodeCallDisconnected, Message: message.New("error.caller-left-waiting"), Err: err}
		}
		return err
	}
	verdict := failure.Verdict()
	verdict.Steps = nil // not a verification; the failure may come from an earlier call
	text := message.New("error.no-access-token", verdict.Message, verdict.Remedy)
	if verdict.Code == verdicts.CodeEnvironmentUnusable {
		if saved, readErr := s.open(ctx, credential); readErr == nil {
			verdict = explainUnconfigured(verdict, s.environment(saved.Environment))
		}
		text = message.New("list.sentences", verdict.Message, verdict.Remedy)
	}
	explained := &paycor.Error{
		Kind: paycor.KindUpstream, Code: failure.Code, Message: text,
		Verdict: &verdict, RetryAfter: failure.RetryAfter, Err: err,
	}
	switch verdict.Outcome {
	case verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation:
		explained.Kind = paycor.KindConflict
	case verdicts.OutcomeThrottled:
		explained.Kind = paycor.KindBusy
	}
	return explained
}
