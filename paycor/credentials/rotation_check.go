package credentials

import (
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// checkPendingKept rejects a rotation that would discard a pending secret
// without replacing it: Paycor may show a secret only once.
func checkPendingKept(kept *paycor.Rotation, request paycor.RotateRequest) error {
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

// checkRotation rejects invalid new secrets and returns the warnings that
// prevent the test.
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
