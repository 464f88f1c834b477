package upstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
	"slices"
	"time"
)

// mostEntities bounds the legal entities a verdict carries: it is stored with
// the credential and sent to pages.
const mostEntities = 200

// Question is what Verify asks about.
type Question struct {
	Environment paycor.Environment
	Draft       paycor.Draft     // complete and well-formed: paycor.Check finds no problem in it
	Activated   bool             // for a grant by activation: a refresh token is there, so the source has a token
	Ended       verdicts.Code    // for a grant by activation: why there is none any more; empty where there never was one
	Renew       Renew            // for a token that may be an old one; nil where the source always asks for a new one
	DataAccess  bool             // look at what can be read, too, once everything else is well
	Swapped     []fields.Problem // warnings that hold back the call (paycor.Report.Swapped); none to ask in any case
}

// TokenSource gives an access token for the question's credential. Package
// oauth's failures are *Failure; any other error ends the verification without
// a verdict.
type TokenSource func(ctx context.Context) (paycor.Secret, error)

// Renew gives another access token in the place of one that the API refused,
// or the same again where there is none to be had.
type Renew func(ctx context.Context, refused paycor.Secret) (paycor.Secret, error)

// Verify climbs the ladder: format, key, token, entities, legal entity, and
// where the question wants it a look at what can be read. What
// Paycor answers, or that it cannot be reached, is a verdict. An error means
// that nobody can tell, because ctx was cancelled or the token source has a
// trouble of its own. Progress may be nil.
func (c *Client) Verify(ctx context.Context, question Question, tokens TokenSource, progress paycor.Progress) (verdicts.Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.TotalTimeout)
	defer cancel()
	l := ladder{client: c, question: question, progress: progress, draft: question.Draft.Clean()}
	l.id, _ = l.draft.LegalEntityID.LegalEntityID() // 0 where Paycor is to tell
	verdict, err := l.climb(ctx, tokens)
	if err != nil {
		return verdicts.Verdict{}, fmt.Errorf("verifying: %w", err)
	}
	if verdict.Outcome == verdicts.OutcomeVerified {
		verdict.DataAccess = l.dataAccess(ctx)
	}
	names := verdicts.StepNames()
	if !question.DataAccess {
		names = names[:len(names)-1]
	}
	for _, name := range names[len(l.steps):] {
		l.tell(verdicts.Step{Name: name, State: verdicts.StepSkipped})
	}
	verdict.Steps, verdict.Entities = l.steps, l.offer()
	verdict.CheckedAt = c.Now().UTC().Truncate(time.Millisecond)
	return verdict, nil
}

// ladder is one verification under way.
type ladder struct {
	client   *Client
	question Question
	draft    paycor.Draft
	progress paycor.Progress
	id       int32 // the Legal Entity ID; 0 where none was given
	steps    []verdicts.Step
	entities []verdicts.LegalEntity
	denied   *Failure // the refusal of the list
	left     bool     // all that it lists have left Paycor
	call     Call     // with the token that was taken
}

func (l *ladder) climb(ctx context.Context, tokens TokenSource) (verdicts.Verdict, error) {
	l.begin(verdicts.StepFormat)
	if verdict, stop := l.format(); stop {
		return l.fail(verdicts.StepFormat, verdict)
	}
	l.pass(verdicts.StepFormat, "")

	if l.draft.Grant == paycor.GrantAuthorizationCode && !l.question.Activated {
		return l.withoutActivation(ctx)
	}
	l.begin(verdicts.StepKey)
	token, err := tokens(ctx)
	if err != nil {
		return l.noToken(ctx, err)
	}
	l.pass(verdicts.StepKey, "")
	l.begin(verdicts.StepToken)
	l.pass(verdicts.StepToken, "")

	call := Call{Environment: l.question.Environment, Token: token, SubscriptionKey: l.draft.SubscriptionKey, ClientSecret: l.draft.ClientSecret}
	l.begin(verdicts.StepEntities)
	listed, verdict, err := l.list(ctx, &call)
	if err != nil || listed == listStops {
		return verdict, err
	}
	l.call = call
	l.begin(verdicts.StepLegalEntity)
	return l.legalEntity(ctx, call, listed)
}

