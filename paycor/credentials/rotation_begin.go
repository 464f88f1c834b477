package credentials

import (
	"context"
	"errors"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Rotate implements api.Service.
//
// The new secrets are stored, sealed in places of their own, before Paycor is
// asked: whatever happens in between, neither they nor the ones in use are
// lost. They take the place of the ones in use in the transaction that stores
// the verdict.
func (s *service) Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionRotate, id); err != nil {
		return paycor.Rotated{}, err
	}
	started, err := s.startRotation(ctx, id, request)
	if err != nil {
		return paycor.Rotated{}, s.denied(ctx, audit.ActionRotate, id, err)
	}
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionRotate})
	return s.probe(ctx, started, progress)
}

// probe asks Paycor about the secrets that are kept, and does what
// follows from the verdict.
func (s *service) probe(ctx context.Context, started startedRotation, progress paycor.Progress) (paycor.Rotated, error) {
	verdict, token, err := s.probeSecrets(ctx, started, progress)
	if err != nil {
		err = s.appendUnfinished(ctx, started.action(), started.ID, err)
		if !started.keep {
			err = errors.Join(err, s.discardPending(context.WithoutCancel(ctx), started))
		}
		return paycor.Rotated{}, firstDomainError(err)
	}
	rotated, err := s.conclude(context.WithoutCancel(ctx), started, verdict, token)
	if err != nil {
		return paycor.Rotated{}, fail(err)
	}
	s.changes.Publish(s.caller.Workspace, events.Change{ID: started.ID, Action: started.action()})
	if rotated.Promoted {
		s.lookLater(rotated.Credential, started.pending)
	}
	return rotated, nil
}

// firstDomainError returns the error that the caller can read, where there is one
// among several.
func firstDomainError(err error) error {
	var known *paycor.Error
	if errors.As(err, &known) {
		return known
	}
	return err
}

// startedRotation is a rotation, or a way back, whose secrets are stored and not
// yet tested.
type startedRotation struct {
	stored                   // as it was when the rotation began
	pending paycor.Draft     // the stored values with the secrets to test
	swapped []fields.Problem // warnings that hold back the call
	keep    bool             // the secrets stay where Paycor does not take them
}

// action is what is done: a way back tests the secrets from before.
func (b startedRotation) action() audit.Action {
	if b.Rotation.State == paycor.RotationPrevious {
		return audit.ActionRotateBack
	}
	return audit.ActionRotate
}

// begin checks the new secrets and stores them as pending.
func (s *service) startRotation(ctx context.Context, id string, request paycor.RotateRequest) (startedRotation, error) {
	var started startedRotation
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		saved, err := s.load(tx, id)
		if err != nil {
			return err
		}
		kept := saved.Rotation
		if kept != nil && kept.State == paycor.RotationPrevious {
			return paycor.Errorf(paycor.KindConflict, "What was in use before the last rotation is kept still. Go back to it or destroy it, then rotate again.")
		}
		again := len(request.Fields()) == 0
		if again {
			if request, err = resume(saved, request); err != nil {
				return err
			}
		}
		if err := keepsPending(kept, request); err != nil {
			return err
		}
		replaced, same := replacedBy(saved, request)
		started = startedRotation{stored: saved, pending: request.ApplyTo(saved.draft()), keep: request.KeepPending || same}
		if started.swapped, err = s.checkRotation(saved, started.pending, request); err != nil {
			return err
		}
		// Before Paycor is asked: it is on record once, whatever comes.
		entry := audit.Entry{Action: audit.ActionRotate, Credential: id, Fields: request.Fields(), Outcome: audit.OutcomeStarted}
		if again && kept.Keep == request.Keep && kept.RotateBy == request.RotateBy && kept.Verdict == nil {
			return s.record(tx, s.caller, entry) // as it is stored already
		}
		now := s.now()
		rotation := paycor.Rotation{State: paycor.RotationPending, Keep: request.Keep, RotateBy: request.RotateBy, StartedAt: now, StartedBy: s.caller.Name}
		if rotation.Keep == "" {
			rotation.Keep = paycor.KeepDay
		}
		secrets := store.Secrets{}
		for _, field := range request.Fields() {
			value := paycor.RotationValue{Field: field, SavedAt: now}
			if again {
				value.SavedAt, rotation.UsedUntil = savedWhen(kept.Values, field), kept.UsedUntil
			}
			rotation.Values = append(rotation.Values, value)
			secrets[paycor.RotationPending.SecretField(field)] = paycor.NewSecret(started.pending.Value(field))
		}
		if err := tx.DeleteSecrets(s.caller.Workspace, id, secretFields(kept)...); err != nil {
			return err
		}
		started.Rotation = &rotation
		if err := tx.UpdateCredential(s.caller.Workspace, started.Credential, saved.Version, secrets); err != nil {
			return err
		}
		if len(replaced) > 0 {
			discarded := discardEntry(saved.Credential)
			discarded.Fields = replaced
			if err := s.record(tx, s.caller, discarded); err != nil {
				return err
			}
		}
		return s.record(tx, s.caller, entry)
	})
	return started, err
}

