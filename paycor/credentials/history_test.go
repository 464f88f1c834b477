package credentials_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// What was done to an application is in the history of all that used it then, and names
// no other credential. A verdict about a secret knows who rotated it, through whichever
// credential.
func TestHistoryHasWhatWasDoneToTheApplication(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	restrict(t, h, one.ID)
	require.Equal(t, paycor.StateVerified, verify(t, h, two.ID))
	service := h.As(env.Administrator())
	h.ChangeSecret(newSecret)
	_, err := service.Rotate(t.Context(), one.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	_, err = service.Update(t.Context(), one.ID, paycor.Patch{Name: ptr("renamed"), RotateBy: ptr(paycor.Day("2031-01-02"))}, paycor.UpdateOptions{})
	require.NoError(t, err)
	late := createFor(t, h, "late", entity(h, 0), func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret(newSecret) })
	require.Equal(t, two.ApplicationID, late.ApplicationID)

	rotations := func(id string) (found []audit.Entry) {
		history, err := service.History(t.Context(), id)
		require.NoError(t, err)
		for i, entry := range history.Entries {
			assert.Equal(t, id, entry.Credential, "of no other credential")
			assert.False(t, i > 0 && entry.Sequence >= history.Entries[i-1].Sequence, "the newest first")
			if entry.Action == audit.ActionRotate && entry.Outcome == "done" {
				found = append(found, entry)
			}
		}
		return found
	}
	if shared := rotations(two.ID); assert.Len(t, shared, 1) {
		assert.Equal(t, []fields.Field{fields.ClientSecret}, shared[0].Fields)
		assert.Equal(t, "Ann", shared[0].CallerName)
	}
	assert.Len(t, rotations(one.ID), 1)
	assert.Empty(t, rotations(late.ID), "it did not use the application then")

	h.ChangeSecret("simulator/secret+of/Nobody/00000000000001")
	require.Equal(t, paycor.StateRejected, verify(t, h, two.ID))
	success := h.Credential(t, two.ID).Verdict.LastSuccess
	require.NotNil(t, success)
	require.NotNil(t, success.Change)
	assert.Equal(t, verdicts.ChangeRotated, success.Change.Kind)
	assert.Equal(t, "Ann", success.Change.By)
}

// The answer to a change of the application says which other credentials it concerns, and
// only that there are others that the caller does not see.
func TestAnswersSayWhatElseChanged(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	hidden := createFor(t, h, "hidden", entity(h, 1))
	restrict(t, h, hidden.ID)
	var told sync.Map
	h.Observe(func(_ string, change events.Change) { told.Store(change.ID, true) })
	isTold := func(id string) bool { _, found := told.Load(id); return found }
	service := h.As(stranger(paycor.RightView, paycor.RightEdit))
	for name, c := range map[string]struct {
		patch paycor.Patch
		also  bool
	}{
		"name":         {paycor.Patch{Name: ptr("renamed")}, false},
		"legal entity": {paycor.Patch{LegalEntityID: ptr(paycor.TypedID("77"))}, false},
		"rotate by":    {paycor.Patch{RotateBy: ptr(paycor.Day("2031-01-02"))}, true},
		"key":          {paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret(h.App.Details().SecondaryKey))}, true},
	} {
		told.Clear()
		saved, err := service.Update(t.Context(), one.ID, c.patch, paycor.UpdateOptions{SkipVerify: true})
		require.NoError(t, err, name)
		assert.Equal(t, c.also, saved.AlsoChangedHidden, name)
		assert.Equal(t, c.also, isTold(two.ID) && isTold(hidden.ID), "%s: open pages are notified", name)
		if c.also {
			assert.Equal(t, []string{two.ID}, saved.AlsoChanged, name)
		} else {
			assert.Empty(t, saved.AlsoChanged, name)
		}
	}
	_, err := service.EndRotation(t.Context(), one.ID)
	require.NoError(t, err)
	h.ChangeSecret(newSecret)
	rotated, err := service.Rotate(t.Context(), two.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{one.ID}, rotated.AlsoChanged)
	assert.True(t, rotated.AlsoChangedHidden)
	back, err := service.RotateBack(t.Context(), two.ID, true, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{[]string{one.ID}, true}, []any{back.AlsoChanged, back.AlsoChangedHidden})
}
