package credentials

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// Busy implements schedule.Verifier: half of the verification slots are kept
// for people.
func (m *Manager) Busy() bool { return m.verifications.InUse() > m.config.MaxVerifications/2 }

// VerifySaved implements schedule.Verifier. It spends no refresh token while
// there is an access token.
func (m *Manager) VerifySaved(ctx context.Context, key tokens.Key, cause string) (*verdicts.Verdict, paycor.Credential, error) {
	s := &service{Manager: m, caller: serverCaller(key.Workspace)}
	saved, err := s.open(ctx, key.Credential)
	if err != nil {
		return nil, paycor.Credential{}, err
	}
	draft := saved.draft()
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: draft, id: saved.ID, saved: true, conserveTokens: true, cause: cause}, nil)
	if err != nil {
		return nil, saved.Credential, s.recordIfStarted(ctx, audit.ActionVerify, saved.ID, err)
	}
	after, err := s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, draft, verdict)
	switch {
	case errors.Is(err, store.ErrNotFound): // deleted meanwhile
		return &verdict, after, nil
	case err == nil:
		s.lookLater(after, draft) // a rejection discards the result of the access probe
	}
	return &verdict, after, err
}
