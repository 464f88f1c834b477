package verdicts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func TestEveryCodeHasAllItsParts(t *testing.T) {
	outcomes := []verdicts.Outcome{verdicts.OutcomeVerified, verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation,
		verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled}
	seen := map[verdicts.Code]bool{}
	sentences := map[string]verdicts.Code{}
	for _, code := range verdicts.Codes() {
		t.Run(string(code), func(t *testing.T) {
			verdict := code.Verdict()
			assert.False(t, seen[code], "the code is in the catalogue twice")
			seen[code] = true
			assert.Equal(t, code, verdict.Code)
			assert.Contains(t, outcomes, verdict.Outcome)
			assert.NotNil(t, verdict.Fields, "fields are an empty list, never null")
			assert.LessOrEqual(t, len(verdict.Fields), 2)
			if verdict.Outcome != verdicts.OutcomeRejected {
				assert.Empty(t, verdict.Fields, "only a rejection blames a field")
			}
			assert.Empty(t, sentences[verdict.Message.In(locale.English)], "two codes say the same")
			sentences[verdict.Message.In(locale.English)] = code

			assertSentence(t, verdict.Message.In(locale.English))
			if code != verdicts.CodeVerified {
				assertSentence(t, verdict.Remedy.In(locale.English))
			}
			if verdict.Outcome == verdicts.OutcomeRejected || verdict.Outcome == verdicts.OutcomeNeedsActivation {
				assert.Contains(t, verdict.Remedy.In(locale.English), "Paycor", "the remedy names the screen to open")
			}
		})
	}
}

func assertSentence(t *testing.T, text string) {
	t.Helper()
	assert.True(t, strings.HasSuffix(text, "."), "%q is a whole sentence", text)
	assert.Equal(t, strings.ToUpper(text[:1]), text[:1])
	assert.LessOrEqual(t, strings.Count(text+" ", ". "), 2, "%q is short", text)
	for _, word := range []string{"%!", "please", "invalid", "oops", "  "} {
		assert.NotContains(t, strings.ToLower(text), word)
	}
}

// Administrators read these sentences under stress, so changes must be
// intentional.
func TestWhatACodeBlames(t *testing.T) {
	blamed := map[verdicts.Code][]fields.Field{
		verdicts.CodeKeyRejected:        {fields.SubscriptionKey},
		verdicts.CodeKeyInactive:        {fields.SubscriptionKey},
		verdicts.CodeScopeOutdated:      {fields.Scope},
		verdicts.CodeKeyMissing:         {fields.SubscriptionKey},
		verdicts.CodeClientRejected:     {fields.ClientID, fields.ClientSecret},
		verdicts.CodeSecretRejected:     {fields.ClientSecret},
		verdicts.CodeTokenRefused:       {fields.ClientID, fields.ClientSecret},
		verdicts.CodeScopeUnknown:       {fields.Scope},
		verdicts.CodeScopeNeeded:        {fields.Scope},
		verdicts.CodeEntityNotActivated: {fields.LegalEntityID},
		verdicts.CodeEntityNotFound:     {fields.LegalEntityID},
		verdicts.CodeEntityLeft:         {fields.LegalEntityID},
		verdicts.CodeLegalEntityNeeded:  {fields.LegalEntityID},
	}
	for _, code := range verdicts.Codes() {
		want := blamed[code]
		if want == nil {
			want = []fields.Field{}
		}
		assert.Equal(t, want, code.Verdict().Fields, code)
	}
}

func TestAVerdictIsItsOwn(t *testing.T) {
	verdicts.CodeClientRejected.Verdict().Fields[0] = fields.Name
	assert.Equal(t, fields.ClientID, verdicts.CodeClientRejected.Verdict().Fields[0], "a verdict changed the catalogue")
}

func TestUnknownCodeStandsForUnexpected(t *testing.T) {
	assert.Equal(t, verdicts.CodeUnexpected, verdicts.Code("of_next_year").Verdict().Code)
}

func TestWaitingNamesTheWait(t *testing.T) {
	for seconds, remedy := range map[int]message.Message{
		1:      message.Count("verdict.wait.seconds", 1),
		17:     message.Count("verdict.wait.seconds", 17),
		120:    message.Count("verdict.wait.seconds", 120),
		121:    message.Count("verdict.wait.minutes", 3),
		5025:   message.Count("verdict.wait.minutes", 84),
		100000: message.Count("verdict.wait.hours", 28),
	} {
		verdict := verdicts.CodeRateLimited.Verdict().Waiting(seconds)
		assert.Equal(t, remedy, verdict.Remedy)
		assert.Equal(t, seconds, verdict.RetryAfter)
	}
	unsaid := verdicts.CodeRateLimited.Verdict()
	assert.Equal(t, unsaid, unsaid.Waiting(0))
	assert.Equal(t, unsaid, unsaid.Waiting(-5))
}
