package health_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

func TestReportHasTheWorstStatus(t *testing.T) {
	t.Parallel()
	assert.Equal(t, health.OK, health.NewReport(nil).Status)
	for i, worst := range health.Statuses() {
		var findings []health.Finding
		for _, status := range health.Statuses()[:i+1] {
			findings = append([]health.Finding{{Check: "a", Status: status}}, findings...)
		}
		assert.Equal(t, worst, health.NewReport(findings).Status)
	}
}

func TestFindingWithoutRemedyLeavesItOut(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(health.Finding{Check: "space", Status: health.OK, Message: message.Text("Enough.")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"check":"space","status":"ok","message":"Enough."}`, string(text))
}
