package paycor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func TestSupportTextHoldsWhatHelpsAndNothingElse(t *testing.T) {
	verdict := verdicts.CodeEntityNotFound.Verdict()
	verdict.CorrelationID, verdict.RequestID, verdict.RetryAfter = "9b1f-22", "req-7", 17
	verdict.CheckedAt = time.Date(2026, 3, 1, 12, 30, 0, 0, time.FixedZone("there", 3600))
	verdict.Detail = "Imogen Vale may not do this"
	verdict.Entities = []verdicts.LegalEntity{{ID: 501123, Name: "Sunrise Bakery LLC"}}
	verdict.Steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepPassed}, {Name: verdicts.StepLegalEntity, State: verdicts.StepFailed, Note: message.Text("Sunrise Bakery LLC")}}
	environment := paycor.Environment{Name: "lab", APIURL: "https://apis.example:8443/tenant-4711"}
	assert.Equal(t, `Message:        The keys work, but Paycor has no active legal entity with this ID.
Code:           entity_not_found (rejected)
Fields:         Legal Entity ID
Checked at:     2026-03-01T11:30:00Z
Correlation ID: 9b1f-22
Environment:    lab, apis.example:8443
Step:           key passed
Step:           legal_entity failed
Asked to wait:  17 seconds
Credential:     cred_1
Request ID:     req-7
`, paycor.SupportText(locale.English, verdict, environment, "cred_1"))
	spanish, _ := locale.ByTag("es")
	assert.Contains(t, paycor.SupportText(spanish, verdict, environment, "cred_1"), "\nCampos:            Legal Entity ID\nVerificado:")
	verdict.Fields = []fields.Field{fields.ClientID, fields.ClientSecret}
	assert.Contains(t, paycor.SupportText(locale.English, verdict, environment, "cred_1"), "Client ID or Client Secret\n")
	assert.NotContains(t, paycor.SupportText(locale.English, verdicts.Verdict{Code: verdicts.CodeDNS}, paycor.Environment{}, ""), "Credential")
}
