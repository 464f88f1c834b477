package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

func channel(id, workspace, name string) notification.Channel {
	return notification.Channel{
		ID: id, Workspace: workspace, Type: notification.TypeWebhook, Name: name, Host: "a.example", Language: "en",
		Filter:    notification.Filter{Kinds: notification.Kinds(), Tags: []string{"nómina"}, Credentials: []string{}},
		CreatedAt: at(0), CreatedBy: "Ann", Version: 1,
	}
}

func target(salt string) store.NotificationTarget {
	return store.NotificationTarget{Address: paycor.NewSecret("https://a.example/" + salt), Secret: paycor.NewSecret("whsec_" + salt)}
}

func insertChannel(t *testing.T, s store.Store, id, workspace string) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.InsertNotificationChannel(channel(id, workspace, id), target(id)) })
}

func testNotificationChannels(t *testing.T, s store.Store) {
	second, first, foreign := channel("c-1", "w", "Beta"), channel("c-2", "w", "alpha"), channel("c-3", "other", "Gamma")
	first.FailingSince, first.DisabledAt, first.DisabledFor = at(1), at(2), notification.DisabledGone
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertNotificationChannel(first, target("first")), tx.InsertNotificationChannel(second, target("second")),
			tx.InsertNotificationChannel(foreign, target("foreign")))
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.InsertNotificationChannel(channel("c-1", "other", "again"), target(""))
	}), store.ErrExists)
	found := func(workspace, id string) (c notification.Channel, to store.NotificationTarget, err error) {
		err = s.View(testContext(t), func(r store.Reader) (err error) {
			if c, err = r.NotificationChannel(workspace, id); err == nil {
				to, err = r.NotificationTarget(workspace, id)
			}
			return err
		})
		return c, to, err
	}
	view(t, s, func(r store.Reader) error {
		channels, err := r.NotificationChannels("w")
		assert.Equal(t, []notification.Channel{first, second}, channels)
		return err
	})
	got, to, err := found("w", "c-2")
	require.NoError(t, err)
	assert.Equal(t, first, got)
	assert.Equal(t, target("first"), to)
	_, _, err = found("w", "c-3")
	assert.ErrorIs(t, err, store.ErrNotFound, "another workspace")

	changed := second
	changed.Name, changed.Kinds, changed.Version = "Renamed", []notification.Kind{notification.KindBroke}, 2
	update(t, s, func(tx store.Tx) error { return tx.UpdateNotificationChannel(changed, 1, nil) })
	got, to, err = found("w", "c-1")
	require.NoError(t, err)
	assert.Equal(t, changed, got)
	assert.Equal(t, target("second"), to, "kept")
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.UpdateNotificationChannel(changed, 1, nil) }), store.ErrStale)
	replaced := target("replaced")
	replaced.Former, replaced.FormerUntil = paycor.NewSecret("whsec_former"), at(3)
	update(t, s, func(tx store.Tx) error { return tx.UpdateNotificationChannel(changed, 2, &replaced) })
	_, to, err = found("w", "c-1")
	require.NoError(t, err)
	assert.Equal(t, replaced, to)

	before := keysOf(t, s)[0].ID
	addKey(t, s)
	assert.Equal(t, 3, reencrypt(t, s, 2).Values)
	assert.Equal(t, []string{before}, removeUnusedKeys(t, s))
	_, to, err = found("w", "c-1")
	require.NoError(t, err)
	assert.Equal(t, replaced, to, "with another key")

	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteNotificationChannel("w", "c-3") }), store.ErrNotFound, "another workspace")
	update(t, s, func(tx store.Tx) error { return tx.DeleteNotificationChannel("w", "c-1") })
	_, _, err = found("w", "c-1")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func delivery(id, channel string, next time.Time) notification.Delivery {
	return notification.Delivery{
		ID: id, Workspace: "w", Channel: channel, State: notification.StatePending, CreatedAt: at(1), BeganAt: at(1), NextAt: next,
		Message: notification.Message{Kind: notification.KindBroke, Workspace: "w", Count: 2, Subjects: []notification.Subject{{ID: "a", Name: "Zürich"}}, At: at(1)},
	}
}

