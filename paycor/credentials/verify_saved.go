package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// Busy implements schedule.Verifier: half of the verification slots are kept
// for people.
func (s *Service) Busy() bool { return s.verifications.InUse() > s.config.MaxVerifications/2 }

// VerifySaved implements schedule.Verifier. It spends no refresh token while
// there is an access token.
func (s *Service) VerifySaved(ctx context.Context, key paycor.CredentialKey, cause string) (*verdicts.Verdict, paycor.Credential, error) {
	v := s.verifierFor(serverCaller(key.Workspace))
	saved, err := v.open(ctx, key.Credential)
	if err != nil {
		return nil, paycor.Credential{}, err
	}
	draft := saved.draft()
	verdict, err := v.verify(ctx, audit.ActionVerify, verification{draft: draft, id: saved.ID, tokens: v.tokenKey(saved.Credential), saved: true, conserveTokens: true, cause: cause}, nil)
	if err != nil {
		return nil, saved.Credential, v.recordIfStarted(ctx, audit.ActionVerify, saved.ID, err)
	}
	after, err := v.storeVerdict(context.WithoutCancel(ctx), saved.Credential, draft, verdict)
	switch {
	case errors.Is(err, store.ErrNotFound): // deleted meanwhile
		return &verdict, after, nil
	case err == nil:
		v.probeAccessLater(after, draft) // a rejection discards the result of the access probe
	}
	return &verdict, after, err
}