// keepsPending refuses a rotation that would destroy a pending secret for
// which it brings nothing new: Paycor may have shown that one only once.
func keepsPending(kept *paycor.Rotation, request paycor.RotateRequest) error {
	if kept == nil {
		return nil
	}
	for _, field := range kept.Fields() {
		if !slices.Contains(request.Fields(), field) {
			return paycor.Errorf(paycor.KindConflict, "A newer %s is kept as pending. Use it or discard it, then rotate again; or enter a new %s here too, which takes its place.", field.Label(), field.Label())
		}
	}
	return nil
}

// replacedBy returns which pending secrets a request brings another value for,
// and whether it brings one that is pending already.
func replacedBy(saved stored, request paycor.RotateRequest) (replaced []fields.Field, same bool) {
	if saved.Rotation == nil {
		return nil, false
	}
	draft := request.ApplyTo(paycor.Draft{})
	for _, field := range saved.Rotation.Fields() {
		if saved.secrets[paycor.RotationPending.SecretField(field)].Reveal() == draft.Value(field) {
			same = true
		} else {
			replaced = append(replaced, field)
		}
	}
	return replaced, same
}

// resume is a request for the secrets that are pending already.
func resume(saved stored, request paycor.RotateRequest) (paycor.RotateRequest, error) {
	kept := saved.Rotation
	if kept == nil {
		return request, &paycor.Error{
			Kind: paycor.KindInvalid, Message: "There is nothing new to test. Enter the new Client Secret or the new APIM Subscription Key.",
			Problems: []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemRequired, Message: "Enter the new Client Secret, or the new APIM Subscription Key."}},
		}
	}
	request.ClientSecret = saved.secrets[fields.ClientSecretPending]
	request.SubscriptionKey = saved.secrets[fields.SubscriptionKeyPending]
	request.KeepPending = true // they are kept until somebody says otherwise
	if request.Keep == "" {
		request.Keep = kept.Keep
	}
	if request.RotateBy == "" {
		request.RotateBy = kept.RotateBy
	}
	return request, nil
}

func savedWhen(values []paycor.RotationValue, field fields.Field) time.Time {
	for _, value := range values {
		if value.Field == field {
			return value.SavedAt
		}
	}
	return time.Time{}
}

// secretFields are where the secrets of a rotation are sealed.
func secretFields(rotation *paycor.Rotation) []fields.Field {
	if rotation == nil {
		return nil
	}
	var all []fields.Field
	for _, field := range rotation.Fields() {
		all = append(all, rotation.State.SecretField(field))
	}
	return all
}

