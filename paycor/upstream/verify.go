package upstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// MaxEntities bounds the legal entities in a verdict, which is stored with the
// credential and sent to pages.
const MaxEntities = 200

// VerifyRequest says what to verify.
type VerifyRequest struct {
	Environment paycor.Environment
	Draft       paycor.Draft     // complete and well-formed: paycor.Check reports no problem
	Activated   bool             // for grants by activation: there is a refresh token
	Ended       verdicts.Code    // for grants by activation: why the refresh token ended; empty if there never was one
	Renew       Renew            // replaces a cached token that Paycor rejects; nil if the source always requests a new one
	DataAccess  bool             // also probe which lists can be read, once verified
	Swapped     []fields.Problem // warnings that block the calls (paycor.Report.Swapped)
}

// TokenSource returns an access token for the credential. A *Failure becomes a
// verdict; any other error ends the verification without one.
type TokenSource func(ctx context.Context) (paycor.Secret, error)

// Renew returns an access token to replace a rejected one, or the same token if no
// other can be had.
type Renew func(ctx context.Context, refused paycor.Secret) (paycor.Secret, error)

// Verify runs the verification steps: format, key, token, entities, legal entity
// and, if requested, data access. Paycor's answer is a verdict, and so is Paycor
// being unreachable. An error means there is no verdict, because ctx was canceled or
// the token source failed by itself. Progress may be nil.
func (c *Client) Verify(ctx context.Context, question VerifyRequest, tokens TokenSource, progress paycor.Progress) (verdicts.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.TotalTimeout)
	defer cancel()
	v := verification{client: c, request: question, progress: progress, draft: question.Draft.Clean()}
	v.id, _ = v.draft.LegalEntityID.LegalEntityID() // 0 if Paycor is to list them
	verdict, err := v.run(ctx, tokens)
	if err != nil {
		return verdicts.Verdict{}, fmt.Errorf("verifying: %w", err)
	}
	var access *verdicts.DataAccess
	if verdict.Outcome == verdicts.OutcomeVerified {
		access = v.dataAccess(ctx)
	}
	names := verdicts.StepNames()
	if !question.DataAccess {
		names = names[:len(names)-1]
	}
	for _, name := range names[len(v.steps):] {
		v.endStep(verdicts.Step{Name: name, State: verdicts.StepSkipped})
	}
	verdict.Steps, verdict.Entities = v.steps, v.offeredEntities()
	verdict = verdict.WithDataAccess(access)
	verdict.CheckedAt = c.Now().UTC().Truncate(time.Millisecond)
	return verdict, nil
}

// verification is one run of the steps.
type verification struct {
	client   *Client
	request  VerifyRequest
	draft    paycor.Draft
	progress paycor.Progress
	id       int32 // the Legal Entity ID; 0 if none was given
	steps    []verdicts.Step
	entities []verdicts.LegalEntity
	denied   *Failure // why Paycor denied the list
	allLeft  bool     // every listed entity has left Paycor
	call     Call     // with the token that Paycor accepted
}

func (v *verification) run(ctx context.Context, tokens TokenSource) (verdicts.Verdict, error) {
	v.startStep(verdicts.StepFormat)
	if verdict, stop := v.format(); stop {
		return v.failStep(verdicts.StepFormat, verdict)
	}
	v.passStep(verdicts.StepFormat, message.Message{})

	if v.draft.Grant == paycor.GrantAuthorizationCode && !v.request.Activated {
		return v.probeKey(ctx)
	}
	v.startStep(verdicts.StepKey)
	token, err := tokens(ctx)
	if err != nil {
		return v.tokenFailed(ctx, err)
	}
	v.passStep(verdicts.StepKey, message.Message{})
	v.startStep(verdicts.StepToken)
	v.passStep(verdicts.StepToken, message.Message{})

	call := Call{Environment: v.request.Environment, Token: token, SubscriptionKey: v.draft.SubscriptionKey, ClientSecret: v.draft.ClientSecret}
	v.startStep(verdicts.StepEntities)
	listed, verdict, err := v.list(ctx, &call)
	if err != nil || listed == listFailed {
		return verdict, err
	}
	v.call = call
	v.startStep(verdicts.StepLegalEntity)
	return v.legalEntity(ctx, call, listed)
}

