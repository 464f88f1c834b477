package paycor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

func TestEveryCodeHasAllItsParts(t *testing.T) {
	outcomes := []paycor.Outcome{paycor.OutcomeVerified, paycor.OutcomeRejected, paycor.OutcomeNeedsActivation,
		paycor.OutcomeUnreachable, paycor.OutcomeThrottled}
	seen := map[paycor.Code]bool{}
	sentences := map[string]paycor.Code{}
	for _, code := range paycor.Codes() {
		t.Run(string(code), func(t *testing.T) {
			verdict := code.Verdict()
			assert.False(t, seen[code], "the code is in the catalogue twice")
			seen[code] = true
			assert.Equal(t, code, verdict.Code)
			assert.Contains(t, outcomes, verdict.Outcome)
			assert.NotNil(t, verdict.Fields, "fields are an empty list, never null")
			assert.LessOrEqual(t, len(verdict.Fields), 2)
			if verdict.Outcome != paycor.OutcomeRejected {
				assert.Empty(t, verdict.Fields, "only a rejection blames a field")
			}
			assert.Empty(t, sentences[verdict.Message], "two codes say the same")
			sentences[verdict.Message] = code

			assertSentence(t, verdict.Message)
			if code != paycor.CodeVerified {
				assertSentence(t, verdict.Remedy)
			}
			if verdict.Outcome == paycor.OutcomeRejected || verdict.Outcome == paycor.OutcomeNeedsActivation {
				assert.Contains(t, verdict.Remedy, "Paycor", "the remedy names the screen to open")
			}
		})
	}
}

func assertSentence(t *testing.T, text string) {
	t.Helper()
	assert.True(t, strings.HasSuffix(text, "."), "%q is a whole sentence", text)
	assert.Equal(t, strings.ToUpper(text[:1]), text[:1])
	assert.Equal(t, 1, strings.Count(text+" ", ". "), "%q is one sentence", text)
	for _, word := range []string{"%!", "please", "invalid", "oops", "  "} {
		assert.NotContains(t, strings.ToLower(text), word)
	}
}

// The sentences a stressed administrator reads are changed on purpose only.
func TestWhatACodeBlames(t *testing.T) {
	blamed := map[paycor.Code][]paycor.Field{
		paycor.CodeKeyRejected:        {paycor.FieldSubscriptionKey},
		paycor.CodeKeyInactive:        {paycor.FieldSubscriptionKey},
		paycor.CodeScopeOutdated:      {paycor.FieldScope},
		paycor.CodeKeyMissing:         {paycor.FieldSubscriptionKey},
		paycor.CodeClientRejected:     {paycor.FieldClientID, paycor.FieldClientSecret},
		paycor.CodeTokenRefused:       {paycor.FieldClientID, paycor.FieldClientSecret},
		paycor.CodeScopeUnknown:       {paycor.FieldScope},
		paycor.CodeScopeNeeded:        {paycor.FieldScope},
		paycor.CodeEntityNotActivated: {paycor.FieldLegalEntityID},
		paycor.CodeEntityNotFound:     {paycor.FieldLegalEntityID},
		paycor.CodeEntityLeft:         {paycor.FieldLegalEntityID},
		paycor.CodeLegalEntityNeeded:  {paycor.FieldLegalEntityID},
	}
	for _, code := range paycor.Codes() {
		want := blamed[code]
		if want == nil {
			want = []paycor.Field{}
		}
		assert.Equal(t, want, code.Verdict().Fields, code)
	}
}

func TestAVerdictIsItsOwn(t *testing.T) {
	paycor.CodeClientRejected.Verdict().Fields[0] = paycor.FieldName
	assert.Equal(t, paycor.FieldClientID, paycor.CodeClientRejected.Verdict().Fields[0], "a verdict changed the catalogue")
}

func TestUnknownCodeStandsForUnexpected(t *testing.T) {
	assert.Equal(t, paycor.CodeUnexpected, paycor.Code("of_next_year").Verdict().Code)
}

func TestWaitingNamesTheWait(t *testing.T) {
	for seconds, remedy := range map[int]string{
		1:      "Wait 1 second, then verify again.",
		17:     "Wait 17 seconds, then verify again.",
		120:    "Wait 120 seconds, then verify again.",
		121:    "Wait 3 minutes, then verify again.",
		5025:   "Wait 84 minutes, then verify again.",
		100000: "Wait 28 hours, then verify again.",
	} {
		verdict := paycor.CodeRateLimited.Verdict().Waiting(seconds)
		assert.Equal(t, remedy, verdict.Remedy)
		assert.Equal(t, seconds, verdict.RetryAfter)
	}
	unsaid := paycor.CodeRateLimited.Verdict()
	assert.Equal(t, unsaid, unsaid.Waiting(0))
	assert.Equal(t, unsaid, unsaid.Waiting(-5))
}
