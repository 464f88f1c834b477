package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor/api"
)

// administration is the content of the program that administers: everything in the
// header but the credentials.
type administration struct{ page *Page }

// NewAdministration returns the page for administering that start describes. An address
// that it does not know shows the audit trail.
func NewAdministration(config Config) *Page {
	p := newPage(config)
	p.content = administration{p}
	switch p.start.Path {
	case api.PathConsumers:
		p.screen = newConsumersPage(p)
	case api.PathHosts:
		p.screen = newEmbedHostsPage(p)
	case api.PathChannels:
		p.screen = newChannelsPage(p)
	case api.PathSessions:
		p.screen = newSessionsPage(p)
	case api.PathSystem:
		p.screen = newSystemPage(p)
	default:
		p.screen = newAuditPage(p)
	}
	return p
}

// render implements content.
func (a administration) render() goapp.UI { return a.page.renderWith() }

// prefill implements content.
func (administration) prefill() {}

// restore implements content.
func (administration) restore(goapp.Value) {}

// mounted implements content.
func (a administration) mounted() {
	if system, is := a.page.screen.(*systemPage); is {
		system.follow()
	}
}

// changesEachSecond implements content.
func (administration) changesEachSecond() bool { return false }

// tick implements content.
func (administration) tick() {}

// awaitsEvent implements content.
func (administration) awaitsEvent() bool { return false }

// isChangedByCommands implements content. Of all that commands change, only entries of
// the audit trail come as events.
func (a administration) isChangedByCommands() bool { return a.page.start.Path != api.PathAudit }
