package app

import (
	"strconv"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// tileID returns the ID of a tile's radio button.
func tileID(id string) string { return "tile-" + id }

// renderTile renders a credential to choose: a native radio button whose label
// is the tile. The link to the detail page is next to the label, not in it.
func (l *credentialList) renderTile(credential paycor.Credential, now time.Time) goapp.UI {
	id := credential.ID
	parts := []any{dom.Class("tile-label"), dom.Attr("for", tileID(id)),
		dom.El("span", dom.Class("tile-head"), dom.El("span", dom.Class("tile-name"), credential.Name), dom.El("span", dom.Class("radio-mark"), dom.Attr("aria-hidden", "true"))),
		badge(l.page.words, credential),
	}
	if credential.Description != "" {
		parts = append(parts, dom.El("span", dom.Class("tile-description"), credential.Description))
	}
	facts := []any{dom.Class("tile-facts"),
		dom.El("span", l.page.sentence(l.page.environment(credential.Environment).Title())),
		dom.El("span", entity(l.page.words, credential)),
	}
	if denied := deniedText(l.page.words, credential); denied != "" {
		parts = append(parts, reminderLine("odd", denied))
	}
	if credential.Sharing != nil {
		facts = append(facts, dom.El("span", dom.Class("tile-shared"), dom.Icon("restricted"), dom.El("span", l.page.say("sharing.mark"))))
	}
	parts = append(parts, dom.El("span", facts...), renderTags(l.page.words, credential.Tags), dom.El("span", dom.Class("tile-times"),
		checked(l.page.words, credential, now),
		used(l.page.words, credential, now),
	))
	if remind := renderReminder(l.page.words, credential, now); remind != nil {
		parts = append(parts, remind)
	}
	return dom.El("div", dom.Class("tile"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "credential"), dom.Class("tile-radio"), dom.Attr("id", tileID(id)), dom.Attr("value", id),
			dom.Property("checked", l.selected.ID == id), dom.Flag("data-asks", isUnusable(credential)),
			dom.On("change", "choose/"+id, func(goapp.Event) { l.selectCredential(id) })),
		dom.El("label", parts...),
		l.renderLinks(credential),
	)
}

// shownTags is how many tags are shown where there is little space.
const shownTags = 3

// renderTags renders the first tags, and how many there are further ones.
func renderTags(w words, tags paycor.Tags) any {
	list := tags.List()
	if len(list) == 0 {
		return nil
	}
	parts := []any{dom.Class("tags"), dom.VisuallyHidden(w.fieldLabel(fields.Tags))}
	for _, tag := range list[:min(len(list), shownTags)] {
		parts = append(parts, " ", dom.El("span", dom.Class("tag"), tag))
	}
	if more := len(list) - shownTags; more > 0 {
		parts = append(parts, " ", dom.El("span", w.count(more, "tags.more")))
	}
	return dom.El("span", parts...)
}

// renderLinks links to the detail page, and to the activation if that is all that
// is missing.
func (l *credentialList) renderLinks(credential paycor.Credential) goapp.UI {
	id := credential.ID
	href, words, whose := pathOf(id), l.page.say("details"), l.page.say("details.of", credential.Name)
	if credential.State == paycor.StateNeedsActivation && l.page.can(paycor.RightEdit) {
		href, words, whose = activationOf(credential.ID), l.page.say("activate"), credential.Name
	}
	if l.page.embedded() {
		return dom.El("button", dom.Attr("type", "button"), dom.Class("tile-link"), dom.Attr("id", "details-"+id), words, dom.VisuallyHidden(whose),
			dom.Click("details/"+href, func() { l.page.document.Open(href) }))
	}
	return dom.El("a", dom.Class("tile-link"), dom.Attr("href", href), words, dom.VisuallyHidden(whose))
}

// badge renders the state of a credential as word and icon, with the fields Paycor
// blames.
func badge(w words, credential paycor.Credential) goapp.UI {
	word := stateText(w, credential)
	if fields := blamedFieldsText(w, credential); fields != "" {
		word = w.say("state.blames", word, fields)
	}
	return badgeOf(credential.State, word)
}

// stateBadge renders a state without what is known beyond it.
func stateBadge(w words, state paycor.State) goapp.UI {
	return badgeOf(state, w.say("state."+string(state)))
}

func badgeOf(state paycor.State, word string) goapp.UI {
	return dom.El("span", dom.Class("badge", "is-"+string(state)), dom.Icon(string(state)), dom.El("span", word))
}

// stateText returns the word for a state. Paycor is "not reachable" only if no response
// arrived.
func stateText(w words, c paycor.Credential) string {
	switch {
	case c.State == paycor.StateVerified && c.LastConclusive != nil && c.LastConclusive.Code == verdicts.CodeVerifiedNoAccess:
		return w.say("state.verified_without_access")
	case c.State == paycor.StateNotReachable && c.Verdict != nil:
		switch outage := c.Verdict.Outage(); outage {
		case verdicts.OutageError, verdicts.OutageThrottled, verdicts.OutageUnreadable, verdicts.OutageUnsent:
			return w.say("state.outage." + string(outage))
		}
	}
	return w.say("state." + string(c.State))
}

// blamedFieldsText names the fields a rejection blames. Two are named if it could be
// either.
func blamedFieldsText(w words, credential paycor.Credential) string {
	if credential.State != paycor.StateRejected || credential.LastConclusive == nil {
		return ""
	}
	labels := make([]string, len(credential.LastConclusive.Fields))
	for i, field := range credential.LastConclusive.Fields {
		labels[i] = w.fieldLabel(field)
	}
	return strings.Join(labels, w.say("or"))
}

// entity names the legal entity, by its ID until its name is known.
func entity(w words, credential paycor.Credential) string {
	number := strconv.Itoa(int(credential.LegalEntityID))
	if credential.LegalEntityName == "" {
		return w.say("entity", number)
	}
	return w.say("entity.named", number, credential.LegalEntityName)
}

// checked says when the credential was last checked with Paycor.
func checked(w words, credential paycor.Credential, now time.Time) goapp.UI {
	if credential.Verdict == nil {
		return dom.El("span", w.say("checked.never"))
	}
	if credential.State == paycor.StateNotReachable {
		return dom.El("span", dom.Class("tile-since"), dom.El("span", w.say("since."+string(credential.LastConclusive.Outcome))), w.pastTime(credential.LastConclusive.CheckedAt, now))
	}
	return dom.El("span", checkedLabel(w, credential), w.pastTime(credential.Verdict.CheckedAt, now))
}

// used says when the credential was last used.
func used(w words, credential paycor.Credential, now time.Time) goapp.UI {
	if credential.LastUsedAt.IsZero() {
		return dom.El("span", w.say("used.never"))
	}
	return dom.El("span", w.say("used"), w.pastTime(credential.LastUsedAt, now))
}
