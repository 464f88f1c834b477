package app

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

func TestATileShowsThatItIsRestricted(t *testing.T) {
	one, two := sample("id1", "Alpha"), sample("id2", "Beta")
	two.Sharing = &paycor.Sharing{Groups: []string{"payroll"}}
	p, _, _ := newTestPage(startList(one, two))
	page := render(t, p)
	label := func(id string) string {
		return page.All(func(n domtest.Tree) bool { return n.Data == "label" && n.Attribute("for") == tileID(id) })[0].Text()
	}
	assert.NotContains(t, label("id1"), say("sharing.mark"))
	assert.Contains(t, label("id2"), say("sharing.mark"))
	assert.NotContains(t, label("id2"), "payroll", "its page says who they are")
}

func TestTilesAreNativeRadios(t *testing.T) {
	verified := sample("id2", "Two").WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: noon, Entities: []verdicts.LegalEntity{{ID: 654321, Name: "North"}}})
	p, _, _ := newTestPage(startList(sample("id1", "One"), verified))
	page := render(t, p)
	assert.Equal(t, say("authenticate"), page.Tags("h1")[0].Text())
	radio := page.ID(t, tileID("id2"))
	assert.Equal(t, "radio", radio.Attribute("type"))
	label := page.All(func(n domtest.Tree) bool { return n.Data == "label" && n.Attribute("for") == tileID("id2") })
	require.Len(t, label, 1)
	for _, words := range []string{"Two", say("state.verified"), "For tests", "Sandbox", "654321, North", say("ago.now"), say("used.never")} {
		assert.Contains(t, label[0].Text(), words)
	}
	assert.Empty(t, append(label[0].Tags("button"), label[0].Tags("a")...), "nothing to press inside a label")
	assert.Equal(t, editorID, page.ID(t, addID).Attribute("data-opens"))
}

func TestARejectedTileNamesTheFields(t *testing.T) {
	rejected := sample("id1", "One").WithVerdict(verdicts.CodeClientRejected.Verdict())
	whole := sample("id2", "Two").WithVerdict(verdicts.CodeApplicationRefused.Verdict())
	p, _, _ := newTestPage(startList(rejected, whole))
	text := render(t, p).Text()
	assert.Contains(t, text, "Rejected: Client ID or Client Secret")
	assert.NotContains(t, text, "Rejected: Client ID or Client Secret or")
	assert.Equal(t, 1, strings.Count(text, "Rejected:"), "a rejection that blames no field names none")
}

func TestContinueYieldsTheSelected(t *testing.T) {
	p, _, document := newTestPage(startList(sample("id1", "One"), sample("id2", "Two")))
	p.list.submit()
	assert.Empty(t, document.Href)
	assert.Equal(t, tileID("id1"), document.HasFocus)
	assert.Contains(t, render(t, p).Text(), "Choose a credential first")

	p.list.selectCredential("id2")
	page := render(t, p)
	_, on := page.ID(t, tileID("id2")).Lookup("checked")
	assert.True(t, on)
	_, on = page.ID(t, tileID("id1")).Lookup("checked")
	assert.False(t, on)
	p.list.purpose = paycor.PurposeDestination
	p.list.submit()
	assert.Equal(t, "/credentials/id2?purpose=destination", document.Href)
}

func TestTheFocusStaysOnItsCredentialWhenTilesMove(t *testing.T) {
	alpha, beta := sample("id0", "Alpha"), sample("id1", "Beta")
	for name, c := range map[string]struct {
		before, after  []paycor.Credential
		focused        string
		rendered, want string // where the focus is after the tiles moved, and where it should be
	}{
		"it moves along":         {[]paycor.Credential{beta}, []paycor.Credential{alpha, beta}, "id1", tileID("id0"), tileID("id1")},
		"its tile is gone":       {[]paycor.Credential{alpha, beta}, []paycor.Credential{alpha}, "id1", "", tileID("id0")},
		"nothing moved":          {[]paycor.Credential{alpha, beta}, []paycor.Credential{alpha, beta}, "id1", tileID("id1"), tileID("id1")},
		"it was moved meanwhile": {[]paycor.Credential{beta}, []paycor.Credential{alpha, beta}, "id1", searchID, searchID},
		"it was never on a tile": {[]paycor.Credential{beta}, []paycor.Credential{alpha, beta}, "none", tileID("none"), tileID("none")},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, document := newTestPage(startList(c.before...))
			afterwards := func() {}
			p.loop.AfterRender = func(do func()) { afterwards = do }
			document.HasFocus = tileID(c.focused)
			p.list.show(paycor.CredentialPage{Credentials: c.after}, nil)
			document.HasFocus = c.rendered
			afterwards()
			assert.Equal(t, c.want, document.HasFocus)
		})
	}
}

