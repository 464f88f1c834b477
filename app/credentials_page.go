package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// credentialsPage is the page of credentials and applications: the content of the
// program that a person who uses credentials needs.
type credentialsPage struct {
	*Page

	list       *credentialList // the screen, if it is the Authenticate screen
	detail     *detailPage     // the screen, if it is a detail page
	editor     *editor
	deletion   *deleteDialog
	activation *activationDialog // nil without a detail page
	rotation   *rotationDialog   // nil without a detail page
	host       *embedHost        // the site that embeds the page
}

// NewCredentials returns the page of credentials and applications that start describes.
func NewCredentials(config Config) *Page { return newCredentialsPage(config).Page }

func newCredentialsPage(config Config) *credentialsPage {
	p := &credentialsPage{Page: newPage(config)}
	p.content = p
	if p.embedded() {
		p.document = embeddedDocument{p.document, p}
	}
	p.host = &embedHost{page: p, bridge: config.Host}
	p.editor = newEditor(p)
	p.deletion = newDeleteDialog(p)
	p.screen = p.openScreen()
	return p
}

// openScreen makes the screen of the page's address.
func (p *credentialsPage) openScreen() screen {
	switch path := p.start.Path; {
	case strings.HasPrefix(path, applicationsPath):
		if p.start.Credential != nil {
			p.openDetail()
		}
		return newApplicationPage(p)
	case strings.HasPrefix(path, credentialsPath):
		p.openDetail()
		return p.detail
	}
	p.list = newCredentialList(p)
	return p.list
}

// openDetail makes the detail page of the page's credential, with its dialogs.
func (p *credentialsPage) openDetail() {
	p.detail = newDetailPage(p)
	p.activation = newActivationDialog(p)
	p.rotation = newRotationDialog(p)
}

// render implements content.
func (p *credentialsPage) render() goapp.UI {
	if p.embedded() {
		return p.renderEmbedded()
	}
	return p.renderWith(p.editor.render(), p.deletion.render(), p.renderActivation(), p.renderRotation())
}

// prefill implements content.
func (p *credentialsPage) prefill() { p.editor.prefill() }

// restore implements content.
func (p *credentialsPage) restore(before goapp.Value) {
	if dom.String(before.Get("dialog")) == editorID {
		p.editor.restore(dom.String(before.Get("opener")), before.Get("dirty").Bool())
	}
	for _, field := range []fields.Field{fields.ClientSecret, fields.SubscriptionKey} {
		if before.Get("shown").Get(inputID(field)).Truthy() {
			p.editor.Reveal(field)
		}
	}
	if p.list != nil {
		p.list.restore(dom.String(before.Get("search")), dom.String(before.Get("selected")), paycor.Purpose(dom.String(before.Get("purpose"))))
	}
}

// mounted implements content.
func (p *credentialsPage) mounted() {
	if p.list != nil {
		p.document.OnHistory(func(query string) { p.loop.Update(func() { p.list.filters.showAddress(query) }) })
	}
	p.showArrivalStatus()
	p.openRequestedDialog()
	p.host.connect()
}

// changesEachSecond implements content: the time is shown for which calls are paused.
func (p *credentialsPage) changesEachSecond() bool { return p.detail.cooldown().isKnown() }

// tick implements content.
func (p *credentialsPage) tick() { p.detail.cooldown().update() }

// awaitsEvent implements content: the server may be checking right now what a shown
// credential can read.
func (p *credentialsPage) awaitsEvent() bool {
	if p.detail != nil {
		return awaitsDataAccess(p.detail.credential)
	}
	return p.list != nil && slices.ContainsFunc(p.list.items, awaitsDataAccess)
}

// isChangedByCommands implements content.
func (p *credentialsPage) isChangedByCommands() bool { return false }

// hasOpenDialog reports whether a dialog of this page is open.
func (p *credentialsPage) hasOpenDialog() bool {
	return p.editor.IsOpen() || p.deletion.IsOpen() || p.list != nil && (p.list.useDialog.IsOpen() || p.list.table.bulk.IsOpen() || p.list.table.bulk.deletion.IsOpen() || p.list.table.imports.IsOpen()) || p.detail != nil && p.detail.sharing.dialog.IsOpen() || p.activation != nil && p.activation.IsOpen() || p.rotation != nil && p.rotation.IsOpen()
}

// renderRotation renders the rotation dialog, which only a detail page has.
func (p *credentialsPage) renderRotation() any {
	if p.rotation == nil {
		return nil
	}
	return p.rotation.render()
}
