package app

import (
	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A token that Paycor took no more is no token that Paycor refused to give.
func TestALostTokenIsNoRefusedExchange(t *testing.T) {
	entry := audit.Entry{
		CallerName: "This server", Action: audit.ActionTokenLost, Credential: "a", Outcome: "done", Detail: string(verdicts.CodeTokenNotAccepted),
	}
	assert.Equal(t, "This server was told that Paycor no longer takes its token; the next call gets a new one", activityText(entry))
	before, behind := (&Page{}).auditText(entry)
	assert.Equal(t, "This server dropped the token, which Paycor no longer took, of", before)
	assert.Empty(t, behind)
}
