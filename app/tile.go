package app

import (
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// tileID is the id of a tile's radio.
func tileID(id string) string { return "tile-" + id }

// renderTile is one credential to choose: a native radio whose label is the
// tile, and beside the label, not in it, the way to the credential's own page.
func (l *list) renderTile(credential paycor.Credential) goapp.UI {
	id, now := credential.ID, l.page.now()
	parts := []any{class("tile-label"), at("for", tileID(id)),
		el("span", class("tile-head"), el("span", class("tile-name"), credential.Name), el("span", class("radio-mark"), at("aria-hidden", "true"))),
		badge(credential),
	}
	if credential.Description != "" {
		parts = append(parts, el("span", class("tile-description"), credential.Description))
	}
	facts := []any{class("tile-facts"),
		el("span", l.page.environment(credential.Environment).Title),
		el("span", entity(credential)),
	}
	if credential.Sharing != nil {
		facts = append(facts, el("span", class("tile-shared"), icon("restricted"), el("span", say("sharing.mark"))))
	}
	parts = append(parts, el("span", facts...), el("span", class("tile-times"),
		checked(credential, now),
		used(credential, now),
	))
	if remind := renderReminder(credential, now); remind != nil {
		parts = append(parts, remind)
	}
	return el("div", class("tile"),
		el("input", at("type", "radio"), at("name", "credential"), class("tile-radio"), at("id", tileID(id)), at("value", id),
			state("checked", l.selected.ID == id),
			on("change", "choose/"+id, func(goapp.Event) { l.choose(id) })),
		el("label", parts...),
		l.renderWay(credential),
	)
}

// renderWay is the link to the credential's own page, and where an activation
// is all that is missing, to that.
func (l *list) renderWay(credential paycor.Credential) goapp.UI {
	id := credential.ID
	href, words, whose := pathOf(id), say("details"), say("details.of", credential.Name)
	if credential.State == paycor.StateNeedsActivation && l.page.may(paycor.RightEdit) {
		href, words, whose = activationOf(credential.ID), say("activate"), credential.Name
	}
	if l.page.embedded() {
		return el("button", at("type", "button"), class("tile-link"), at("id", "details-"+id), words, unseen(whose),
			click("details/"+href, func() { l.page.surface.Open(href) }))
	}
	return el("a", class("tile-link"), at("href", href), words, unseen(whose))
}

// badge is a credential's state as word and picture, with the fields to blame
// where there are any.
func badge(credential paycor.Credential) goapp.UI {
	word := say("state." + string(credential.State))
	if fields := blamed(credential); fields != "" {
		word = say("state.blames", word, fields)
	}
	return el("span", class("badge", "is-"+string(credential.State)), icon(string(credential.State)), el("span", word))
}

// blamed names the fields that a rejection blames: one, or honestly two.
func blamed(credential paycor.Credential) string {
	if credential.State != paycor.StateRejected || credential.Settled == nil {
		return ""
	}
	labels := make([]string, len(credential.Settled.Fields))
	for i, field := range credential.Settled.Fields {
		labels[i] = field.Label()
	}
	return strings.Join(labels, say("or"))
}

// entity names the legal entity, once its name is known.
func entity(credential paycor.Credential) string {
	number := strconv.Itoa(int(credential.LegalEntityID))
	if credential.LegalEntityName == "" {
		return say("entity", number)
	}
	return say("entity.named", number, credential.LegalEntityName)
}

// checked says when Paycor was last asked.
func checked(credential paycor.Credential, now time.Time) goapp.UI {
	if credential.Verdict == nil {
		return el("span", say("checked.never"))
	}
	at := credential.Verdict.CheckedAt
	if credential.State == paycor.StateNotReachable {
		return el("span", class("tile-since"), el("span", say("since."+string(credential.Settled.Outcome))), moment(ago(credential.Settled.CheckedAt, now), credential.Settled.CheckedAt))
	}
	return el("span", say("checked"), moment(ago(at, now), at))
}

// used says when the credential was last used.
func used(credential paycor.Credential, now time.Time) goapp.UI {
	if credential.LastUsedAt.IsZero() {
		return el("span", say("used.never"))
	}
	return el("span", say("used"), moment(ago(credential.LastUsedAt, now), credential.LastUsedAt))
}
