package paycor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
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
	steps := func(token, entities paycor.StepState) []paycor.Step {
		return []paycor.Step{{Name: paycor.StepFormat, State: paycor.StepPassed}, {Name: paycor.StepKey, State: paycor.StepPassed},
			{Name: paycor.StepToken, State: token}, {Name: paycor.StepEntities, State: entities}, {Name: paycor.StepLegalEntity, State: paycor.StepFailed}}
	}
	for name, c := range map[string]struct {
		verdict paycor.Verdict
		want    bool
	}{
		"verified":               {paycor.Verdict{Outcome: paycor.OutcomeVerified}, true},
		"the secret is wrong":    {paycor.Verdict{Outcome: paycor.OutcomeRejected, Steps: steps(paycor.StepFailed, paycor.StepSkipped)}, false},
		"the entity has left":    {paycor.Verdict{Outcome: paycor.OutcomeRejected, Steps: steps(paycor.StepPassed, paycor.StepPassed)}, true},
		"the token is refused":   {paycor.Verdict{Outcome: paycor.OutcomeRejected, Steps: steps(paycor.StepPassed, paycor.StepFailed)}, false},
		"the list is not to see": {paycor.Verdict{Outcome: paycor.OutcomeRejected, Steps: steps(paycor.StepPassed, paycor.StepWarned)}, false},
		"an outage in between":   {paycor.Verdict{Outcome: paycor.OutcomeUnreachable, Steps: steps(paycor.StepPassed, paycor.StepPassed)}, false},
		"needs activation":       {paycor.Verdict{Outcome: paycor.OutcomeNeedsActivation, Steps: steps(paycor.StepFailed, paycor.StepSkipped)}, false},
	} {
		assert.Equal(t, c.want, c.verdict.Takes(), name)
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
			blamed = blamed || problem.Field == paycor.FieldRotateBy
		}
		assert.Equal(t, !ok, blamed, "%q", day)
	}
}

func TestADateIsNothingPaycorJudges(t *testing.T) {
	draft := good()
	other := draft
	other.RotateBy = "2030-12-31"
	assert.True(t, draft.SameForPaycor(other))
}

func TestTheETagTellsOfARotation(t *testing.T) {
	c := paycor.Credential{Version: 3}
	kept := c
	kept.Rotation = &paycor.Rotation{BeganAt: time.UnixMilli(5)}
	assert.NotEqual(t, c.ETag(), kept.ETag())
	tested := kept
	tested.Rotation = &paycor.Rotation{BeganAt: time.UnixMilli(5), Verdict: &paycor.Verdict{CheckedAt: time.UnixMilli(9)}}
	assert.NotEqual(t, kept.ETag(), tested.ETag())
}
