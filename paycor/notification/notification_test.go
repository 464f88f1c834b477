package notification_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/notification"
)

var noon = time.Date(2031, 5, 6, 12, 0, 30, 0, time.UTC)

func TestKindOfState(t *testing.T) {
	t.Parallel()
	const (
		unverified, verified, unreachable = paycor.StateNotVerified, paycor.StateVerified, paycor.StateNotReachable
		activation, rejected              = paycor.StateNeedsActivation, paycor.StateRejected
	)
	for _, test := range []struct {
		told, now paycor.State
		accepted  bool
		want      notification.Kind
	}{
		{verified, rejected, true, notification.KindBroke},
		{verified, activation, true, notification.KindNeedsActivation},
		{verified, unreachable, true, notification.KindUnreachable},
		{verified, verified, true, ""},
		{verified, unverified, true, ""},
		{rejected, verified, true, notification.KindRecovered},
		{activation, verified, true, notification.KindRecovered},
		{unreachable, verified, true, notification.KindRecovered},
		{rejected, activation, true, notification.KindNeedsActivation},
		{unreachable, rejected, true, notification.KindBroke},
		{rejected, unreachable, true, ""}, // an outage of Paycor is no news about it
		{unverified, verified, false, ""}, // new, and it works
		{unverified, rejected, false, ""}, // it was saved although it is rejected
		{unverified, rejected, true, notification.KindBroke},
		{"", rejected, false, ""},
	} {
		assert.Equal(t, test.want, notification.KindOfState(test.told, test.now, test.accepted), "%s after %s, accepted %t", test.now, test.told, test.accepted)
	}
}

func TestSettling(t *testing.T) {
	t.Parallel()
	assert.Equal(t, notification.Settling, notification.SettlingOf(notification.KindBroke, 0))
	assert.Equal(t, 4*notification.Settling, notification.SettlingOf(notification.KindRecovered, 2))
	assert.Equal(t, notification.UnreachableAfter, notification.SettlingOf(notification.KindUnreachable, 0))
	for _, told := range []int{9, 1000} {
		assert.Equal(t, notification.MaxSettling, notification.SettlingOf(notification.KindBroke, told))
	}
	assert.Equal(t, notification.Due(noon, 0), notification.Due(noon.Add(20*time.Second), 0), "of one minute")
	assert.True(t, notification.Due(noon, 0).After(noon))
	assert.NotEqual(t, notification.Due(noon, 0), notification.Due(noon.Add(time.Minute), 0))
}

func TestFilter(t *testing.T) {
	t.Parallel()
	event := notification.Event{Kind: notification.KindBroke, Subject: "a", Tags: []string{"bakery", "payroll"}}
	site := notification.Event{Kind: notification.KindSiteChanged, Subject: "console"}
	kinds := []notification.Kind{notification.KindBroke, notification.KindSiteChanged}
	for name, test := range map[string]struct {
		filter notification.Filter
		event  notification.Event
		want   bool
	}{
		"all of its kinds":   {notification.Filter{Kinds: kinds}, event, true},
		"another kind":       {notification.Filter{Kinds: kinds[1:]}, event, false},
		"no kind":            {notification.Filter{}, event, false},
		"one of its tags":    {notification.Filter{Kinds: kinds, Tags: []string{"x", "payroll"}}, event, true},
		"another tag":        {notification.Filter{Kinds: kinds, Tags: []string{"x"}}, event, false},
		"the credential":     {notification.Filter{Kinds: kinds, Credentials: []string{"a"}}, event, true},
		"another credential": {notification.Filter{Kinds: kinds, Credentials: []string{"b"}}, event, false},
		"no credential":      {notification.Filter{Kinds: kinds, Tags: []string{"x"}, Credentials: []string{"b"}}, site, true},
	} {
		assert.Equal(t, test.want, test.filter.Matches(test.event), name)
	}
}

func TestMessageOfABurst(t *testing.T) {
	t.Parallel()
	var events []notification.Event
	for i := range notification.MaxSubjects + 5 {
		events = append(events, notification.Event{Workspace: "w", Kind: notification.KindBroke, Subject: fmt.Sprint("c", i), Name: "Store", At: noon.Add(time.Duration(i))})
	}
	m := notification.MessageOf(events)
	assert.Equal(t, len(events), m.Count)
	assert.Len(t, m.Subjects, notification.MaxSubjects)
	assert.Equal(t, events[len(events)-1].At, m.At)
	assert.Equal(t, "/?state=rejected", m.Page())
	assert.Equal(t, "Paycor rejects 55 credentials.", m.Sentence().In(locale.English))

	for i := range events {
		events[i].Application = "app_1"
	}
	shared := notification.MessageOf(events)
	assert.Equal(t, "/applications/app_1", shared.Page())
	assert.Equal(t, "Paycor rejects 55 credentials. They share one application.", shared.Sentence().In(locale.English))
	events[3].Application = "app_2"
	assert.Empty(t, notification.MessageOf(events).Application)

	one := notification.MessageOf(events[:1])
	assert.Equal(t, "/credentials/c0", one.Page())
	assert.Equal(t, "Paycor rejects the credential “Store”.", one.Sentence().In(locale.English))
}

// Every message has its sentences, one about one subject where there can be one.
func TestEveryKindHasSentences(t *testing.T) {
	t.Parallel()
	for _, kind := range append(notification.Kinds(), notification.KindTest) {
		for _, days := range []int{0, 1, 14} {
			event := notification.Event{Kind: kind, Days: days}
			if kind.OfCredential() || kind == notification.KindTokenExpiring || kind == notification.KindSiteChanged {
				event.Subject, event.Name = "id", "Sunrise"
			}
			for _, events := range [][]notification.Event{{event}, {event, event}} {
				sentence := notification.MessageOf(events).Sentence()
				for _, catalogue := range locale.Catalogues() {
					text := sentence.In(catalogue)
					assert.NotContains(t, text, "notification.", kind)
					assert.NotContains(t, text, "%!", kind)
					assert.Equal(t, len(events) == 1 && event.Name != "", strings.Contains(text, "Sunrise"), "%s: %s", kind, text)
				}
			}
		}
	}
}

func TestDeliveryIsTriedForThreeDays(t *testing.T) {
	t.Parallel()
	for _, random := range []float64{0, 1} {
		d := notification.Delivery{State: notification.StatePending, BeganAt: noon, NextAt: noon}
		last := noon
		for d.State == notification.StatePending {
			require.Less(t, d.Attempts, 20)
			last = d.NextAt
			d = d.After(notification.Result{At: d.NextAt}, random)
			require.True(t, d.State != notification.StatePending || d.NextAt.After(last))
		}
		assert.Equal(t, notification.StateFailed, d.State)
		assert.Zero(t, d.NextAt)
		assert.Greater(t, last.Sub(noon), 48*time.Hour)
		assert.LessOrEqual(t, last.Sub(noon), notification.GiveUpAfter)
	}
	d := notification.Delivery{State: notification.StatePending, BeganAt: noon}.After(notification.Result{At: noon, Delivered: true}, 0)
	assert.Equal(t, notification.StateDelivered, d.State)
	assert.Zero(t, d.NextAt)
}
