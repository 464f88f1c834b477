package app

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
)

// A token that Paycor stopped accepting is described differently from a token
// that Paycor refused to issue.
func TestALostTokenIsNoRejectedExchange(t *testing.T) {
	entry := audit.Entry{
		CallerName: "This server", Action: audit.ActionTokenLost, Credential: "a", Outcome: "done", Detail: string(verdicts.CodeTokenNotAccepted),
	}
	assert.Equal(t, say("history.credential.token.lost", "This server"), activityText(english, entry))
	before, behind := (&auditPage{page: &Page{words: english}}).text(entry)
	assert.Equal(t, say("activity.credential.token.lost", "This server"), before)
	assert.Empty(t, behind)
}
