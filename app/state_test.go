package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
)

func TestATileSaysWhenNothingCanBeRead(t *testing.T) {
	verdict := verdicts.CodeVerifiedNoAccess.Verdict()
	verdict.CheckedAt = noon
	credential := paycor.Credential{ID: "cred_1", Name: "Bakery"}.WithVerdict(verdict)
	p, _, _ := newTestPage(api.Start{List: paycor.CredentialPage{Credentials: []paycor.Credential{credential}}})
	assert.Contains(t, render(t, p).Text(), say("state.verified_without_access"))
}

// The wait that Paycor asked for passes, so an old verdict does not ask for all of it.
func TestAWaitThatIsOverIsNotAskedFor(t *testing.T) {
	verdict := verdicts.CodeRateLimited.Verdict().Waiting(17)
	verdict.CheckedAt = noon
	for after, want := range map[time.Duration]string{0: "Wait 17 seconds", 10 * time.Second: "Wait 7 seconds", time.Hour: "is over"} {
		assert.Contains(t, english.sentence(verdict.RemedyAt(noon.Add(after))), want)
	}
}