func deliveriesOf(t *testing.T, s store.Store, channel string, after store.DeliveryPosition, limit int) (found []notification.Delivery) {
	t.Helper()
	view(t, s, func(r store.Reader) (err error) {
		found, err = r.Deliveries("w", channel, after, limit)
		return err
	})
	return found
}

func testNotificationDeliveries(t *testing.T, s store.Store) {
	insertChannel(t, s, "c", "w")
	insertChannel(t, s, "d", "w")
	older, newer := delivery("m-1", "c", at(2)), delivery("m-2", "c", time.Time{})
	newer.CreatedAt, newer.State, newer.Attempts = at(3), notification.StateDelivered, 2
	newer.Result = &notification.Result{At: at(4), Delivered: true, Status: 204, Message: message.New("verdict.verified")}
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.InsertDelivery(older), tx.InsertDelivery(newer)) })
	assert.Equal(t, []notification.Delivery{newer, older}, deliveriesOf(t, s, "c", store.DeliveryPosition{}, 10))
	assert.Equal(t, []notification.Delivery{older}, deliveriesOf(t, s, "c", store.DeliveryPosition{CreatedAt: newer.CreatedAt, ID: newer.ID}, 10))
	assert.Empty(t, deliveriesOf(t, s, "d", store.DeliveryPosition{}, 10))
	view(t, s, func(r store.Reader) error {
		found, err := r.Delivery("w", "m-2")
		assert.Equal(t, newer, found)
		_, foreign := r.Delivery("other", "m-2")
		assert.ErrorIs(t, foreign, store.ErrNotFound)
		return err
	})
	older.State, older.NextAt, older.Attempts = notification.StateFailed, time.Time{}, 9
	update(t, s, func(tx store.Tx) error { return tx.UpdateDelivery(older) })
	assert.Equal(t, older, deliveriesOf(t, s, "c", store.DeliveryPosition{}, 10)[1])
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.UpdateDelivery(delivery("m-9", "c", at(1))) }), store.ErrNotFound)

	update(t, s, func(tx store.Tx) error { return tx.DeleteNotifications(at(2)) })
	assert.Equal(t, []notification.Delivery{newer}, deliveriesOf(t, s, "c", store.DeliveryPosition{}, 10), "the older one was finished")
	update(t, s, func(tx store.Tx) error {
		for i := range store.MaxDeliveries + 5 {
			next := delivery(fmt.Sprintf("n-%04d", i), "d", at(1))
			next.CreatedAt = at(5).Add(time.Duration(i) * time.Millisecond)
			if err := tx.InsertDelivery(next); err != nil {
				return err
			}
		}
		return nil
	})
	kept := deliveriesOf(t, s, "d", store.DeliveryPosition{}, 2*store.MaxDeliveries)
	require.Len(t, kept, store.MaxDeliveries)
	assert.Equal(t, "n-0005", kept[len(kept)-1].ID, "the oldest ones went")
	update(t, s, func(tx store.Tx) error { return tx.DeleteNotificationChannel("w", "d") })
	assert.Empty(t, deliveriesOf(t, s, "d", store.DeliveryPosition{}, 10))
}

