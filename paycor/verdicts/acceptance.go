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

// RejectsApplication reports whether the verdict rejects the application itself, and so
// holds for all its credentials: its key, client, secret, scope or activation. A verdict
// about a legal entity or a right does not.
func (v Verdict) RejectsApplication() bool {
	switch v.Code {
	case CodeKeyRejected, CodeKeyInactive, CodeKeyMissing, CodeClientRejected, CodeSecretRejected, CodeTokenRefused,
		CodeScopeUnknown, CodeScopeOutdated, CodeScopeNeeded, CodeTokenNotAccepted, CodeApplicationRefused:
		return true
	}
	return v.Outcome == OutcomeNeedsActivation
}
