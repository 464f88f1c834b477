package app

import (
	"context"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/activation"
)

const (
	linkButton = "activation-link" // creates a link
	linkCopy   = "activation-link-copy"
)

// activationLinks is the part of the activation dialog that creates links for people
// who have rights in Paycor, and revokes them.
type activationLinks struct {
	dialog  *activationDialog
	created *activation.NewLink // with its address; nil if none was created here
	open    []activation.Link
	lost    int // that the server can't read

	needsScope bool // a link was asked for, and its Scope ID is missing
}

func (l *activationLinks) reset() { l.created, l.open, l.lost, l.needsScope = nil, nil, 0, false }

// load reads the links that can be used. Without them the dialog still creates one.
func (l *activationLinks) load() {
	a := l.dialog
	a.page.loop.Async(func() {
		list, err := a.page.service.ActivationLinks(a.page.ctx, a.credential.ID)
		a.page.loop.Update(func() {
			if err == nil && a.IsOpen() && l.created == nil {
				l.open = slices.DeleteFunc(list.Links, func(link activation.Link) bool { return link.State != activation.LinkOpen })
				l.lost = list.Unreadable
			}
		})
	})
}

// create creates a link and copies it. status is what the dialog says after that.
func (l *activationLinks) create(status string) {
	a := l.dialog
	if !a.IsOpen() || a.IsBusy() {
		return
	}
	a.resetResult()
	l.needsScope = a.credential.Scope == ""
	a.withScope(a.page.say("activate.link.creating"), func(ctx context.Context) {
		link, err := a.page.service.CreateActivationLink(ctx, a.credential.ID)
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			a.Finish()
			a.status = status
			l.created, l.open = &link, append([]activation.Link{link.Link}, l.open...)
			a.page.copy(linkCopy, link.URL)
			a.page.loop.AfterRender(func() { a.page.document.Focus(linkCopy) }) // it may be scrolled out of sight
		})
	}, func() {})
}

// revoke ends a link.
func (l *activationLinks) revoke(id string) {
	a := l.dialog
	if !a.IsOpen() || a.IsBusy() {
		return
	}
	a.resetResult()
	ctx := a.Start(a.page.ctx, false)
	a.page.loop.Async(func() {
		err := a.page.service.RevokeActivationLink(ctx, a.credential.ID, id)
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			a.Finish()
			a.status = a.page.say("activate.link.revoked")
			l.open = slices.DeleteFunc(slices.Clone(l.open), func(link activation.Link) bool { return link.ID == id })
			if l.created != nil && l.created.ID == id {
				l.created = nil
			}
			a.page.loop.AfterRender(func() { a.page.document.Focus(linkButton) })
		})
	})
}

func (l *activationLinks) render() goapp.UI {
	page := l.dialog.page
	about := page.say("activate.link.words")
	if page.embedded() { // who opens its links has to sign in, as for a program's
		about = page.say("activate.link.words-sign-in")
	}
	parts := []any{
		dom.Class("field", "links"),
		dom.El("h3", dom.Class("term"), page.say("activate.link")),
		dom.El("p", dom.Class("hint"), about),
		dom.Button("", linkButton, page.say("activate.link.copy"), dom.Click(linkButton, func() { l.create("") })),
	}
	if l.created != nil {
		parts = append(parts,
			dom.El("div", dom.Class("configured"), dom.El("code", dom.Attr("id", "activation-link-address"), l.created.URL),
				page.copyButton(linkCopy, page.say("activate.link.what"), l.created.URL)),
			dom.El("p", dom.Class("hint"), page.say("activate.link.once", page.formatTime(l.created.ExpiresAt, locale.DateTime))),
		)
	}
	if len(l.open) > 0 {
		items := []any{dom.Class("open-links"), dom.Attr("aria-label", page.say("activate.link.open"))}
		for _, link := range l.open {
			items = append(items, l.renderOpen(link))
		}
		parts = append(parts, dom.El("ul", items...))
	}
	return dom.El("div", append(parts, renderUnreadable(l.lost, page.count(l.lost, "activate.link.unreadable")))...)
}

func (l *activationLinks) renderOpen(link activation.Link) goapp.UI {
	page, id := l.dialog.page, "revoke-"+link.ID
	made := page.say("activate.link.made", page.nameText(link.CreatedBy), page.timeText(link.CreatedAt, page.now()), page.formatTime(link.ExpiresAt, locale.Date))
	return dom.El("li", dom.El("span", made), dom.Button("small", id, page.say("activate.link.revoke"), dom.VisuallyHidden(made),
		dom.Click(id, func() { l.revoke(link.ID) })))
}
