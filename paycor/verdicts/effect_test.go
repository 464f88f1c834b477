package verdicts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/verdicts"
)

// Each code is listed, so that a new one is thought about: a wrong effect is a wrong
// statement on the page.
func TestEffects(t *testing.T) {
	rejections := map[verdicts.Code]verdicts.Effect{
		verdicts.CodeLooksSwapped:       verdicts.EffectNone,
		verdicts.CodeKeyRejected:        verdicts.EffectFail,
		verdicts.CodeKeyInactive:        verdicts.EffectFail,
		verdicts.CodeKeyMissing:         verdicts.EffectFail,
		verdicts.CodeClientRejected:     verdicts.EffectLater,
		verdicts.CodeSecretRejected:     verdicts.EffectLater,
		verdicts.CodeTokenRefused:       verdicts.EffectLater,
		verdicts.CodeScopeUnknown:       verdicts.EffectLater,
		verdicts.CodeScopeOutdated:      verdicts.EffectLater,
		verdicts.CodeScopeNeeded:        verdicts.EffectLater,
		verdicts.CodeTokenNotAccepted:   verdicts.EffectFail,
		verdicts.CodeEntityNotActivated: verdicts.EffectEntity,
		verdicts.CodeEntityNotFound:     verdicts.EffectEntity,
		verdicts.CodeEntityLeft:         verdicts.EffectEntity,
		verdicts.CodeLegalEntityNeeded:  verdicts.EffectEntity,
		verdicts.CodeRightMissing:       verdicts.EffectRight,
		verdicts.CodeApplicationRefused: verdicts.EffectFail,
	}
	for _, code := range verdicts.Codes() {
		verdict := code.Verdict()
		want, listed := rejections[code]
		assert.Equal(t, verdict.Outcome == verdicts.OutcomeRejected, listed, code)
		if verdict.Outcome == verdicts.OutcomeNeedsActivation {
			want = verdicts.EffectLater
		}
		assert.Equal(t, want, verdict.Effect(), code)
	}
}
