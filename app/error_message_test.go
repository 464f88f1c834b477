package app

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
)

// toldAt checks that a page tells of one failure: once, in an alert at the
// place, and not as news.
func toldAt(t *testing.T, p *Page, place, words string) {
	t.Helper()
	page := render(t, p)
	assert.Contains(t, page.ID(t, place).Text(), words)
	assert.Equal(t, "alert", page.ID(t, place).Attribute("role"))
	assert.Equal(t, 1, strings.Count(page.Text(), words), "it is told once")
	assert.Empty(t, page.ID(t, "status").Text())
}

// waits checks that the place of a failure is there, with nothing in it.
func waits(t *testing.T, p *Page, place string) {
	t.Helper()
	alert := render(t, p).ID(t, place)
	assert.Equal(t, "alert", alert.Attribute("role"))
	assert.Empty(t, alert.Text())
}

var errAway = paycor.Errorf(paycor.KindUnavailable, "The server is away.")

func TestAFailureIsToldInOnePlace(t *testing.T) {
	more := func() api.Start {
		start := startList(sample("id1", "One"))
		start.List.Next, start.List.Total = "cursor", 2
		return start
	}
	trail := startList()
	trail.Path, trail.Audit = "/audit", &audit.Start{Page: audit.Page{Entries: []audit.Entry{{Sequence: 9}}, Next: "cursor"}}
	host := embed.Host{ID: "console", Name: "Console"}
	sites := startList()
	sites.Path, sites.Hosts = "/hosts", []embed.Host{host}
	for name, one := range map[string]struct {
		start api.Start
		place string
		act   func(*Page)
	}{
		"verify again":      {startOwn(sample("id1", "One")), errorAtVerification, func(p *Page) { p.detail.verify() }},
		"go back":           {startOwn(kept(paycor.RotationPrevious)), errorAtRotation, func(p *Page) { p.detail.saved.restore(false) }},
		"test again":        {startOwn(kept(paycor.RotationPending)), errorAtRotation, func(p *Page) { p.detail.saved.testAgain() }},
		"destroy":           {startOwn(kept(paycor.RotationPrevious)), errorAtRotation, func(p *Page) { p.detail.saved.remove() }},
		"more credentials":  {more(), errorAtMore, func(p *Page) { p.list.showMore() }},
		"more of the trail": {trail, errorAtMore, func(p *Page) { p.screen.(*auditPage).showMore() }},
		"remove a host":     {sites, embedHostErrorID("console"), func(p *Page) { h := p.screen.(*embedHostsPage); h.remove(host); h.remove(host) }},
		"take a change back": {startOwn(sample("id1", "One")), errorAtTop, func(p *Page) {
			p.setStatus("", p.detail.undo(sample("id1", "One"), paycor.Patch{}))
			p.status.runUndo()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := stage(one.start)
			service.err, service.auditErr, service.hostErr = errAway, errAway, errAway
			waits(t, p, one.place)
			p.setStatus("News.", func() {})
			service.during = func() { waits(t, p, one.place) }
			one.act(p)
			toldAt(t, p, one.place, errAway.Message.In(locale.English))
			assert.Nil(t, p.status.undo)
			if one.place == embedHostErrorID("console") {
				assert.Equal(t, "host-console-remove", document.HasFocus)
			}
			one.act(p)
			toldAt(t, p, one.place, errAway.Message.In(locale.English))
			p.setStatus("News.", nil)
			waits(t, p, one.place)
			assert.Equal(t, "News.", render(t, p).ID(t, "status").Text())
		})
	}
}

func TestAFailureInAFrameIsToldInOnePlace(t *testing.T) {
	for name, act := range map[string]func(*Page){
		"its page":   func(p *Page) { p.document.Open(pathOf("id1")) },
		"its choice": func(p *Page) { p.host.selectCredential("id2") },
	} {
		t.Run(name, func(t *testing.T) {
			p, service, _, _ := embeddedStage(sample("id1", "One"))
			service.err = errAway
			waits(t, p, errorAtTop)
			act(p)
			toldAt(t, p, errorAtTop, errAway.Message.In(locale.English))
		})
	}
	p, service, _, _ := embeddedStage()
	service.one = sample("id1", "One")
	p.document.Open(pathOf("id1"))
	service.err = errAway
	p.detail.verify()
	toldAt(t, p, errorAtVerification, errAway.Message.In(locale.English))
}

// What was stopped on purpose did not fail, and the focus is not lost.
func TestAStoppedVerificationIsNoFailure(t *testing.T) {
	p, service, document := stage(startOwn(sample("id1", "One")))
	service.err = context.Canceled
	service.during = p.detail.stop
	p.detail.verify()
	waits(t, p, errorAtVerification)
	assert.Equal(t, say("fail.stopped"), render(t, p).ID(t, "status").Text())
	assert.Equal(t, "verify", document.HasFocus)
}

