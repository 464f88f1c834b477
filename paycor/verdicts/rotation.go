package verdicts

// Takes reports whether a verdict says that Paycor takes key, client and
// secret. What it may say beyond them, of a right or a legal entity, it would
// say of the old ones as well.
func (v Verdict) Takes() bool {
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
