package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
)

func TestWhereValuesWereTriedIsWrittenAndReadAgain(t *testing.T) {
	assert.Equal(t, "verified environment=production", audit.TriedDetail(verdicts.CodeVerified, "production"))
	assert.Equal(t, "environment=production", audit.TriedDetail("", "production"))
	for _, code := range []verdicts.Code{"", verdicts.CodeVerified} {
		assert.Equal(t, "eu-sandbox", audit.TriedEnvironment(audit.TriedDetail(code, "eu-sandbox")))
	}
	assert.Empty(t, audit.TriedEnvironment("verified"), "as older entries have it")
}
