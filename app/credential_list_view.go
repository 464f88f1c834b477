package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// IDs of the Authenticate screen that boot.js and tests know.
const (
	searchID = "search"
	addID    = "add"
)

// render renders the Authenticate screen.
func (l *credentialList) render() goapp.UI {
	if l.filters.table {
		return l.table.render()
	}
	return dom.El("div", dom.Class("screen"),
		l.renderHead(l.page.say("authenticate"), l.page.say("authenticate.lead"), l.renderPurpose(), l.renderPurposeNote()),
		l.renderTiles(),
		l.renderMore(),
		l.renderContinue(),
		l.useDialog.render(),
	)
}

// renderHead renders what is above tiles and table. Both have the same elements, so that
// what is typed stays when one takes the place of the other. note is below the title.
func (l *credentialList) renderHead(title, lead string, purpose any, note goapp.UI) []any {
	return []any{
		dom.El("div", dom.Class("bar"), dom.El("div", dom.Class("lead"), dom.El("h1", title), dom.El("p", dom.Class("lead-words"), lead)), purpose),
		note,
		dom.El("div", dom.Class("find"), l.renderSearch(), l.filters.renderAllChoices()),
		l.filters.renderQuick(),
		l.filters.renderTools(),
	}
}

func (l *credentialList) renderPurpose() goapp.UI {
	option := func(purpose paycor.Purpose) goapp.UI {
		return dom.El("label", dom.Class("segment"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "purpose"), dom.Attr("id", "purpose-"+string(purpose)), dom.Attr("value", string(purpose)),
				dom.Property("checked", l.purpose == purpose),
				dom.On("change", "purpose/"+string(purpose), func(goapp.Event) { l.choosePurpose(purpose) })),
			dom.El("span", l.page.say("purpose."+string(purpose))),
		)
	}
	return dom.El("fieldset", dom.Class("purpose"),
		dom.El("legend", l.page.say("purpose")),
		dom.El("div", dom.Class("segments"), option(paycor.PurposeSource), option(paycor.PurposeDestination)),
	)
}

// renderPurposeNote says what a check does not tell about a data destination. It is
// always in the document, so that changes are announced.
func (l *credentialList) renderPurposeNote() goapp.UI {
	parts := []any{dom.Attr("id", "purpose-note"), dom.Class("purpose-note", "hint"), dom.Attr("role", "status")}
	if l.purpose == paycor.PurposeDestination {
		parts = append(parts, l.page.say("destination.note"))
	}
	return dom.El("p", parts...)
}

func (l *credentialList) renderSearch() goapp.UI {
	return dom.El("div", dom.Class("search"),
		dom.El("label", dom.Class("visually-hidden"), dom.Attr("for", searchID), l.page.say("search")),
		dom.El("div", dom.Class("search-box"), dom.Icon("search"),
			dom.El("input", dom.Attr("type", "search"), dom.Attr("id", searchID), dom.Class("input"), dom.Attr("placeholder", l.page.say("search")), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"), dom.InitialValue(l.filters.query.Search),
				dom.Typed("search", l.searchFor)),
		),
	)
}

func (l *credentialList) renderTiles() goapp.UI {
	parts := []any{dom.Class("tiles"), dom.Attr("id", "tiles"), dom.El("legend", dom.Class("visually-hidden"), l.page.say("tiles"))}
	if l.state == listLoading {
		parts = append(parts, dom.Attr("aria-busy", "true"))
	}
	if l.selectionMissing {
		parts = append(parts, dom.Attr("aria-describedby", "unchosen"))
	}
	parts = append(parts, l.renderNotice())
	tiles, now := []any{dom.Class("grid"), l.renderAdd()}, l.page.now()
	if l.state != listFailed {
		for _, credential := range l.items {
			tiles = append(tiles, l.renderTile(credential, now))
		}
	}
	return dom.El("fieldset", append(parts, dom.El("div", tiles...))...)
}

// renderAdd renders the tile that opens the overlay.
func (l *credentialList) renderAdd() goapp.UI {
	if !l.page.can(paycor.RightEdit) {
		return dom.El("p", dom.Class("hint", "grid-note"), l.page.say("add.forbidden"))
	}
	if !l.page.canAdd() || l.filters.shown() {
		return dom.Slot() // if it is shown, the button above stays in reach
	}
	return dom.El("button", dom.Attr("type", "button"), dom.Attr("id", addID), dom.Class("tile", "tile-add"), dom.Attr("data-opens", editorID), dom.Attr("aria-haspopup", "dialog"),
		dom.Click("add", l.add),
		dom.El("span", dom.Class("add-mark"), dom.Icon("plus")), dom.El("span", dom.Class("tile-name"), l.page.say("add")),
	)
}

