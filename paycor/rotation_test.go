package paycor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

func TestKeepUntil(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for keep, want := range map[paycor.Keep]time.Duration{paycor.KeepHour: time.Hour, paycor.KeepDay: 24 * time.Hour, paycor.KeepWeek: 168 * time.Hour} {
		assert.Equal(t, now.Add(want), keep.Until(now), keep)
	}
	assert.True(t, paycor.KeepUntil.Until(now).IsZero())
	assert.Len(t, paycor.Keeps(), 4)
}

func TestTakes(t *testing.T) {
	steps := func(token, entities verdicts.StepState) []verdicts.Step {
		return []verdicts.Step{{Name: verdicts.StepFormat, State: verdicts.StepPassed}, {Name: verdicts.StepKey, State: verdicts.StepPassed},
			{Name: verdicts.StepToken, State: token}, {Name: verdicts.StepEntities, State: entities}, {Name: verdicts.StepLegalEntity, State: verdicts.StepFailed}}
	}
	for name, c := range map[string]struct {
		verdict verdicts.Verdict
		want    bool
	}{
		"verified":               {verdicts.Verdict{Outcome: verdicts.OutcomeVerified}, true},
		"the secret is wrong":    {verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Steps: steps(verdicts.StepFailed, verdicts.StepSkipped)}, false},
		"the entity has left":    {verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Steps: steps(verdicts.StepPassed, verdicts.StepPassed)}, true},
		"the token is refused":   {verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Steps: steps(verdicts.StepPassed, verdicts.StepFailed)}, false},
		"the list is not to see": {verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Steps: steps(verdicts.StepPassed, verdicts.StepWarned)}, false},
		"an outage in between":   {verdicts.Verdict{Outcome: verdicts.OutcomeUnreachable, Steps: steps(verdicts.StepPassed, verdicts.StepPassed)}, false},
		"needs activation":       {verdicts.Verdict{Outcome: verdicts.OutcomeNeedsActivation, Steps: steps(verdicts.StepFailed, verdicts.StepSkipped)}, false},
	} {
		assert.Equal(t, c.want, c.verdict.AcceptsSecrets(), name)
	}
}

func TestRotateByIsADate(t *testing.T) {
	for day, ok := range map[paycor.Day]bool{
		"": true, "2030-12-31": true, "2028-02-29": true, "2030-02-29": false, "31.12.2030": false, "2030-1-1": false, "0001-01-01": false, "2030-12-31T00:00:00Z": false, "x": false,
	} {
		draft := good()
		draft.RotateBy = day
		var blamed bool
		for _, problem := range paycor.Check(draft, paycor.Rules{Environments: paycor.Environments()}).Problems {
			blamed = blamed || problem.Field == fields.RotateBy
		}
		assert.Equal(t, !ok, blamed, "%q", day)
	}
}

func TestADateIsNothingPaycorJudges(t *testing.T) {
	draft := good()
	other := draft
	other.RotateBy = "2030-12-31"
	assert.True(t, draft.SameToPaycor(other))
}

func TestTheETagTellsOfARotation(t *testing.T) {
	c := paycor.Credential{Version: 3}
	kept := c
	kept.Rotation = &paycor.Rotation{StartedAt: time.UnixMilli(5)}
	assert.NotEqual(t, c.ETag(), kept.ETag())
	tested := kept
	tested.Rotation = &paycor.Rotation{StartedAt: time.UnixMilli(5), Verdict: &verdicts.Verdict{CheckedAt: time.UnixMilli(9)}}
	assert.NotEqual(t, kept.ETag(), tested.ETag())
}