func testNotificationClaims(t *testing.T, s store.Store) {
	for _, id := range []string{"c", "d", "e"} {
		insertChannel(t, s, id, "w")
	}
	disabled := channel("e", "w", "e")
	disabled.DisabledAt, disabled.Version = at(1), 2
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertDelivery(delivery("c-2", "c", at(3))), tx.InsertDelivery(delivery("c-1", "c", at(2))),
			tx.InsertDelivery(delivery("d-1", "d", at(4))), tx.InsertDelivery(delivery("e-1", "e", at(2))), tx.InsertDelivery(delivery("d-0", "d", time.Time{})),
			tx.UpdateNotificationChannel(disabled, 1, nil))
	})
	assert.Equal(t, notification.StateFailed, deliveriesOf(t, s, "e", store.DeliveryPosition{}, 1)[0].State, "of a disabled channel")
	claim := func(now int, except []string, limit int) (ids []string) {
		update(t, s, func(tx store.Tx) error {
			ids = nil
			claimed, err := tx.ClaimDeliveries(at(now), at(30), except, limit)
			for _, d := range claimed {
				assert.Equal(t, at(30), d.NextAt)
				ids = append(ids, d.ID)
			}
			return err
		})
		return ids
	}
	due := func(now int) (is bool) {
		view(t, s, func(r store.Reader) (err error) { is, err = r.NotificationsDue(at(now)); return err })
		return is
	}
	assert.False(t, due(1))
	assert.True(t, due(2))
	assert.Empty(t, claim(1, nil, 10))
	assert.Empty(t, claim(9, []string{"c", "d"}, 10))
	assert.Equal(t, []string{"c-1"}, claim(9, nil, 1))
	assert.Equal(t, []string{"c-2", "d-1"}, claim(9, nil, 10), "one of each channel")
	assert.Empty(t, claim(9, nil, 10), "claimed")
	assert.Equal(t, []string{"c-1", "d-1"}, claim(30, nil, 10), "the process that claimed them was killed")
}

// notifiedCredential is a credential of workspace w with a state.
func notifiedCredential(version int64, minute int, outcome verdicts.Outcome) paycor.Credential {
	c := newCredential("a", "Payroll").WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: at(1)})
	c.Tags, c.Version = "bakery", version
	return c.WithVerdict(verdicts.Verdict{Outcome: outcome, CheckedAt: at(0).Add(time.Duration(minute) * time.Minute)})
}

// become stores a verdict of a minute.
func become(t *testing.T, s store.Store, minute int, outcome verdicts.Outcome) {
	t.Helper()
	current := credential(t, s, "w", "a")
	after := current.WithVerdict(verdicts.Verdict{Outcome: outcome, CheckedAt: at(0).Add(time.Duration(minute) * time.Minute)})
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", after, current.Version, nil) })
}

