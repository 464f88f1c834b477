package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func TestAMissingEnvironmentIsNamed(t *testing.T) {
	unusable := verdicts.CodeEnvironmentUnusable.Verdict()
	for name, fix := range map[string]string{
		"elsewhere":         "verdict.environment_unconfigured.fix",
		"simulator":         "verdict.environment_unconfigured.fix-simulator",
		"simulator-sandbox": "verdict.environment_unconfigured.fix-simulator",
	} {
		said := credentials.Located(unusable, paycor.Environment{Name: name})
		assert.Equal(t, message.New("verdict.environment_unconfigured", name), said.Message)
		assert.Equal(t, message.New(fix, name), said.Remedy)
		assert.Equal(t, unusable.Outcome, said.Outcome)
	}
	assert.Equal(t, unusable, credentials.Located(unusable, paycor.Environment{Name: "plain", APIURL: "http://elsewhere.example"}), "it is configured, and wrongly")
	refused := verdicts.CodeClientRejected.Verdict()
	assert.Equal(t, refused, credentials.Located(refused, paycor.Environment{Name: "gone"}))
}