// dataAccess is the last rung. Whatever comes of it, the verdict stands.
func (l *ladder) dataAccess(ctx context.Context) *verdicts.DataAccess {
	const step = verdicts.StepDataAccess
	if !l.question.DataAccess {
		return nil
	}
	l.begin(step)
	access := l.client.DataAccess(ctx, l.call, l.id)
	readable, unknown := 0, 0
	for _, group := range access.Groups {
		for _, datum := range group.Data {
			switch datum.Readable {
			case verdicts.ReadableYes:
				readable++
			case verdicts.ReadableUnknown:
				unknown++
			}
		}
	}
	note := fmt.Sprintf("%d of %d lists can be read.", readable, len(verdicts.DataNames()))
	if unknown > 0 {
		l.warn(step, fmt.Sprintf("%s %d could not be checked.", note, unknown))
	} else {
		l.pass(step, note)
	}
	return access
}

// format stops what should not be sent, and what has nowhere to be sent to.
func (l *ladder) format() (verdicts.Verdict, bool) {
	if len(l.question.Swapped) > 0 {
		verdict := verdicts.CodeLooksSwapped.Verdict()
		for _, problem := range l.question.Swapped {
			if !slices.Contains(verdict.Fields, problem.Field) {
				verdict.Fields = append(verdict.Fields, problem.Field)
			}
		}
		return verdict, true
	}
	if _, err := Address(l.question.Environment, ""); err != nil {
		return verdicts.CodeEnvironmentUnusable.Verdict(), true
	}
	return verdicts.Verdict{}, false
}

// noToken places a failed exchange: on the key's rung, unless whoever answered
// had let the key through.
func (l *ladder) noToken(ctx context.Context, err error) (verdicts.Verdict, error) {
	failure, ok := AsFailure(err)
	switch {
	case !ok && errors.Is(ctx.Err(), context.DeadlineExceeded):
		failure = &Failure{Code: verdicts.CodeTimeout} // the source may have waited for somebody else's exchange
	case !ok:
		return verdicts.Verdict{}, err
	}
	if !failure.keyTaken() {
		return l.fail(verdicts.StepKey, failure.Verdict())
	}
	l.pass(verdicts.StepKey, "")
	l.begin(verdicts.StepToken)
	return l.fail(verdicts.StepToken, failure.Verdict())
}

// withoutActivation tests what can be tested of a credential that has no
// refresh token yet: the key. A call without a token gets past the gateway
// and is refused only by Paycor behind it. A wrong key is better found now
// than after a browser was sent to Paycor with it.
func (l *ladder) withoutActivation(ctx context.Context) (verdicts.Verdict, error) {
	l.begin(verdicts.StepKey)
	call := Call{Environment: l.question.Environment, Path: entityListPath, SubscriptionKey: l.draft.SubscriptionKey, ClientSecret: l.draft.ClientSecret}
	_, err := l.client.getJSON(ctx, call)
	failure, failed := AsFailure(err)
	switch {
	case err != nil && !failed:
		return verdicts.Verdict{}, err
	case failed && !failure.keyTaken():
		return l.fail(verdicts.StepKey, failure.Verdict())
	}
	l.pass(verdicts.StepKey, "")
	l.begin(verdicts.StepToken)
	if failed && !failure.Code.Verdict().Outcome.Conclusive() && !failure.nothingThere() {
		return l.fail(verdicts.StepToken, failure.Verdict())
	}
	return l.fail(verdicts.StepToken, cmp.Or(l.question.Ended, verdicts.CodeActivationNeeded).Verdict())
}

func (l *ladder) begin(name verdicts.StepName) {
	if l.progress != nil {
		l.progress(verdicts.Step{Name: name, State: verdicts.StepRunning})
	}
}

// tell ends a step.
func (l *ladder) tell(step verdicts.Step) {
	l.steps = append(l.steps, step)
	if l.progress != nil {
		l.progress(step)
	}
}

func (l *ladder) pass(name verdicts.StepName, note string) {
	l.tell(verdicts.Step{Name: name, State: verdicts.StepPassed, Note: note})
}

func (l *ladder) warn(name verdicts.StepName, note string) {
	l.tell(verdicts.Step{Name: name, State: verdicts.StepWarned, Note: note})
}

// fail ends the ladder at a step. An outage or a limit blames nothing.
func (l *ladder) fail(name verdicts.StepName, verdict verdicts.Verdict) (verdicts.Verdict, error) {
	state := verdicts.StepFailed
	if !verdict.Outcome.Conclusive() {
		state = verdicts.StepOpen
	}
	l.tell(verdicts.Step{Name: name, State: state})
	return verdict, nil
}
