package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// TryCounterpart implements api.Service. It is the one way by which a
// stored secret is sent to another environment than its own, and only to that
// one's counterpart: who may edit cannot choose where to.
func (s *service) TryCounterpart(ctx context.Context, request paycor.VerifyRequest) (paycor.CounterpartAnswer, error) {
	var none paycor.CounterpartAnswer
	if err := s.may(ctx, paycor.RightEdit, audit.ActionCounterpart, request.ID); err != nil {
		return none, err
	}
	draft, rules := request.Draft, paycor.Rules{Verification: true}
	if request.ID != "" {
		saved, err := s.open(ctx, request.ID)
		if err != nil {
			return none, s.denied(ctx, audit.ActionCounterpart, request.ID, err)
		}
		rules.StoredEnvironment = saved.Environment
		draft = draft.Fill(saved.draft().ReusableIn(draft.Environment))
	}
	draft = draft.Clean()
	report, err := s.check(draft, rules)
	if err != nil {
		return none, err
	}
	other, found := paycor.CounterpartOf(s.config.Environments, draft.Environment)
	if !found {
		return none, paycor.Errorf(paycor.KindConflict, "There is no other environment to try for this one.")
	}
	draft.Environment = other.Name
	about := verification{draft: draft, id: request.ID, otherEnvironment: true, swapped: blockingWarnings(report, request.AcceptWarnings)}
	verdict, err := s.verify(ctx, audit.ActionCounterpart, about, nil)
	if err != nil {
		return none, s.recordUnfinished(ctx, audit.ActionCounterpart, request.ID, err)
	}
	err = s.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionCounterpart, Credential: request.ID, Outcome: string(verdict.Outcome), Detail: audit.TriedDetail(verdict.Code, other.Name),
		})
	})
	if err != nil {
		return none, err
	}
	return paycor.NewCounterpartAnswer(other.Name, verdict), nil
}
