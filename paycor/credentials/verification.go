package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// verificationTimeout bounds one verification. Paycor's slow endpoints take up
// to half a minute each.
const verificationTimeout = 2 * time.Minute

// VerifyFunc verifies a complete, well-formed draft with Paycor, with tokens
// from a source. Every response of Paycor results in a verdict, even an outage;
// an error means that there is none, for example because ctx ended. progress
// may be nil. upstream.Client.Verify is a VerifyFunc.
type VerifyFunc func(ctx context.Context, request upstream.VerifyRequest, tokens upstream.TokenSource, progress paycor.Progress) (verdicts.Verdict, error)

// verification describes what to verify: a draft, and the saved credential
// whose tokens belong to it.
type verification struct {
	draft   paycor.Draft
	id      string           // of the saved credential; empty if there is none
	tokens  tokens.Key       // of its application; zero if there is none
	saved   bool             // the draft equals the saved credential
	swapped []fields.Problem // warnings that prevent the call

	onToken          func(tokens.Token) // receives a token that is not stored; may be nil
	conserveTokens   bool               // do not spend a refresh token or a cooldown
	probeAccess      bool               // probe which data can be read, too
	otherEnvironment bool               // the draft is tried in another environment, so the credential's tokens do not apply

	cause    string // why the server started it; empty for a person or the schedule
	recorded bool   // the start is in the audit trail already
}

// verify asks Paycor for a verdict. It needs a slot of the verification quota,
// and it records the start first: if that fails, nothing is sent.
func (s verifier) verify(ctx context.Context, action audit.Action, about verification, progress paycor.Progress) (verdicts.Verdict, error) {
	release := s.verifications.Acquire(quota.PrincipalsOf(s.caller)...)
	if release == nil {
		return verdicts.Verdict{}, paycor.Errorf(paycor.KindBusy, "error.verifications-busy")
	}
	defer release()
	if len(about.swapped) == 0 && !about.recorded { // if values are swapped, nothing is sent
		detail := about.cause
		if action != audit.ActionVerify { // the environment of a saved credential is known
			detail = audit.TriedDetail("", about.draft.Environment)
		}
		if err := s.recordStart(ctx, action, about.id, detail); err != nil {
			return verdicts.Verdict{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, verificationTimeout)
	defer cancel()
	request, source, err := s.prepare(ctx, about)
	if err != nil {
		return verdicts.Verdict{}, err
	}
	verdict, err := s.config.Verify(ctx, request, source, progress)
	if err == nil {
		s.config.OnVerification(about.draft.Environment, verdict.Outcome)
	}
	verdict.RequestID = s.caller.RequestID
	return explainUnconfigured(verdict, request.Environment), err
}

// recordStart records that the secrets of a credential or a draft are about to
// be used, so that a crash leaves a trace. If it fails, nothing may be sent.
func (s verifier) recordStart(ctx context.Context, action audit.Action, credential, detail string) error {
	return s.config.Store.Update(ctx, func(tx Tx) error {
		return s.record(tx, s.caller, audit.Entry{Action: action, Credential: credential, Outcome: audit.OutcomeStarted, Detail: detail})
	})
}

// recordUnfinished records a verification that ended without a verdict, and
// returns cause. The secrets may have been sent: a caller that disconnects early
// must not avoid the audit trail.
func (s verifier) recordUnfinished(ctx context.Context, action audit.Action, credential string, cause error) error {
	err := s.config.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		return s.record(tx, s.caller, audit.Entry{Action: action, Credential: credential, Outcome: "unfinished"})
	})
	if err != nil {
		return errors.Join(err, cause)
	}
	return cause
}

// recordIfStarted is recordUnfinished, unless the verification did not start.
func (s verifier) recordIfStarted(ctx context.Context, action audit.Action, credential string, cause error) error {
	if paycor.KindOf(cause) == paycor.KindBusy {
		return cause
	}
	return s.recordUnfinished(ctx, action, credential, cause)
}
