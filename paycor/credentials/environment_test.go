package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/verdicts"
)

func TestAMissingEnvironmentIsNamed(t *testing.T) {
	unusable := verdicts.CodeEnvironmentUnusable.Verdict()
	for name, start := range map[string]string{
		"elsewhere":         "start it with --environment elsewhere=URL, then",
		"simulator":         "start it with --environment simulator=URL, or with --simulator, then",
		"simulator-sandbox": "start it with --environment simulator-sandbox=URL, or with --simulator, then",
	} {
		said := credentials.Located(unusable, paycor.Environment{Name: name})
		assert.Contains(t, said.Message, `"`+name+`" is not configured`)
		assert.Contains(t, said.Remedy, start)
		assert.Equal(t, unusable.Outcome, said.Outcome)
	}
	assert.Equal(t, unusable, credentials.Located(unusable, paycor.Environment{Name: "plain", APIURL: "http://elsewhere.example"}), "it is configured, and wrongly")
	refused := verdicts.CodeClientRejected.Verdict()
	assert.Equal(t, refused, credentials.Located(refused, paycor.Environment{Name: "gone"}))
}
