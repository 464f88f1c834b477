package credentials

import (
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// checkPendingKept rejects a rotation that would discard a pending secret
// without replacing it: Paycor may show a secret only once.
func checkPendingKept(saved stored, request paycor.RotateRequest) error {
	for _, field := range saved.readableKept() {
		if !slices.Contains(request.Fields(), field) {
			return paycor.Errorf(paycor.KindConflict, "error.rotation-pending", field.Label(), field.Label())
		}
	}
	return nil
}

// checkRotation rejects invalid new secrets and returns the warnings that
// prevent the test.
func (s rotator) checkRotation(saved stored, pending paycor.Draft, request paycor.RotateRequest) ([]fields.Problem, error) {
	report := paycor.Check(pending, paycor.Rules{Environments: s.config.Environments, StoredEnvironment: saved.Environment})
	problems := append(request.Check(), paycor.RotationProblems(report.Problems, request.Fields())...)
	for _, field := range request.Fields() {
		if pending.Value(field) == saved.draft().Value(field) {
			problems = append(problems, fields.Problem{Field: field, Code: fields.ProblemUnchanged, Message: message.New("problem.rotation-unchanged", field.Label())})
		}
	}
	if len(problems) > 0 {
		return nil, &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.not-changed", problems[0].Message), Problems: problems}
	}
	report.Warnings = paycor.RotationProblems(report.Warnings, request.Fields())
	return blockingWarnings(report, request.AcceptWarnings), nil
}