// toldAt takes the events that are due at a minute.
func toldAt(t *testing.T, s store.Store, minute int) (kinds []notification.Kind) {
	t.Helper()
	for _, event := range takeEvents(t, s, minute) {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func takeEvents(t *testing.T, s store.Store, minute int) (events []notification.Event) {
	t.Helper()
	update(t, s, func(tx store.Tx) (err error) {
		events, err = tx.TakeDueEvents(at(0).Add(time.Duration(minute)*time.Minute), 100)
		return err
	})
	return events
}

func testNotificationOfCredential(t *testing.T, s store.Store) {
	insertChannel(t, s, "c", "w")
	insert(t, s, "w", notifiedCredential(1, 0, verdicts.OutcomeVerified), nil)
	assert.Empty(t, takeEvents(t, s, 60), "a new credential")
	become(t, s, 10, verdicts.OutcomeRejected)
	assert.Empty(t, takeEvents(t, s, 11), "it has to settle")
	events := takeEvents(t, s, 13)
	require.Len(t, events, 1)
	assert.Equal(t, notification.Event{
		Workspace: "w", Kind: notification.KindBroke, Subject: "a", Name: "Payroll", Tags: []string{"bakery"}, Application: "app_a",
		At: at(0).Add(10 * time.Minute), DueAt: notification.Due(at(0).Add(10*time.Minute), notification.Settling),
	}, events[0])
	assert.Empty(t, takeEvents(t, s, 600), "told once")
	become(t, s, 700, verdicts.OutcomeRejected)
	assert.Empty(t, takeEvents(t, s, 800), "the same")
	become(t, s, 900, verdicts.OutcomeVerified)
	assert.Equal(t, []notification.Kind{notification.KindRecovered}, toldAt(t, s, 1000))
	become(t, s, 1010, verdicts.OutcomeUnreachable)
	assert.Empty(t, toldAt(t, s, 1060), "an outage is told after an hour")
	assert.Equal(t, []notification.Kind{notification.KindUnreachable}, toldAt(t, s, 1072))

	current := credential(t, s, "w", "a")
	edited := current.WithoutVerdict()
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", edited, current.Version, nil) })
	become(t, s, 1100, verdicts.OutcomeVerified)
	assert.Equal(t, []notification.Kind{notification.KindRecovered}, toldAt(t, s, 1200), "after an edit")
	become(t, s, 1300, verdicts.OutcomeNeedsActivation)
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", current.Version) })
	assert.Empty(t, toldAt(t, s, 2000), "deleted before it was told")
}

func testNotificationFlapping(t *testing.T, s store.Store) {
	insertChannel(t, s, "c", "w")
	insert(t, s, "w", notifiedCredential(1, 0, verdicts.OutcomeVerified), nil)
	become(t, s, 1, verdicts.OutcomeRejected)
	become(t, s, 2, verdicts.OutcomeVerified)
	assert.Empty(t, toldAt(t, s, 60), "it was back before it was told")
	told := 0
	for minute := 100; minute < 700; minute += 10 {
		become(t, s, minute, verdicts.OutcomeRejected)
		told += len(toldAt(t, s, minute+5))
		become(t, s, minute+5, verdicts.OutcomeVerified)
		told += len(toldAt(t, s, minute+10))
	}
	assert.Equal(t, 2, told, "of 120 changes: the next one had to last 8 minutes")
	become(t, s, 700, verdicts.OutcomeRejected)
	assert.Equal(t, []notification.Kind{notification.KindBroke}, toldAt(t, s, 1000), "what lasts is told")
	become(t, s, 1001, verdicts.OutcomeVerified)
	assert.Equal(t, []notification.Kind{notification.KindRecovered}, toldAt(t, s, 1300))
}

func testNotificationEvents(t *testing.T, s store.Store) {
	caller := paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Workspace: "w", Rights: paycor.AllRights()}
	signIn := func(hash byte, caller paycor.Caller) {
		update(t, s, func(tx store.Tx) error {
			return tx.InsertSession(store.Session{Hash: []byte{hash}, Caller: caller, CreatedAt: at(int(hash)), ExpiresAt: at(9)})
		})
	}
	signIn(1, caller)
	insertChannel(t, s, "c", "w")
	assert.Empty(t, toldAt(t, s, 60), "before there was a channel")
	signIn(2, caller)
	assert.Empty(t, toldAt(t, s, 60), "known already")
	caller.ID = "bob"
	signIn(3, caller)
	events := takeEvents(t, s, 60)
	require.Len(t, events, 1)
	assert.Equal(t, notification.KindAdministrator, events[0].Kind)
	assert.Empty(t, events[0].Subject+events[0].Name, "no data of people")
	update(t, s, func(tx store.Tx) error { return tx.DeleteNotifications(at(9).Add(time.Hour)) })
	signIn(4, caller)
	caller.ID, caller.Rights = "viewer", paycor.Rights{paycor.RightView}
	signIn(5, caller)
	assert.Empty(t, toldAt(t, s, 60), "known for ever, and no administrator")

	site := audit.Entry{Sequence: 1, At: at(6), Workspace: "w", Action: audit.ActionHostUpdate, Outcome: "done", Detail: "console"}
	refused, tenant := site, site
	refused.Sequence, refused.Outcome = 2, "forbidden"
	tenant.Sequence, tenant.Action, tenant.Detail = 3, audit.ActionTenantAdd, audit.TenantDetail("console", "acme", "w", nil)
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.AppendAudit(site), tx.AppendAudit(refused), tx.AppendAudit(tenant))
	})
	told := takeEvents(t, s, 60)
	require.Len(t, told, 2)
	for _, event := range told {
		assert.Equal(t, []any{notification.KindSiteChanged, "console", "console"}, []any{event.Kind, event.Subject, event.Name})
	}

	once := notification.Event{Workspace: "w", Kind: notification.KindRotationDue, Subject: "a", Name: "Payroll", Days: 14, Key: "rotation:a:14", At: at(7), DueAt: at(7)}
	for range 2 {
		update(t, s, func(tx store.Tx) error { return tx.PutEvent(once) })
	}
	assert.Equal(t, []notification.Event{once}, takeEvents(t, s, 60))
	update(t, s, func(tx store.Tx) error { return tx.PutEvent(once) })
	assert.Empty(t, takeEvents(t, s, 60), "told before")

	readable := verdicts.NewDataAccess(map[string]verdicts.Readable{"employees": verdicts.ReadableYes, "persons": verdicts.ReadableYes}, at(1))
	denied := verdicts.NewDataAccess(map[string]verdicts.Readable{"employees": verdicts.ReadableNo}, at(2))
	c := notifiedCredential(1, 0, verdicts.OutcomeVerified).WithDataAccess(*readable)
	insert(t, s, "w", c, nil)
	for range 2 {
		update(t, s, func(tx store.Tx) error {
			return errors.Join(tx.UpdateCredential("w", c.WithDataAccess(*denied), 1, nil), tx.UpdateCredential("w", c, 1, nil))
		})
	}
	assert.Equal(t, []notification.Kind{notification.KindAccessLost}, toldAt(t, s, 60))
}

