package verdicts

// Effect is what a verdict means for calls through the credential.
type Effect string

// The effects.
const (
	EffectNone   Effect = ""       // calls work, or nothing is known about them
	EffectFail   Effect = "fail"   // every call fails
	EffectLater  Effect = "later"  // no new access token is issued; calls with one that was issued before still work
	EffectEntity Effect = "entity" // the secrets work; calls for the legal entity fail
	EffectRight  Effect = "right"  // the secrets work; calls that need the missing right fail
)

// Effect returns what a conclusive verdict means for calls. An outage says nothing about
// the next one.
func (v Verdict) Effect() Effect {
	switch v.Outcome {
	case OutcomeNeedsActivation:
		return EffectLater
	case OutcomeRejected:
		return v.rejectionEffect()
	}
	return EffectNone
}

func (v Verdict) rejectionEffect() Effect {
	switch v.Code {
	case CodeLooksSwapped: // Paycor was not asked
		return EffectNone
	case CodeKeyRejected, CodeKeyInactive, CodeKeyMissing, CodeTokenNotAccepted, CodeApplicationRefused:
		return EffectFail
	case CodeEntityNotActivated, CodeEntityNotFound, CodeEntityLeft, CodeLegalEntityNeeded:
		return EffectEntity
	case CodeRightMissing:
		return EffectRight
	}
	return EffectLater
}