// checkRotation refuses what is wrong with the new secrets, and returns the
// warnings that hold back the call.
func (s *service) checkRotation(saved stored, pending paycor.Draft, request paycor.RotateRequest) ([]fields.Problem, error) {
	report := paycor.Check(pending, paycor.Rules{Environments: s.config.Environments, StoredEnvironment: saved.Environment})
	problems := append(request.Check(), paycor.RotationProblems(report.Problems, request.Fields())...)
	for _, field := range request.Fields() {
		if pending.Value(field) == saved.draft().Value(field) {
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemUnchanged, Message: "This is the " + field.Label() + " that is in use already. Enter the new one."})
		}
	}
	if len(problems) > 0 {
		return nil, &paycor.Error{Kind: paycor.KindInvalid, Message: "Nothing was changed: " + problems[0].Message, Problems: problems}
	}
	report.Warnings = paycor.RotationProblems(report.Warnings, request.Fields())
	return blockingWarnings(report, request.AcceptWarnings), nil
}

// probeSecrets asks Paycor about the secrets that are kept. It returns the token that came of
// them, where nobody has stored it yet.
func (s *service) probeSecrets(ctx context.Context, started startedRotation, progress paycor.Progress) (verdicts.Verdict, tokens.Token, error) {
	var given tokens.Token
	about := verification{draft: started.pending, id: started.ID, swapped: started.swapped, recorded: true, onToken: func(token tokens.Token) { given = token }}
	verdict, err := s.verify(ctx, started.action(), about, progress)
	return verdict, given, err
}

// conclude promotes the new secrets, or restores those from before, where
// Paycor takes them. Where it does not, they are kept or forgotten, and the
// credential is as it was.
func (s *service) conclude(ctx context.Context, started startedRotation, verdict verdicts.Verdict, token tokens.Token) (paycor.Rotated, error) {
	rotated, overtaken := paycor.Rotated{Verdict: verdict}, false
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, started.ID)
		if err != nil {
			return err
		}
		rotated.Promoted, overtaken = false, false
		entry := audit.Entry{
			Action: started.action(), Credential: started.ID, Fields: started.Rotation.Fields(),
			Outcome: string(verdict.Outcome), Detail: string(verdict.Code),
		}
		switch {
		case !s.unchanged(started, current):
			overtaken, entry.Outcome = true, "overtaken" // by another rotation, or by a change of the values
			return s.record(tx, s.caller, entry)
		case verdict.AcceptsSecrets():
			rotated.Promoted = true
			entry.Outcome = "done"
			if started.action() == audit.ActionRotateBack {
				rotated.Credential, err = s.rollBack(tx, current, current.Credential.WithVerdict(verdict), token)
			} else {
				rotated.Credential, err = s.promote(tx, current, verdict, token)
			}
		case started.action() == audit.ActionRotateBack:
			rotated.Credential = current.Credential
		case started.keep:
			rotated.Credential, err = s.keepPending(tx, current, verdict)
		default:
			rotated.Credential, err = s.discard(tx, current.Credential)
		}
		if err != nil {
			return err
		}
		return s.record(tx, s.caller, entry)
	})
	switch {
	case err != nil:
		return rotated, err
	case overtaken:
		return rotated, store.ErrStale
	case rotated.Promoted:
		s.tokens.Forget(s.key(started.ID))
	}
	return rotated, nil
}

// unchanged reports whether what was tested is what is kept now.
func (s *service) unchanged(started startedRotation, current stored) bool {
	if current.Rotation == nil || current.Rotation.State != started.Rotation.State || !current.draft().SameForPaycor(started.draft()) {
		return false
	}
	for _, field := range started.Rotation.Fields() {
		if current.secrets[started.Rotation.State.SecretField(field)].Reveal() != started.pending.Value(field) {
			return false
		}
	}
	return true
}

