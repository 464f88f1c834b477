package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

func newHostsTestPage(registered ...embed.Host) (*Page, *embedHostsPage, *fakeService, *domtest.Document) {
	start := startList()
	start.Path, start.Hosts = "/hosts", registered
	p, service, document := newTestPage(start)
	return p, p.screen.(*embedHostsPage), service, document
}

func TestRegisteringAHost(t *testing.T) {
	p, h, service, document := newHostsTestPage()
	assert.Contains(t, pageHTML(p), say("embed-hosts.none"))
	h.adding.save()
	assert.Empty(t, service.fakeHosts.drafts, "nothing is sent")
	names := map[fields.Field]bool{}
	for _, problem := range h.adding.Problems {
		names[problem.Field] = true
	}
	assert.Equal(t, map[fields.Field]bool{fields.HostName: true, fields.HostOrigins: true, fields.HostKeys: true}, names)
	assert.Equal(t, "host-summary", document.HasFocus)

	document.Values[h.adding.InputID(fields.HostName)] = " Console "
	document.Values[h.adding.InputID(fields.HostOrigins)] = "https://a.example\nhttps://b.example"
	document.Values[h.adding.InputID(fields.HostKeysURL)] = "https://a.example/keys"
	h.adding.toggleRight(paycor.RightEdit)
	h.adding.toggleRight(paycor.RightView)
	service.hosts = []embed.Host{{ID: "made", Name: "Console"}}
	h.adding.save()
	require.Len(t, service.fakeHosts.drafts, 1)
	assert.Equal(t, embed.HostDraft{Name: "Console", Origins: []string{"https://a.example", "https://b.example"}, Rights: paycor.Rights{paycor.RightEdit}, KeysURL: "https://a.example/keys"}, service.fakeHosts.drafts[0])
	assert.Empty(t, document.Values[h.adding.InputID(fields.HostName)])
	assert.Equal(t, say("embed-hosts.added", "Console", "made"), p.status.text)
}

func TestServerProblemsOfAHostAreShown(t *testing.T) {
	_, h, service, document := newHostsTestPage()
	document.Values[h.adding.InputID(fields.HostName)] = "Console"
	document.Values[h.adding.InputID(fields.HostOrigins)] = "https://a.example"
	document.Values[h.adding.InputID(fields.HostKeys)] = "{}"
	service.hostErr = &paycor.Error{Kind: paycor.KindInvalid, Problems: []fields.Problem{{Field: fields.HostKeys, Message: message.Text("No keys.")}}}
	h.adding.save()
	assert.Equal(t, "No keys.", h.adding.Error(fields.HostKeys))
	service.hostErr = paycor.Errorf(paycor.KindConflict, "The id is taken.")
	h.adding.save()
	assert.Equal(t, "The id is taken.", h.adding.Failure)
	assert.Equal(t, "{}", document.Values[h.adding.InputID(fields.HostKeys)], "nothing typed is lost")
}

func TestChangingAHost(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, KeysURL: "https://a.example/keys", Version: 4}
	second := embed.Host{ID: "second", Name: "Second", Origins: []string{"https://c.example"}, Rights: paycor.Rights{paycor.RightView}, Keys: []byte(`{"keys":[]}`), Version: 1}
	p, h, service, document := newHostsTestPage(host, second)
	service.hosts = []embed.Host{host, second}
	document.Values[h.adding.InputID(fields.HostName)] = "half a name"
	h.edit("console")
	assert.Contains(t, pageHTML(p), say("embed-hosts.change", "Console"))
	assert.Equal(t, "https://a.example", document.Values[h.changing.InputID(fields.HostOrigins)])
	assert.Equal(t, "changed-host-name", document.HasFocus)
	h.changing.save()
	assert.Empty(t, service.fakeHosts.patches, "nothing was changed")
	assert.Equal(t, say("embed-hosts.unchanged", "Console"), p.status.text)
	assert.Nil(t, h.changing.base)

	h.edit("console")
	document.Values[h.changing.InputID(fields.HostOrigins)] = "https://*.example"
	h.changing.save()
	assert.Empty(t, service.fakeHosts.patches)
	assert.NotEmpty(t, h.changing.Error(fields.HostOrigins))
	h.edit("second")
	assert.Equal(t, "Console", h.changing.base.Name, "what is typed is not thrown away")
	assert.Equal(t, say("embed-hosts.busy", "Console"), p.status.text)

	document.Values[h.changing.InputID(fields.HostOrigins)] = "https://a.example\nhttps://b.example"
	h.changing.toggleRight(paycor.RightEdit)
	h.changing.save()
	assert.Equal(t, []embed.HostPatch{{Origins: &[]string{"https://a.example", "https://b.example"}, Rights: &paycor.Rights{paycor.RightView, paycor.RightEdit}}}, service.fakeHosts.patches, "only what was changed is sent")
	assert.Equal(t, []string{`"4"`}, service.fakeHosts.matches)
	assert.Equal(t, "host-console-edit", document.HasFocus)
	assert.Equal(t, "half a name", document.Values[h.adding.InputID(fields.HostName)], "the other form keeps its text")
}

// The earlier change is not overwritten, and nothing typed is lost.
func TestAStaleHostChangeKeepsBoth(t *testing.T) {
	host := embed.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}, KeysURL: "https://a.example/keys", Version: 4}
	p, h, service, document := newHostsTestPage(host)
	h.edit("console")
	document.Values[h.changing.InputID(fields.HostName)] = "Mine"
	theirs := host
	theirs.Origins, theirs.Rights, theirs.Version = []string{"https://theirs.example"}, paycor.Rights{paycor.RightUse}, 5
	service.hosts, service.hostErr = []embed.Host{theirs}, nil
	service.stale = true
	h.changing.save()
	assert.Contains(t, pageHTML(p), "Somebody else changed it.")
	assert.Equal(t, "Mine", document.Values[h.changing.InputID(fields.HostName)])
	assert.Equal(t, "https://theirs.example", document.Values[h.changing.InputID(fields.HostOrigins)])
	assert.Equal(t, theirs.Rights, h.changing.rights)
	service.stale = false
	h.changing.save()
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
	assert.Empty(t, h.items)
}

func TestHostsAreForAdministrators(t *testing.T) {
	p, _, _ := newTestPage(startList())
	assert.Contains(t, pageHTML(p), `href="/hosts"`)
	start := startList()
	start.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightEdit}
	p, _, _ = newTestPage(start)
	assert.NotContains(t, pageHTML(p), `href="/hosts"`)
}
