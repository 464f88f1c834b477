package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

func newHostsTestPage(registered ...embed.Host) (*Page, *embedHostsPage, *fakeService, *domtest.Document) {
	start := startList()
	start.Path, start.Hosts = "/hosts", embed.HostList{Hosts: registered}
	p, service, document := newAnyTestPage(start)
	return p, p.screen.(*embedHostsPage), service, document
}

func TestRegisteringAHost(t *testing.T) {
	p, h, service, document := newHostsTestPage()
	assert.Contains(t, pageHTML(p), say("embed-hosts.none"))
	d := h.dialog
	d.openNew()
	assert.Equal(t, "host-name", document.HasFocus)
	d.submit()
	assert.Empty(t, service.fakeHosts.drafts, "nothing is sent")
	names := map[fields.Field]bool{}
	for _, problem := range d.Problems {
		names[problem.Field] = true
	}
	assert.Equal(t, map[fields.Field]bool{fields.HostName: true, fields.HostOrigins: true}, names)
	assert.Equal(t, "host-summary", document.HasFocus)
	assert.Contains(t, pageHTML(p), locale.English.Plural("summary.problems", 2))
	assert.NotContains(t, pageHTML(p), "host-right-embed", "a frame cannot open sessions")

	document.Values[d.InputID(fields.HostName)] = " Console "
	document.Values[d.InputID(fields.HostOrigins)] = "https://a.example\nhttps://b.example"
	document.Values[d.InputID(fields.HostKeysURL)] = "https://a.example/keys"
	d.toggleRight(paycor.RightEdit)
	d.toggleRight(paycor.RightView)
	service.hosts = []embed.Host{{ID: "made", Name: "Console"}}
	d.submit()
	require.Len(t, service.fakeHosts.drafts, 1)
	assert.Equal(t, embed.HostDraft{Name: "Console", Origins: []string{"https://a.example", "https://b.example"}, Rights: paycor.Rights{paycor.RightEdit}, KeysURL: "https://a.example/keys"}, service.fakeHosts.drafts[0])
	assert.False(t, d.IsOpen())
	assert.Empty(t, document.Values[d.InputID(fields.HostName)])
	assert.Equal(t, addHostID, document.HasFocus, "next to what is said")
	assert.Contains(t, render(t, p).ID(t, "status").Text(), say("embed-hosts.added", "Console", "made"))
}

func TestServerProblemsOfAHostAreShown(t *testing.T) {
	_, h, service, document := newHostsTestPage()
	d := h.dialog
	d.openNew()
	document.Values[d.InputID(fields.HostName)] = "Console"
	document.Values[d.InputID(fields.HostOrigins)] = "https://a.example"
	document.Values[d.InputID(fields.HostKeys)] = "{}"
	service.hostErr = &paycor.Error{Kind: paycor.KindInvalid, Problems: []fields.Problem{{Field: fields.HostKeys, Message: message.Text("No keys.")}}}
	d.submit()
	assert.Equal(t, "No keys.", d.Error(fields.HostKeys))
	service.hostErr = paycor.Errorf(paycor.KindConflict, "The id is taken.")
	d.submit()
	assert.Equal(t, "The id is taken.", d.Failure)
	assert.True(t, d.IsOpen())
	assert.Equal(t, "{}", document.Values[d.InputID(fields.HostKeys)], "nothing typed is lost")
}

// A site without keys uses one-time tokens.
func TestHostWithoutKeys(t *testing.T) {
	p, h, service, document := newHostsTestPage(embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, Version: 4})
	assert.Contains(t, pageHTML(p), say("embed-hosts.keys-none"))
	h.dialog.openNew()
	document.Values[h.dialog.InputID(fields.HostName)] = "Console"
	document.Values[h.dialog.InputID(fields.HostOrigins)] = "https://a.example"
	service.hosts = []embed.Host{{ID: "made", Name: "Console"}}
	h.dialog.submit()
	require.Len(t, service.fakeHosts.drafts, 1)
	assert.Empty(t, service.fakeHosts.drafts[0].Keys)
}

func TestAlteredHostIsMarked(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, Version: 4}
	p, _, _, _ := newHostsTestPage(host)
	assert.NotContains(t, pageHTML(p), say("embed-hosts.altered"))
	host.Altered = true
	p, _, _, _ = newHostsTestPage(host)
	assert.Contains(t, pageHTML(p), say("embed-hosts.altered"))
}

