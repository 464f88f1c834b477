package paycor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

func TestWhereValuesWereTriedIsWrittenAndReadAgain(t *testing.T) {
	assert.Equal(t, "verified environment=production", paycor.TriedDetail(paycor.CodeVerified, "production"))
	assert.Equal(t, "environment=production", paycor.TriedDetail("", "production"))
	for _, code := range []paycor.Code{"", paycor.CodeVerified} {
		assert.Equal(t, "eu-sandbox", paycor.TriedEnvironment(paycor.TriedDetail(code, "eu-sandbox")))
	}
	assert.Empty(t, paycor.TriedEnvironment("verified"), "as older entries have it")
}
