package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func hostsStage(registered ...paycor.Host) (*Page, *hosts, *fakeService, *fakeSurface) {
	start := startList()
	start.Path, start.Hosts = "/hosts", registered
	p, service, surface := stage(start)
	return p, p.screen.(*hosts), service, surface
}

func TestRegisteringAHost(t *testing.T) {
	p, h, service, surface := hostsStage()
	assert.Contains(t, flat(p), "No site may embed this page yet.")
	h.add()
	assert.Empty(t, service.fakeHosts.drafts, "nothing is sent")
	fields := map[paycor.Field]bool{}
	for _, problem := range h.problems {
		fields[problem.Field] = true
	}
	assert.Equal(t, map[paycor.Field]bool{paycor.FieldHostName: true, paycor.FieldHostOrigins: true, paycor.FieldHostKeys: true}, fields)
	assert.Equal(t, "host-summary", surface.focus)

	surface.values[hostInput(paycor.FieldHostName)] = " Console "
	surface.values[hostInput(paycor.FieldHostOrigins)] = "https://a.example\nhttps://b.example"
	surface.values[hostInput(paycor.FieldHostKeysURL)] = "https://a.example/keys"
	h.choose(paycor.RightEdit)
	h.choose(paycor.RightView)
	service.hosts = []paycor.Host{{ID: "made", Name: "Console"}}
	h.add()
	require.Len(t, service.fakeHosts.drafts, 1)
	assert.Equal(t, paycor.HostDraft{Name: "Console", Origins: []string{"https://a.example", "https://b.example"}, Rights: paycor.Rights{paycor.RightEdit}, KeysURL: "https://a.example/keys"}, service.fakeHosts.drafts[0])
	assert.Empty(t, surface.values[hostInput(paycor.FieldHostName)])
	assert.Equal(t, "“Console” is registered. Its host id is made.", p.status)
}

func TestWhatTheServerSaysAboutAHost(t *testing.T) {
	_, h, service, surface := hostsStage()
	surface.values[hostInput(paycor.FieldHostName)] = "Console"
	surface.values[hostInput(paycor.FieldHostOrigins)] = "https://a.example"
	surface.values[hostInput(paycor.FieldHostKeys)] = "{}"
	service.hostErr = &paycor.Error{Kind: paycor.KindInvalid, Problems: []paycor.Problem{{Field: paycor.FieldHostKeys, Message: "No keys."}}}
	h.add()
	assert.Equal(t, "No keys.", h.fault(paycor.FieldHostKeys))
	service.hostErr = paycor.Errorf(paycor.KindConflict, "The id is taken.")
	h.add()
	assert.Equal(t, "The id is taken.", h.failure)
	assert.Equal(t, "{}", surface.values[hostInput(paycor.FieldHostKeys)], "nothing typed is lost")
}

func TestRemovingAHostAsksFirst(t *testing.T) {
	host := paycor.Host{ID: "console", Name: "Console", Origins: []string{"https://a.example"}, Rights: paycor.Rights{paycor.RightView}}
	p, h, service, surface := hostsStage(host)
	h.remove(host)
	assert.Empty(t, service.removed)
	assert.Equal(t, "host-console-keep", surface.focus, "the harmless answer has the focus")
	assert.Contains(t, flat(p), "Its frames stop working at once.")
	h.keep("console")
	h.remove(host)
	h.remove(host)
	assert.Equal(t, []string{"console"}, service.removed)
	assert.Empty(t, h.items)
}

func TestOnlyAnAdministratorIsLedToTheHosts(t *testing.T) {
	p, _, _ := stage(startList())
	assert.Contains(t, flat(p), `href="/hosts"`)
	start := startList()
	start.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightEdit}
	p, _, _ = stage(start)
	assert.NotContains(t, flat(p), `href="/hosts"`)
}