func TestChangingAHost(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, KeysURL: "https://a.example/keys", Version: 4}
	p, h, service, document := newHostsTestPage(host)
	service.hosts = []embed.Host{host}
	d := h.dialog
	h.edit(host)
	page := render(t, p)
	assert.Equal(t, say("embed-hosts.change", "Console"), page.ID(t, "host-title").Text())
	assert.Equal(t, "https://a.example", document.Values[d.InputID(fields.HostOrigins)])
	assert.Equal(t, "host-name", document.HasFocus)
	d.submit()
	assert.Empty(t, service.fakeHosts.patches, "nothing was changed")
	assert.Equal(t, say("embed-hosts.unchanged", "Console"), render(t, p).ID(t, "host-console-status").Text())
	assert.False(t, d.IsOpen())

	h.edit(host)
	assert.Empty(t, render(t, p).ID(t, "host-console-status").Text(), "the result of the last action is gone")
	document.Values[d.InputID(fields.HostOrigins)] = "https://*.example"
	d.submit()
	assert.Empty(t, service.fakeHosts.patches)
	assert.NotEmpty(t, d.Error(fields.HostOrigins))

	document.Values[d.InputID(fields.HostOrigins)] = "https://a.example\nhttps://b.example"
	d.toggleRight(paycor.RightEdit)
	d.RequestClose()
	assert.True(t, d.IsOpen(), "unsaved changes are asked about")
	d.submit()
	assert.Equal(t, []embed.HostPatch{{Origins: &[]string{"https://a.example", "https://b.example"}, Rights: &paycor.Rights{paycor.RightView, paycor.RightEdit}}}, service.fakeHosts.patches, "only what was changed is sent")
	assert.Equal(t, []string{`"4"`}, service.fakeHosts.matches)
	assert.Equal(t, "host-console-edit", document.HasFocus)
	page = render(t, p)
	assert.Equal(t, say("embed-hosts.changed", "Console"), page.ID(t, "host-console-status").Text(), "where the focus is")
	assert.Empty(t, page.ID(t, "status").Text())
}

// The earlier change is not overwritten, and nothing typed is lost.
func TestAStaleHostChangeKeepsBoth(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, KeysURL: "https://a.example/keys", Version: 4}
	p, h, service, document := newHostsTestPage(host)
	d := h.dialog
	h.edit(host)
	document.Values[d.InputID(fields.HostName)] = "Mine"
	theirs := host
	theirs.Origins, theirs.Rights, theirs.Version = []string{"https://theirs.example"}, paycor.Rights{paycor.RightUse}, 5
	service.hosts, service.hostErr = []embed.Host{theirs}, nil
	service.stale = true
	d.submit()
	assert.Contains(t, pageHTML(p), "Somebody else changed it.")
	assert.Equal(t, "Mine", document.Values[d.InputID(fields.HostName)])
	assert.Equal(t, "https://theirs.example", document.Values[d.InputID(fields.HostOrigins)])
	assert.Equal(t, theirs.Rights, d.rights)
	service.stale = false
	d.submit()
	mine := "Mine"
	assert.Equal(t, embed.HostPatch{Name: &mine}, service.fakeHosts.patches[1])
	assert.Equal(t, []string{`"4"`, `"5"`}, service.fakeHosts.matches)
}

func TestRemovingAHostAsksFirst(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}}
	p, h, service, document := newHostsTestPage(host)
	h.remove(host)
	assert.Empty(t, service.removed)
	assert.Equal(t, "host-console-keep", document.HasFocus, "the harmless answer has the focus")
	assert.Contains(t, pageHTML(p), say("embed-hosts.confirm", "Console"))
	h.cancelRemove("console")
	h.remove(host)
	h.remove(host)
	assert.Equal(t, []string{"console"}, service.removed)
	assert.Empty(t, h.list.Hosts)
}

func TestHostsAreForAdministrators(t *testing.T) {
	p, _, _ := newAnyTestPage(startList())
	assert.Contains(t, pageHTML(p), `href="/hosts"`)
	start := startList()
	start.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightEdit}
	p, _, _ = newAnyTestPage(start)
	assert.NotContains(t, pageHTML(p), `href="/hosts"`)
}

// Tenants are shown to administrators, and changed by a command only.
func TestTenantsOfAHost(t *testing.T) {
	start := startList()
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}}
	start.Path, start.Hosts = "/hosts", embed.HostList{Hosts: []embed.Host{host}}
	p, _, _ := newAnyTestPage(start)
	assert.NotContains(t, pageHTML(p), say("embed-hosts.tenants-how"))
	start.Hosts.Tenants = map[string][]embed.Tenant{"console": {
		{ID: "acme", Workspace: "acme payroll", Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}},
		{ID: "birch", Workspace: "birch", Altered: true},
	}}
	p, _, _ = newAnyTestPage(start)
	for _, text := range []string{
		say("embed-hosts.tenants-how"), locale.English.Plural("embed-hosts.tenants", 2),
		say("embed-hosts.tenant", "acme", "acme payroll", "view,edit"), say("embed-hosts.tenant-altered", "birch"),
	} {
		assert.Contains(t, pageHTML(p), text)
	}
}
