package credentials

import (
	"context"
	"errors"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
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
	key, now := s.key(credential), p.config.Clock()
	version, err := p.config.Version(ctx)
	if err != nil {
		return nil, fail(err)
	}
	cached, generation := p.upstreamCredentials.get(key, version, now)
	if cached != nil {
		if denied := s.mayCall(ctx, right, credential, nil); denied != nil {
			return nil, denied
		}
		return cached, nil
	}
	stored, err := p.readCallAccess(ctx, key)
	shared := &stored.CredentialSharing
	if err != nil {
		shared = nil
	}
	if denied := s.mayCall(ctx, right, credential, shared); denied != nil {
		return nil, denied
	}
	access, err := p.access(ctx, key, stored, err)
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
	}, version, expiresAt, generation), nil
}

// mayCall decides whether the caller may call Paycor through a credential. shared is who can
// see it, or nil to look that up.
func (s *bound) mayCall(ctx context.Context, right paycor.Right, credential string, shared *store.CredentialSharing) (err error) {
	if shared == nil {
		err = s.may(ctx, right, audit.ActionUse, credential)
	} else {
		err = s.authorizer.AuthorizeShared(ctx, s.caller, right, audit.ActionUse, credential, *shared)
	}
	if err != nil {
		return err
	}
	return s.config.Available()
}

// readCallAccess reads what a call needs and who may make one.
func (s *Service) readCallAccess(ctx context.Context, key paycor.CredentialKey) (stored store.CallAccess, err error) {
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		stored, err = r.CallAccess(key.Workspace, key.Credential)
		return err
	})
	return stored, fail(err)
}

// access returns what a call needs, with a token that was renewed if it had to be. The
// parameters are what readCallAccess returned.
func (s *Service) access(ctx context.Context, key paycor.CredentialKey, stored store.CallAccess, err error) (tokens.Access, error) {
	if err != nil {
		return tokens.Access{}, err
	}
	s.config.Observer.CredentialRead(key, stored.Verdict)
	return s.tokens.Access(ctx, key, tokens.Access{
		Application: stored.ApplicationID, Environment: s.environment(stored.Environment),
		SubscriptionKey: stored.SubscriptionKey, Token: stored.AccessToken, ExpiresAt: stored.ExpiresAt,
	}, stored.RenewAt)
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