// What a rotation kept may be gone when something with it failed: the reason
// is told all the same.
func TestAFailureOutlivesWhatARotationKept(t *testing.T) {
	p, _, _ := stage(startOwn(kept(paycor.RotationPrevious)))
	p.showError(errorAtRotation, "Nothing is kept any more.")
	p.detail.show(sample("a", "Nightly export"))
	toldAt(t, p, errorAtRotation, "Nothing is kept any more.")
}

func TestCopyingSaysBesideTheButtonWhatCameOfIt(t *testing.T) {
	p, _, document := stage(startOwn(sample("id1", "One")))
	p.copy("copy-id", "id1")
	require.Equal(t, "copy-id", p.copied)
	document.RefusesCopy = true
	p.copy("copy-id", "id1")
	toldAt(t, p, copyFailure("copy-id"), "Select the text and copy it yourself.")
	assert.NotContains(t, render(t, p).ID(t, "copy-id").Text(), say("copied"))
	document.RefusesCopy = false
	p.copy("copy-id", "id1")
	assert.False(t, render(t, p).Has(copyFailure("copy-id")))
	assert.Contains(t, render(t, p).ID(t, "copy-id").Text(), say("copied"))
}

// A list that could not be read again says so above the tiles until it could,
// and leaves the news alone.
func TestAStaleListSaysSoUntilItIsReadAgain(t *testing.T) {
	p, service, _ := stage(startList(sample("id1", "One")))
	p.setStatus("News.", nil)
	service.err = errAway
	p.screen.refresh()
	page := render(t, p)
	assert.Contains(t, page.ID(t, "notice").Text(), say("list.stale", "")+errAway.Message.In(locale.English))
	assert.True(t, page.Has(tileID("id1")) && page.Has("retry"))
	assert.Equal(t, "News.", page.ID(t, "status").Text())
	service.err, service.page = nil, paycor.CredentialPage{Credentials: []paycor.Credential{sample("id1", "One")}, Total: 1}
	p.screen.refresh()
	assert.Empty(t, render(t, p).ID(t, "notice").Text())
}

// So does a credential's own page, and that of the consumers, for the ear too.
func TestAStalePageSaysSo(t *testing.T) {
	for name, start := range map[string]api.Start{
		"a credential": startOwn(sample("id1", "One")), "consumers": startConsumers(someConsumer("a", "A")),
	} {
		t.Run(name, func(t *testing.T) {
			p, service, _ := stage(start)
			heard := func() string {
				var said string
				for _, region := range render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("aria-live") == "polite" }) {
					said += region.Text()
				}
				return said
			}
			regions := len(render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("aria-live") == "polite" }))
			assert.NotContains(t, heard(), "refresh")
			service.err = errAway
			p.screen.refresh()
			assert.Contains(t, heard(), errAway.Message.In(locale.English))
			assert.Contains(t, heard(), say("retry"))
			assert.Len(t, render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("aria-live") == "polite" }), regions, "they were there before")
		})
	}
}

// What an action begins with takes away what is told of the one before.
func TestWhatBeginsClearsWhatWasTold(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console"}
	sites := startList()
	sites.Path, sites.Hosts = "/hosts", []embed.Host{host}
	for name, one := range map[string]struct {
		start api.Start
		begin func(*Page)
	}{
		"sharing":      {startOwn(sample("id1", "One")), func(p *Page) { p.detail.sharing.edit() }},
		"sharing sent": {startOwn(sample("id1", "One")), func(p *Page) { p.detail.sharing.save() }},
		"deleting":     {startOwn(sample("id1", "One")), func(p *Page) { p.deletion.openFor(p.detail.credential, "delete") }},
		"rotating":     {startOwn(sample("id1", "One")), func(p *Page) { p.rotation.openForNew() }},
		"editing":      {startOwn(sample("id1", "One")), func(p *Page) { p.editor.openFor(opUpdate, p.detail.credential, "edit") }},
		"host removed": {sites, func(p *Page) { h := p.screen.(*embedHostsPage); h.remove(host); h.remove(host) }},
		"revoking":     {startConsumers(someConsumer("a", "A")), func(p *Page) { p.screen.(*consumersPage).revoke.openFor(someConsumer("a", "A"), "revoke-a") }},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := stage(one.start)
			p.loop.Async = func(func()) {} // no answer is there yet
			p.showError(errorAtTop, "Before.")
			one.begin(p)
			waits(t, p, errorAtTop)
			p, _, _ = stage(one.start)
			p.loop.Async = func(func()) {}
			p.setStatus("Before.", nil)
			one.begin(p)
			assert.Empty(t, p.status.text)
		})
	}
}