// dataAccess is the last step. It never changes the verdict.
func (v *verification) dataAccess(ctx context.Context) *verdicts.DataAccess {
	const step = verdicts.StepDataAccess
	if !v.request.DataAccess {
		return nil
	}
	v.startStep(step)
	access := v.client.DataAccess(ctx, v.call, v.id)
	readable, _, unknown := access.Counts()
	lists := len(verdicts.ListNames())
	switch {
	case unknown > 0:
		v.warnStep(step, message.New("step.note.readable-unknown", readable, lists, unknown))
	case access.MostlyDenied():
		v.warnStep(step, message.New("step.note.readable", readable, lists))
	default:
		v.passStep(step, message.New("step.note.readable", readable, lists))
	}
	return access
}

// format blocks values that should not be sent or have no usable address.
func (v *verification) format() (verdicts.Verdict, bool) {
	if len(v.request.Swapped) > 0 {
		verdict := verdicts.CodeLooksSwapped.Verdict()
		for _, problem := range v.request.Swapped {
			if !slices.Contains(verdict.Fields, problem.Field) {
				verdict.Fields = append(verdict.Fields, problem.Field)
			}
		}
		return verdict, true
	}
	if _, err := Address(v.request.Environment, ""); err != nil {
		return verdicts.CodeEnvironmentUnusable.Verdict(), true
	}
	return verdicts.Verdict{}, false
}

// tokenFailed assigns a failed exchange to the key step, unless the key was
// accepted.
func (v *verification) tokenFailed(ctx context.Context, err error) (verdicts.Verdict, error) {
	failure, ok := AsFailure(err)
	switch {
	case !ok && errors.Is(ctx.Err(), context.DeadlineExceeded):
		failure = &Failure{Code: verdicts.CodeTimeout} // the source may have waited for another caller's exchange
	case !ok:
		return verdicts.Verdict{}, err
	}
	if !failure.keyAccepted() {
		return v.failStep(verdicts.StepKey, failure.Verdict())
	}
	v.passStep(verdicts.StepKey, message.Message{})
	v.startStep(verdicts.StepToken)
	return v.failStep(verdicts.StepToken, failure.Verdict())
}

// probeKey tests the key of a credential that was never activated. A call without a
// token passes the gateway and is rejected by Paycor behind it. It is better to find
// a wrong key now than after sending a browser to Paycor with it.
func (v *verification) probeKey(ctx context.Context) (verdicts.Verdict, error) {
	v.startStep(verdicts.StepKey)
	call := Call{Environment: v.request.Environment, Path: entityListPath, SubscriptionKey: v.draft.SubscriptionKey, ClientSecret: v.draft.ClientSecret}
	_, err := v.client.getJSON(ctx, call)
	failure, failed := AsFailure(err)
	switch {
	case err != nil && !failed:
		return verdicts.Verdict{}, err
	case failed && !failure.keyAccepted():
		return v.failStep(verdicts.StepKey, failure.Verdict())
	}
	v.passStep(verdicts.StepKey, message.Message{})
	v.startStep(verdicts.StepToken)
	if failed && !failure.Code.Verdict().Outcome.Conclusive() && !failure.notFound() {
		return v.failStep(verdicts.StepToken, failure.Verdict())
	}
	return v.failStep(verdicts.StepToken, cmp.Or(v.request.Ended, verdicts.CodeActivationNeeded).Verdict())
}

func (v *verification) startStep(name verdicts.StepName) {
	if v.progress != nil {
		v.progress(verdicts.Step{Name: name, State: verdicts.StepRunning})
	}
}

// endStep records and reports the end of a step.
func (v *verification) endStep(step verdicts.Step) {
	v.steps = append(v.steps, step)
	if v.progress != nil {
		v.progress(step)
	}
}

func (v *verification) passStep(name verdicts.StepName, note message.Message) {
	v.endStep(verdicts.Step{Name: name, State: verdicts.StepPassed, Note: note})
}

func (v *verification) warnStep(name verdicts.StepName, note message.Message) {
	v.endStep(verdicts.Step{Name: name, State: verdicts.StepWarned, Note: note})
}

// failStep ends the verification at a step. After an outage or a limit the step is
// open, not failed, and nothing failed where only the activation is missing.
func (v *verification) failStep(name verdicts.StepName, verdict verdicts.Verdict) (verdicts.Verdict, error) {
	state := verdicts.StepFailed
	switch {
	case !verdict.Outcome.Conclusive():
		state = verdicts.StepOpen
	case verdict.Outcome == verdicts.OutcomeNeedsActivation:
		state = verdicts.StepPending
	}
	v.endStep(verdicts.Step{Name: name, State: state})
	return verdict, nil
}