func testReminders(t *testing.T, s store.Store) {
	insertChannel(t, s, "c", "w")
	day := func(days int) paycor.Day { return paycor.Day(at(0).AddDate(0, 0, days).Format(time.DateOnly)) }
	for id, due := range map[string]paycor.Day{"a": day(-3), "b": day(14), "c": day(15), "d": ""} {
		c := newCredential(id, "Name of "+id)
		c.RotateBy, c.Tags = due, "bakery"
		insert(t, s, "w", c, nil)
		insert(t, s, "without channels", c, nil)
	}
	token := func(id string, hours int) store.APIToken {
		return store.APIToken{ID: id, Hash: []byte(id), Name: "Name of " + id, Workspace: "w", CreatedAt: at(0), ExpiresAt: at(0).Add(time.Duration(hours) * time.Hour)}
	}
	revoked, endless := token("revoked", 5), token("endless", 0)
	revoked.RevokedAt, endless.ExpiresAt = at(1), time.Time{}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertAPIToken(token("soon", 5)), tx.InsertAPIToken(token("later", 24*15)), tx.InsertAPIToken(token("past", -1)),
			tx.InsertAPIToken(revoked), tx.InsertAPIToken(endless))
	})
	var all []notification.Event
	view(t, s, func(r store.Reader) error {
		var after notification.Event
		for {
			some, err := r.Reminders(at(0), at(0).AddDate(0, 0, 14), after, 2)
			if err != nil || len(some) == 0 {
				return err
			}
			all, after = append(all, some...), some[len(some)-1]
		}
	})
	date := func(day paycor.Day) time.Time {
		parsed, err := time.Parse(time.DateOnly, string(day))
		require.NoError(t, err)
		return parsed
	}
	assert.Equal(t, []notification.Event{
		{Workspace: "w", Kind: notification.KindRotationDue, Subject: "a", Name: "Name of a", Tags: []string{"bakery"}, At: date(day(-3))},
		{Workspace: "w", Kind: notification.KindRotationDue, Subject: "b", Name: "Name of b", Tags: []string{"bakery"}, At: date(day(14))},
		{Workspace: "w", Kind: notification.KindTokenExpiring, Subject: "soon", Name: "Name of soon", At: at(0).Add(5 * time.Hour)},
	}, all)
}

func testNoNotification(t *testing.T, s store.Store) {
	insertChannel(t, s, "c", "other")
	disabled := channel("d", "w", "d")
	disabled.DisabledAt = at(1)
	update(t, s, func(tx store.Tx) error { return tx.InsertNotificationChannel(disabled, target("d")) })
	insert(t, s, "w", notifiedCredential(1, 0, verdicts.OutcomeVerified), nil)
	become(t, s, 10, verdicts.OutcomeRejected)
	update(t, s, func(tx store.Tx) error {
		return tx.PutEvent(notification.Event{Workspace: "w", Kind: notification.KindBackupBehind, At: at(1), DueAt: at(1)})
	})
	assert.Empty(t, takeEvents(t, s, 100))
}