// renderNotice says why there are no tiles, or fewer. It is always in the document, so
// that changes are announced.
func (l *credentialList) renderNotice() goapp.UI {
	parts := []any{dom.Class("notice-slot"), dom.Attr("id", "notice"), dom.Attr("aria-live", "polite")}
	if l.state == listReady {
		parts = append(parts, renderUnreadable(l.missing, l.page.count(l.missing, "list.unreadable")))
	}
	switch {
	case l.state == listFailed:
		parts = append(parts, retryNotice(l.page.words, "retry", l.retry, dom.El("p", dom.Class("notice-title"), l.page.say("list.failed")), dom.El("p", l.failure)))
	case l.state == listLoading && !l.filters.shown():
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), l.page.say("list.loading")))
	case l.failure != "":
		parts = append(parts, retryNotice(l.page.words, "retry-stale", l.refresh, dom.El("p", l.page.say("list.stale", l.failure))))
	case l.state == listLoading:
	case len(l.items) == 0 && l.filters.query.Narrows():
		parts = append(parts, l.renderNoHit())
	case len(l.items) == 0 && l.missing == 0:
		parts = append(parts, dom.El("div", dom.Class("notice"), dom.Icon("key"),
			dom.El("div", dom.El("p", dom.Class("notice-title"), l.page.say("list.empty")), dom.El("p", l.page.say("list.empty-help")))))
	case l.filters.shown(): // which say how many there are
	case l.filters.query.Search != "" && l.many:
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), l.page.say("list.hits-many", l.total)))
	case l.filters.query.Search != "":
		parts = append(parts, dom.El("p", dom.Class("quiet-line"), l.page.count(l.total, "list.hits")))
	}
	return dom.El("div", parts...)
}

// renderNoHit says that nothing was found, and what to do.
func (l *credentialList) renderNoHit() goapp.UI {
	filter := l.filters.query.Filter
	title, help := l.page.say("list.no-hit", l.filters.query.Search), l.page.say("list.no-hit-help")
	switch {
	case filter == paycor.Filter{Attention: listing.AttentionAny} && l.filters.query.Search == "":
		title, help = l.page.say("list.no-attention"), l.page.say("list.no-attention-help")
	case filter != paycor.Filter{} && l.filters.query.Search == "":
		title, help = l.page.say("list.no-match"), l.page.say("list.no-match-help")
	case filter != paycor.Filter{}:
		help = l.page.say("list.no-match-help")
	}
	return dom.El("div", dom.Class("notice"), dom.Icon("search"),
		dom.El("div", dom.El("p", dom.Class("notice-title"), title), dom.El("p", help),
			l.filters.renderLink("show-everything", "button", false, l.filters.everything, dom.El("span", l.page.say("list.show-all")))))
}

func (l *credentialList) renderMore() goapp.UI {
	if l.next == "" || l.state == listFailed {
		return dom.Slot()
	}
	label, shown := l.page.say("more"), l.page.say("list.shown", l.page.number(len(l.items)), l.page.number(l.total))
	if l.more {
		label = l.page.say("list.loading")
	}
	if l.many {
		shown = l.page.say("list.shown-many", l.page.number(len(l.items)), l.page.number(l.total))
	}
	return dom.Slot(dom.El("div", dom.Class("more"), l.page.renderError(errorAtMore),
		dom.El("p", dom.Class("quiet-line"), shown),
		dom.Button("", "more", label, dom.Click("more", l.showMore))))
}

// renderContinue renders the bar at the bottom: the selection, and Continue.
func (l *credentialList) renderContinue() goapp.UI {
	selection := dom.El("p", dom.Class("selection", "muted"), dom.Attr("id", "unchosen"), l.page.say("continue.none"))
	switch {
	case l.selectionMissing:
		selection = dom.El("p", dom.Class("selection", "error"), dom.Attr("id", "unchosen"), dom.Attr("role", "alert"), l.page.say("continue.choose"))
	case l.selected.ID != "":
		selection = dom.El("p", dom.Class("selection"), dom.Attr("id", "unchosen"), dom.El("span", dom.Class("muted"), l.page.say("continue.selected")), dom.El("strong", l.selected.Name), l.renderWhich(l.selected))
	}
	return dom.El("div", dom.Class("continue"),
		dom.El("div", dom.Class("continue-inner"), selection, l.page.host.renderCancel(),
			dom.Button("primary", "continue", l.page.say("continue"), dom.Click("continue", l.submit))),
	)
}

// renderWhich tells a credential apart from another one with its name.
func (l *credentialList) renderWhich(credential paycor.Credential) any {
	same := func(c paycor.Credential) bool {
		return c.ID != credential.ID && paycor.NameKey(c.Name) == paycor.NameKey(credential.Name)
	}
	if !slices.ContainsFunc(l.items, same) {
		return nil
	}
	return dom.El("span", dom.Class("muted"), l.page.say("list.which", l.page.sentence(l.page.environment(credential.Environment).Title()), entity(l.page.words, credential)))
}
