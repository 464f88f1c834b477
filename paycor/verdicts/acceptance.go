package verdicts

// AcceptsSecrets reports whether Paycor accepts the key, the client and its
// secret. A rejection for another reason, such as a missing right or legal
// entity, would apply to the previous secrets as well.
func (v Verdict) AcceptsSecrets() bool {
	if v.Outcome == OutcomeVerified {
		return true
	}
	passed := 0
	for _, step := range v.Steps {
		if step.State == StepPassed && (step.Name == StepKey || step.Name == StepToken || step.Name == StepEntities) {
			passed++
		}
	}
	return v.Outcome == OutcomeRejected && passed == 3
}
