package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// Ids of the Authenticate screen that boot.js and the tests know.
const (
	searchID = "search"
	addID    = "add"
)

// render is the Authenticate screen.
func (l *list) render() goapp.UI {
	return el("div", class("screen"),
		el("div", class("lead"),
			el("h1", say("authenticate")),
			el("p", class("lead-words"), say("authenticate.lead")),
		),
		el("div", class("bar"), l.renderPurpose(), l.renderSearch()),
		l.renderTiles(),
		l.renderMore(),
		l.renderContinue(),
	)
}

func (l *list) renderPurpose() goapp.UI {
	option := func(purpose paycor.Purpose) goapp.UI {
		return el("label", class("segment"),
			el("input", at("type", "radio"), at("name", "purpose"), at("id", "purpose-"+string(purpose)), at("value", string(purpose)),
				state("checked", l.purpose == purpose),
				on("change", "purpose/"+string(purpose), func(goapp.Event) { l.purpose = purpose })),
			el("span", say("purpose."+string(purpose))),
		)
	}
	return el("fieldset", class("purpose"),
		el("legend", say("purpose")),
		el("div", class("segments"), option(paycor.PurposeSource), option(paycor.PurposeDestination)),
	)
}

func (l *list) renderSearch() goapp.UI {
	return el("div", class("search"),
		el("label", at("for", searchID), say("search")),
		el("div", class("search-box"), icon("search"),
			el("input", at("type", "search"), at("id", searchID), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
				on("input", "search", func(event goapp.Event) { l.find(event.Get("target").Get("value").String()) })),
		),
	)
}

func (l *list) renderTiles() goapp.UI {
	parts := []any{class("tiles"), at("id", "tiles"), el("legend", class("unseen"), say("tiles"))}
	if l.phase == loading {
		parts = append(parts, at("aria-busy", "true"))
	}
	if l.unchosen {
		parts = append(parts, at("aria-describedby", "unchosen"))
	}
	parts = append(parts, l.renderNotice())
	tiles := []any{class("grid"), l.renderAdd()}
	if l.phase != failing {
		for _, credential := range l.items {
			tiles = append(tiles, l.renderTile(credential))
		}
	}
	return el("fieldset", append(parts, el("div", tiles...))...)
}

// renderAdd is the tile that opens the overlay.
func (l *list) renderAdd() goapp.UI {
	if !l.page.may(paycor.RightEdit) {
		return el("p", class("hint", "grid-note"), say("add.forbidden"))
	}
	return el("button", at("type", "button"), at("id", addID), class("tile", "tile-add"), at("data-opens", editorID), at("aria-haspopup", "dialog"),
		click("add", func() { l.page.editor.begin(adding, paycor.Credential{}, addID) }),
		el("span", class("add-mark"), icon("plus")), el("span", class("tile-name"), say("add")),
	)
}

// renderNotice says what is to be said instead of tiles. It is there always,
// so that it is read out when its words change.
func (l *list) renderNotice() goapp.UI {
	parts := []any{class("notice-slot"), at("id", "notice"), at("aria-live", "polite")}
	switch {
	case l.phase == failing:
		parts = append(parts, retryNotice("retry", l.retry, el("p", class("notice-title"), say("list.failed")), el("p", l.failure)))
	case l.phase == loading:
		parts = append(parts, el("p", class("quiet-line"), say("list.loading")))
	case l.failure != "":
		parts = append(parts, retryNotice("retry-stale", l.refresh, el("p", say("list.stale", l.failure))))
	case len(l.items) == 0 && l.search != "":
		parts = append(parts, el("div", class("notice"), icon("search"),
			el("div", el("p", class("notice-title"), say("list.no-hit", l.search)), el("p", say("list.no-hit-help")))))
	case len(l.items) == 0:
		parts = append(parts, el("div", class("notice"), icon("key"),
			el("div", el("p", class("notice-title"), say("list.empty")), el("p", say("list.empty-help")))))
	case l.search != "":
		parts = append(parts, el("p", class("quiet-line"), count(l.total, "list.hits")))
	}
	return el("div", parts...)
}

// count says a number of things.
func count(n int, key string) string {
	if n == 1 {
		return say(key + ".one")
	}
	return say(key, n)
}

func (l *list) renderMore() goapp.UI {
	if l.next == "" || l.phase == failing {
		return slot()
	}
	label := say("more")
	if l.more {
		label = say("list.loading")
	}
	return slot(el("div", class("more"), l.page.renderFailure(atMore),
		el("p", class("quiet-line"), say("list.shown", len(l.items), l.total)),
		button("", "more", label, click("more", l.showMore))))
}

// renderContinue is the bar at the foot: what is selected, and the way on.
func (l *list) renderContinue() goapp.UI {
	selection := el("p", class("selection", "muted"), at("id", "unchosen"), say("continue.none"))
	switch {
	case l.unchosen:
		selection = el("p", class("selection", "error"), at("id", "unchosen"), at("role", "alert"), say("continue.choose"))
	case l.selected.ID != "":
		selection = el("p", class("selection"), at("id", "unchosen"), el("span", class("muted"), say("continue.selected")), el("strong", l.selected.Name))
	}
	return el("div", class("continue"),
		el("div", class("continue-inner"), selection, l.page.renderLeave(),
			button("primary", "continue", say("continue"), click("continue", l.resume))),
	)
}
