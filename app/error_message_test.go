package app

import (
	"context"
	"strings"
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
)

// assertErrorAt checks that the page reports one failure, once, in an alert at
// that place, and not as a status.
func assertErrorAt(t *testing.T, p goapp.Composer, target, text string) {
	t.Helper()
	page := render(t, p)
	assert.Contains(t, page.ID(t, target).Text(), text)
	assert.Equal(t, "alert", page.ID(t, target).Attribute("role"))
	assert.Equal(t, 1, strings.Count(page.Text(), text), "it is shown once")
	assert.Empty(t, page.ID(t, "status").Text())
}

// assertNoErrorAt checks that the element for an error exists and is empty.
func assertNoErrorAt(t *testing.T, p goapp.Composer, target string) {
	t.Helper()
	alert := render(t, p).ID(t, target)
	assert.Equal(t, "alert", alert.Attribute("role"))
	assert.Empty(t, alert.Text())
}

var errAway = paycor.Errorf(paycor.KindUnavailable, "The server is away.")

func TestAnErrorIsShownOnce(t *testing.T) {
	more := func() api.Start {
		start := startList(sample("id1", "One"))
		start.List.Next, start.List.Total = "cursor", 2
		return start
	}
	trail := startList()
	trail.Path, trail.Audit = "/audit", &audit.Start{Page: audit.Page{Entries: []audit.Entry{{Sequence: 9}}, Next: "cursor"}}
	host := embed.Host{ID: "console", Name: "Console"}
	sites := startList()
	sites.Path, sites.Hosts = "/hosts", embed.HostList{Hosts: []embed.Host{host}}
	for name, one := range map[string]struct {
		start  api.Start
		target string
		act    func(*Page)
	}{
		"verify again":      {startOwn(sample("id1", "One")), errorAtVerification, func(p *Page) { credentialsOf(p).detail.verify() }},
		"go back":           {startOwn(withRotation(paycor.RotationPrevious)), errorAtRotation, func(p *Page) { credentialsOf(p).detail.saved.restore(false) }},
		"test again":        {startOwn(withRotation(paycor.RotationPending)), errorAtRotation, func(p *Page) { credentialsOf(p).detail.saved.testAgain() }},
		"destroy":           {startOwn(withRotation(paycor.RotationPrevious)), errorAtRotation, func(p *Page) { credentialsOf(p).detail.saved.remove() }},
		"more credentials":  {more(), errorAtMore, func(p *Page) { credentialsOf(p).list.showMore() }},
		"more of the trail": {trail, errorAtMore, func(p *Page) { p.screen.(*auditPage).showMore() }},
		"remove a host":     {sites, embedHostErrorID("console"), func(p *Page) { h := p.screen.(*embedHostsPage); h.remove(host); h.remove(host) }},
		"take a change back": {startOwn(sample("id1", "One")), errorAtTop, func(p *Page) {
			p.setStatus("", credentialsOf(p).detail.undo(sample("id1", "One"), paycor.Patch{}))
			p.status.runUndo()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := newAnyTestPage(one.start)
			service.err, service.auditErr, service.hostErr = errAway, errAway, errAway
			assertNoErrorAt(t, p, one.target)
			p.setStatus("News.", func() {})
			service.during = func() { assertNoErrorAt(t, p, one.target) }
			one.act(p)
			assertErrorAt(t, p, one.target, errAway.Message.In(locale.English))
			assert.Nil(t, p.status.undo)
			if one.target == embedHostErrorID("console") {
				assert.Equal(t, "host-console-remove", document.HasFocus)
			}
			one.act(p)
			assertErrorAt(t, p, one.target, errAway.Message.In(locale.English))
			p.setStatus("News.", nil)
			assertNoErrorAt(t, p, one.target)
			assert.Equal(t, "News.", render(t, p).ID(t, "status").Text())
		})
	}
}

func TestAnErrorInAFrameIsShownOnce(t *testing.T) {
	for name, act := range map[string]func(*credentialsPage){
		"its page":   func(p *credentialsPage) { p.document.Open(pathOf("id1")) },
		"its choice": func(p *credentialsPage) { p.host.selectCredential("id2") },
	} {
		t.Run(name, func(t *testing.T) {
			p, service, _, _ := newEmbeddedTestPage(sample("id1", "One"))
			service.err = errAway
			assertNoErrorAt(t, p, errorAtTop)
			act(p)
			assertErrorAt(t, p, errorAtTop, errAway.Message.In(locale.English))
		})
	}
	p, service, _, _ := newEmbeddedTestPage()
	service.one = sample("id1", "One")
	p.document.Open(pathOf("id1"))
	service.err = errAway
	p.detail.verify()
	assertErrorAt(t, p, errorAtVerification, errAway.Message.In(locale.English))
}