func TestStatesOfTheList(t *testing.T) {
	t.Run("empty", func(t *testing.T) {
		p, _, _ := newTestPage(startList())
		assert.Contains(t, render(t, p).ID(t, "notice").Text(), say("list.empty"))
	})
	t.Run("failed, then tried again", func(t *testing.T) {
		start := startList()
		start.Failure = "The store is busy."
		p, service, _ := newTestPage(start)
		page := render(t, p)
		assert.Contains(t, page.ID(t, "notice").Text(), "The store is busy.")
		require.True(t, page.Has("retry"))
		service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id1", "One")}, Total: 1}
		p.list.retry()
		assert.True(t, render(t, p).Has(tileID("id1")))
	})
	t.Run("some that cannot be read", func(t *testing.T) {
		start := startList()
		start.List.Unreadable = 1
		p, service, _ := newTestPage(start)
		notice := render(t, p).ID(t, "notice").Text()
		assert.Contains(t, notice, say("list.unreadable.one"))
		assert.NotContains(t, notice, say("list.empty"))
		service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id1", "One")}, Next: "more", Total: 4, Unreadable: 1}
		p.list.show(service.page, nil)
		service.page.Next, service.page.Unreadable = "", 2
		p.list.showMore()
		assert.Contains(t, render(t, p).ID(t, "notice").Text(), say("list.unreadable.other", "3"))
		service.page.Unreadable = 0
		p.list.refresh()
		assert.Empty(t, render(t, p).ID(t, "notice").Text())
	})
	t.Run("loading", func(t *testing.T) {
		p, _, _ := newTestPage(startList(sample("id1", "One")))
		p.list.state = listLoading
		page := render(t, p)
		assert.Equal(t, "true", page.ID(t, "tiles").Attribute("aria-busy"))
		assert.True(t, page.Has(tileID("id1")), "what is there stays")
	})
	t.Run("nothing found", func(t *testing.T) {
		p, service, _ := newTestPage(startList(sample("id1", "One")))
		service.page = paycor.CredentialPage{}
		p.list.searchFor("zzz")
		assert.Equal(t, "zzz", service.searches[0].Search)
		assert.Contains(t, render(t, p).ID(t, "notice").Text(), say("list.no-hit", "zzz"))
	})
	t.Run("more", func(t *testing.T) {
		start := startList(sample("id1", "One"))
		start.List.Next, start.List.Total = "cursor", 2
		p, service, document := newTestPage(start)
		assert.Contains(t, render(t, p).Text(), say("list.shown", "1", "2"))
		service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id2", "Two")}, Total: 2}
		p.list.showMore()
		assert.Equal(t, "cursor", service.searches[0].Cursor)
		page := render(t, p)
		assert.True(t, page.Has(tileID("id1")) && page.Has(tileID("id2")))
		assert.False(t, page.Has("more"))
		assert.Equal(t, tileID("id2"), document.HasFocus)
	})
}

func TestRefreshKeepsWhatItCan(t *testing.T) {
	p, service, _ := newTestPage(startList(sample("id1", "One"), sample("id2", "Two")))
	p.list.selectCredential("id1")

	service.err = errors.New("down")
	p.screen.refresh()
	assert.True(t, render(t, p).Has(tileID("id1")), "a failed refresh takes nothing away")

	service.err = nil
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id0", "New"), sample("id1", "Renamed")}, Total: 2}
	p.screen.refresh()
	assert.Equal(t, "Renamed", p.list.selected.Name)

	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id0", "New")}, Total: 1}
	p.screen.refresh()
	assert.Empty(t, p.list.selected.ID)
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "deleted by someone else")
}