// promote makes the pending secrets the credential's. The ones before are kept
// for the way back, and a token that came of the new ones becomes the current
// one, so that nobody has to wait for another. Tokens that are out stay good:
// Paycor gives them to the application, whichever secret asked.
func (s *service) promote(tx store.Tx, current stored, verdict verdicts.Verdict, token tokens.Token) (paycor.Credential, error) {
	pending, now := *current.Rotation, s.now()
	after := current.Credential.WithVerdict(verdict)
	secrets := store.Secrets{}
	kept := paycor.Rotation{
		State: paycor.RotationPrevious, Keep: pending.Keep, RotateBy: current.RotateBy,
		StartedAt: now, StartedBy: s.caller.Name, DiscardAt: pending.Keep.Until(now),
	}
	for _, value := range pending.Values {
		kept.Values = append(kept.Values, paycor.RotationValue{Field: value.Field, SavedAt: s.swapSavedAt(&after, value)})
		secrets[value.Field] = current.secrets[paycor.RotationPending.SecretField(value.Field)]
		secrets[paycor.RotationPrevious.SecretField(value.Field)] = current.secrets[value.Field]
	}
	after.Rotation, after.RotateBy, after.UpdatedAt = &kept, pending.RotateBy, now
	after.Version++
	if err := tx.UpdateCredential(s.caller.Workspace, after, current.Version, secrets); err != nil {
		return after, err
	}
	if err := tx.DeleteSecrets(s.caller.Workspace, after.ID, secretFields(&pending)...); err != nil {
		return after, err
	}
	return after, s.storeProbedToken(tx, after.ID, token)
}

// storeProbedToken makes the token that came of a test the current one.
func (s *service) storeProbedToken(tx store.Tx, id string, token tokens.Token) error {
	if token.Access.IsZero() {
		return nil // an activated credential's is stored since it was given
	}
	holding, err := tx.TokenState(s.caller.Workspace, id)
	if err != nil {
		return err
	}
	holding.Epoch++ // an exchange under way with the secret before does not replace it
	now := s.now()
	holding.SavedAt, holding.ExpiresAt, holding.RenewAt = now, token.ExpiresAt, tokens.RenewAt(now, token.ExpiresAt)
	return tx.PutTokenState(s.caller.Workspace, id, holding, store.Secrets{fields.AccessToken: token.Access})
}

// swapSavedAt sets when a secret that comes into use was saved, and returns when the
// one before was.
func (s *service) swapSavedAt(credential *paycor.Credential, value paycor.RotationValue) time.Time {
	at := &credential.ClientSecretSavedAt
	if value.Field == fields.SubscriptionKey {
		at = &credential.SubscriptionKeySavedAt
	}
	before := *at
	*at = value.SavedAt
	return before
}

// keepPending notes why the pending secrets are not in use.
func (s *service) keepPending(tx store.Tx, current stored, verdict verdicts.Verdict) (paycor.Credential, error) {
	after, rotation := current.Credential, *current.Rotation
	verdict.Entities = nil // they are of no use here
	rotation.Verdict = &verdict
	after.Rotation = &rotation
	return after, tx.UpdateCredential(s.caller.Workspace, after, current.Version, nil)
}

// discardPending takes a rotation back that came to no verdict.
func (s *service) discardPending(ctx context.Context, started startedRotation) error {
	err := s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := s.load(tx, started.ID)
		if err != nil || !s.unchanged(started, current) {
			return err
		}
		_, err = s.discard(tx, current.Credential)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// discardOutdated drops what a rotation keeps where it no longer belongs to the
// credential: to another client, or to another environment, whose address the
// kept secrets are not for.
func (s *service) discardOutdated(tx store.Tx, before stored, after *paycor.Credential) error {
	if before.Rotation == nil || before.Environment == after.Environment && before.ClientID == after.ClientID {
		return nil
	}
	after.Rotation = nil
	if err := tx.DeleteSecrets(s.caller.Workspace, after.ID, secretFields(before.Rotation)...); err != nil {
		return err
	}
	return s.record(tx, s.caller, discardEntry(before.Credential))
}

// discardBatch is how many rotations one sweep ends in one go.
const discardBatch = 100

// observed wraps a source of tokens so that somebody else hears of what it gave.
func observed(get func(context.Context) (tokens.Token, error), given func(tokens.Token)) upstream.TokenSource {
	return func(ctx context.Context) (paycor.Secret, error) {
		token, err := get(ctx)
		if err == nil && given != nil {
			given(token)
		}
		return token.Access, err
	}
}