// A canceled request is not a failure, and the focus is not lost.
func TestACanceledVerificationIsNoError(t *testing.T) {
	p, service, document := newTestPage(startOwn(sample("id1", "One")))
	service.err = context.Canceled
	service.during = p.detail.stop
	p.detail.verify()
	assertNoErrorAt(t, p, errorAtVerification)
	assert.Equal(t, say("fail.stopped"), render(t, p).ID(t, "status").Text())
	assert.Equal(t, "verify", document.HasFocus)
}

// A failed action on the saved secrets of a rotation may remove their panel:
// the reason is still reported.
func TestAnErrorOutlivesTheSavedSecrets(t *testing.T) {
	p, _, _ := newTestPage(startOwn(withRotation(paycor.RotationPrevious)))
	p.showError(errorAtRotation, "Nothing is kept any more.")
	p.detail.show(sample("a", "Nightly export"))
	assertErrorAt(t, p, errorAtRotation, "Nothing is kept any more.")
}

func TestCopyShowsItsResult(t *testing.T) {
	p, _, document := newTestPage(startOwn(sample("id1", "One")))
	p.copy("copy-id", "id1")
	require.Equal(t, "copy-id", p.copied)
	document.RefusesCopy = true
	p.copy("copy-id", "id1")
	assertErrorAt(t, p, copyFailure("copy-id"), "Select the text and copy it yourself.")
	assert.NotContains(t, render(t, p).ID(t, "copy-id").Text(), say("copied"))
	document.RefusesCopy = false
	p.copy("copy-id", "id1")
	assert.False(t, render(t, p).Has(copyFailure("copy-id")))
	assert.Contains(t, render(t, p).ID(t, "copy-id").Text(), say("copied"))
}

// If the list cannot be read again, an error above the tiles says so until it
// can. The status does not change.
func TestAStaleListSaysSoUntilItIsRefreshed(t *testing.T) {
	p, service, _ := newTestPage(startList(sample("id1", "One")))
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

// The detail page and the consumers' page do the same, and announce it.
func TestAStalePageSaysSo(t *testing.T) {
	for name, start := range map[string]api.Start{
		"a credential": startOwn(sample("id1", "One")), "consumers": startConsumers(someConsumer("a", "A")),
	} {
		t.Run(name, func(t *testing.T) {
			p, service, _ := newAnyTestPage(start)
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

// A new action clears the messages of the previous one.
func TestActionsClearTheLastError(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console"}
	sites := startList()
	sites.Path, sites.Hosts = "/hosts", embed.HostList{Hosts: []embed.Host{host}}
	for name, one := range map[string]struct {
		start api.Start
		begin func(*Page)
	}{
		"sharing":      {startOwn(sample("id1", "One")), func(p *Page) { credentialsOf(p).detail.sharing.dialog.openForChange() }},
		"deleting":     {startOwn(sample("id1", "One")), func(p *Page) { credentialsOf(p).deletion.openFor(credentialsOf(p).detail.credential, "delete") }},
		"rotating":     {startOwn(sample("id1", "One")), func(p *Page) { credentialsOf(p).rotation.openForNew() }},
		"editing":      {startOwn(sample("id1", "One")), func(p *Page) { credentialsOf(p).editor.openFor(opUpdate, credentialsOf(p).detail.credential, "edit") }},
		"host removed": {sites, func(p *Page) { h := p.screen.(*embedHostsPage); h.remove(host); h.remove(host) }},
		"revoking":     {startConsumers(someConsumer("a", "A")), func(p *Page) { p.screen.(*consumersPage).revoke.openFor(someConsumer("a", "A"), "revoke-a") }},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := newAnyTestPage(one.start)
			p.loop.Async = func(func()) {} // no response yet
			p.showError(errorAtTop, "Before.")
			one.begin(p)
			assertNoErrorAt(t, p, errorAtTop)
			p, _, _ = newAnyTestPage(one.start)
			p.loop.Async = func(func()) {}
			p.setStatus("Before.", nil)
			one.begin(p)
			assert.Empty(t, p.status.text)
		})
	}
}
