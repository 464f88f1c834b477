package events_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

func caller(workspace string, credentials ...string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Workspace: workspace, Credentials: credentials}
}

// received returns what a subscription has delivered so far.
func received(changes <-chan events.Change) (ids []string) {
	for {
		synctest.Wait()
		select {
		case change, open := <-changes:
			if !open {
				return append(ids, "closed")
			}
			if change.Missed {
				change.ID = "missed"
			}
			ids = append(ids, change.ID)
		default:
			return ids
		}
	}
}

func TestSubscribersHearWhatTheyMaySee(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broker := events.Broker{Visible: func(_ context.Context, _ paycor.Caller, change events.Change) bool { return change.ID != "hidden" }}
		ctx, cancel := context.WithCancel(t.Context())
		all := broker.Changes(ctx, caller("default"))
		listed := broker.Changes(ctx, caller("default", "one"))
		elsewhere := broker.Changes(ctx, caller("elsewhere"))
		for _, id := range []string{"one", "two", "hidden", ""} {
			broker.Publish("default", events.Change{ID: id, Action: audit.ActionUpdate})
		}
		assert.Equal(t, []string{"one", "two", ""}, received(all))
		assert.Equal(t, []string{"one", ""}, received(listed), "changes about no credential concern everyone")
		assert.Empty(t, received(elsewhere))
		cancel()
		assert.Equal(t, []string{"closed"}, received(all))
		broker.Publish("default", events.Change{ID: "one"})
	})
}

func TestSlowSubscriberMissesChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broker events.Broker
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slow := broker.Changes(ctx, caller("default"))
		for range 1000 {
			broker.Publish("default", events.Change{ID: "one"})
		}
		heard := received(slow)
		assert.NotEmpty(t, heard)
		assert.Less(t, len(heard), 1000, "Publish does not wait")
		assert.Contains(t, heard, "missed", "a gap is reported")
		broker.Publish("default", events.Change{ID: "one"})
		assert.Equal(t, []string{"one"}, received(slow), "once")
	})
}

func TestObserversComeFirst(t *testing.T) {
	t.Parallel()
	var broker events.Broker
	var order []string
	broker.Observe(func(workspace string, change events.Change) { order = append(order, "first "+workspace+" "+change.ID) })
	broker.Observe(func(string, events.Change) { order = append(order, "second") })
	broker.Publish("default", events.Change{ID: "one"})
	assert.Equal(t, []string{"first default one", "second"}, order)
}

// What one process publishes is forwarded once, and what it delivers for another is not.
func TestForward(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var there events.Broker
		here := events.Broker{Forward: there.Deliver}
		there.Forward = func(string, events.Change) { t.Error("it came from another process") }
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		changes := there.Changes(ctx, caller("default"))
		here.Publish("default", events.Change{ID: "one"})
		here.Publish("elsewhere", events.Change{ID: "two"})
		assert.Equal(t, []string{"one"}, received(changes))
		there.Miss()
		assert.Equal(t, []string{"missed"}, received(changes))
	})
}
