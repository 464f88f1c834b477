package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func TestUnconfiguredEnvironmentIsNamed(t *testing.T) {
	unusable := verdicts.CodeEnvironmentUnusable.Verdict()
	for name, fix := range map[string]string{
		"elsewhere":         "verdict.environment_unconfigured.fix",
		"simulator":         "verdict.environment_unconfigured.fix-simulator",
		"simulator-sandbox": "verdict.environment_unconfigured.fix-simulator",
	} {
		verdict := credentials.ExplainUnconfigured(unusable, paycor.Environment{Name: name})
		assert.Equal(t, message.New("verdict.environment_unconfigured", name), verdict.Message)
		assert.Equal(t, message.New(fix, name), verdict.Remedy)
		assert.Equal(t, unusable.Outcome, verdict.Outcome)
	}
	assert.Equal(t, unusable, credentials.ExplainUnconfigured(unusable, paycor.Environment{Name: "plain", APIURL: "http://elsewhere.example"}), "it is configured, but wrong")
	rejected := verdicts.CodeClientRejected.Verdict()
	assert.Equal(t, rejected, credentials.ExplainUnconfigured(rejected, paycor.Environment{Name: "gone"}))
}
