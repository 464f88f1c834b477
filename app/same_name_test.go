package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor/consumer"
)

// tokenPair returns two tokens of one name, as "New token" creates them, with
// the times of their last use.
func tokenPair(newerUsed, olderUsed time.Time) (newer, older consumer.Consumer) {
	newer, older = someConsumer("token_aaaanewer1", "Nightly"), someConsumer("token_aaaaolder2", "Nightly")
	newer.CreatedAt, older.CreatedAt = noon.Add(-2*time.Hour), noon.AddDate(0, 0, -20)
	newer.LastUsedAt, older.LastUsedAt = newerUsed, olderUsed
	return newer, older
}

func TestTokensOfTheSameNameAreCompared(t *testing.T) {
	for name, one := range map[string]struct {
		newerUsed, olderUsed time.Time
		older, newer         string // the text of each card
	}{
		"the newer is not used yet": {time.Time{}, noon.Add(-time.Minute), say("same-name.newer", "2 hours ago") + " token_aaaanewer1 " + say("same-name.unused"), "still works, last used 1 minute ago: token_aaaaolder2"},
		"both are used":             {noon.Add(-5 * time.Minute), noon.Add(-time.Hour), say("same-name.both", "5 minutes ago", "1 hour ago"), say("same-name.used", "1 hour ago")},
		"only the newer is used":    {noon.Add(-5 * time.Minute), noon.Add(-3 * time.Hour), say("same-name.taken", "5 minutes ago"), say("same-name.used", "3 hours ago")},
		"the older never was":       {noon.Add(-5 * time.Minute), time.Time{}, "You can revoke this one.", "still works, not used yet"},
	} {
		t.Run(name, func(t *testing.T) {
			newer, older := tokenPair(one.newerUsed, one.olderUsed)
			p, screen, _, _ := newConsumersTestPage(t, startConsumers(newer, older))
			page := render(t, p)
			for id, want := range map[string][2]string{older.ID: {one.older, "An older token"}, newer.ID: {one.newer, "A newer token"}} {
				cards := page.All(func(n domtest.Tree) bool { return n.Attribute("aria-labelledby") == "consumer-name-"+id })
				require.Len(t, cards, 1)
				card := cards[0]
				assert.Contains(t, card.Text(), want[0])
				assert.NotContains(t, card.Text(), want[1])
				assert.Equal(t, id, card.ID(t, "consumer-id-"+id).Text())
				assert.True(t, card.Has("copy-"+id))
				assert.Equal(t, "consumer-name-"+id+" consumer-id-"+id, card.ID(t, "revoke-"+id).Attribute("aria-describedby"))
			}
			newer.RevokedAt = noon
			screen.items = []consumer.Consumer{newer, older}
			assert.NotContains(t, render(t, p).Text(), "with this name", "one that has ended replaces nothing")
		})
	}
}

func TestManyOlderTokensAreCounted(t *testing.T) {
	newer, older := tokenPair(time.Time{}, noon.Add(-time.Minute))
	oldest := older
	oldest.ID = "token_oldest"
	p, _, _, _ := newConsumersTestPage(t, startConsumers(newer, older, oldest))
	text := render(t, p).Text()
	assert.Contains(t, text, say("same-name.older.many", 2, say("same-name.used", "1 minute ago"))+" token_aaaaolder2")
	assert.NotContains(t, text, "%!")
}

// The name does not tell two tokens of one name apart, so typing it confirms
// nothing.
func TestRevokingOneOfTheSameNameTakesItsID(t *testing.T) {
	newer, older := tokenPair(noon.Add(-5*time.Minute), noon.Add(-time.Hour))
	p, screen, service, document := newConsumersTestPage(t, startConsumers(newer, older))
	service.programs = []consumer.Consumer{newer}
	screen.revoke.openFor(older, "revoke-"+older.ID)
	dialog := render(t, p).ID(t, revocationID).Text()
	for _, words := range []string{older.ID, say("ago.days.other", "20"), "by Ada", say("ago.hours.one"), say("same-name.newer", "2 hours ago") + " " + newer.ID,
		say("revoke.newer"), say("revoke.label") + " older2", say("revoke.hint")} {
		assert.Contains(t, dialog, words)
	}
	for _, wrong := range []string{"Nightly", "newer1", ""} {
		document.Values["revocation-name"] = wrong
		screen.revoke.Submit()
		assert.Empty(t, service.revoked)
		assert.Contains(t, render(t, p).ID(t, "revocation-name-error").Text(), say("revoke.mismatch", "older2"))
	}
	document.Values["revocation-name"] = "older2"
	screen.revoke.Submit()
	assert.Equal(t, []string{older.ID}, service.revoked)

	screen.items = []consumer.Consumer{newer, older}
	screen.revoke.openFor(newer, "revoke-"+newer.ID)
	dialog = render(t, p).ID(t, revocationID).Text()
	assert.Contains(t, dialog, say("revoke.newest"))
	assert.Contains(t, dialog, say("same-name.older", say("same-name.used", "1 hour ago"))+" "+older.ID)
	document.Values["revocation-name"] = newer.ID // pasted at once
	screen.revoke.Submit()
	assert.Equal(t, []string{older.ID, newer.ID}, service.revoked)
}
