package credentials

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// withRemedyAt returns a credential as it is shown at a time: of a wait that Paycor asked
// for, its verdicts ask for what is left.
func withRemedyAt(c paycor.Credential, now time.Time) paycor.Credential {
	c.Verdict = verdictAt(c.Verdict, now)
	if c.Rotation != nil {
		rotation := *c.Rotation
		rotation.Verdict = verdictAt(rotation.Verdict, now)
		c.Rotation = &rotation
	}
	return c
}

func verdictAt(stored *verdicts.Verdict, now time.Time) *verdicts.Verdict {
	if stored == nil {
		return nil
	}
	verdict := *stored
	verdict.Remedy = stored.RemedyAt(now)
	return &verdict
}
