package app

import (
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// render renders the detail page.
func (o *detailPage) render() goapp.UI {
	if o.deleted {
		return dom.El("div", dom.Class("screen"), o.renderBack(),
			dom.El("div", dom.Class("lead"), dom.El("h1", say("gone"))),
			dom.El("p", say("gone.words")))
	}
	c := o.credential
	return dom.El("div", dom.Class("screen"),
		o.renderBack(),
		dom.Slot(o.renderNotice()),
		dom.Slot(o.renderChosen()),
		dom.El("div", dom.Class("lead", "lead-detail"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", c.Name),
				dom.El("p", dom.Class("lead-words"), c.Description),
			),
			dom.El("div", dom.Class("lead-state"), badge(c)),
		),
		dom.El("div", dom.Class("actions"), o.renderActions()),
		renderStaleNotice(o.failure, o.refresh),
		dom.Slot(o.renderPause()),
		dom.Slot(renderReminder(o.credential, o.page.now())),
		dom.El("div", dom.Class("columns"),
			dom.El("div", dom.Class("column"), o.renderVerification(), dom.Slot(o.saved.render()), o.renderCall(), dom.Slot(o.renderUsage())),
			dom.El("div", dom.Class("column"), o.renderFacts(), o.sharing.render(), o.renderHistory()),
		),
		o.sharing.dialog.render(),
	)
}

func (o *detailPage) renderBack() goapp.UI {
	if o.page.embedded() {
		return dom.El("p", dom.Class("back"), dom.El("button", dom.Attr("type", "button"), dom.Attr("id", "back"), dom.Class("link"), dom.Icon("back"), dom.El("span", say("back")),
			dom.Click("back", o.page.showList)))
	}
	return dom.El("p", dom.Class("back"), dom.El("a", dom.Attr("href", "/?purpose="+string(o.page.start.Purpose)), dom.Icon("back"), dom.El("span", say("back"))))
}

// renderChosen says what to do with a selected credential, because without an
// embedding site the selection has no effect.
func (o *detailPage) renderChosen() any {
	if !o.page.start.Chosen {
		return nil
	}
	c := o.credential
	parts := []any{dom.El("p", dom.Class("notice-title"), say("chosen."+string(o.page.start.Purpose), c.Name))}
	if c.State != paycor.StateVerified {
		parts = append(parts, dom.El("p", say("chosen.state."+string(c.State))))
	}
	parts = append(parts, dom.El("p", dom.El("span", say("chosen.id")+" "), dom.El("code", c.ID)), o.page.copyButtonSaying("copy-chosen", say("chosen.copy"), c.ID))
	return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div", parts...))
}

func (o *detailPage) renderActions() []goapp.UI {
	var actions []goapp.UI
	if o.page.can(paycor.RightEdit) {
		style := "primary"
		if o.credential.State == paycor.StateNeedsActivation {
			style = ""
			actions = append(actions, o.renderActivate("primary"))
		}
		actions = append(actions,
			dom.Button(style, "verify", verifyLabel(o.credential), dom.Click("verify", o.verify)),
			dom.Button("", "edit", say("edit"), dom.Attr("data-opens", editorID), dom.Attr("aria-haspopup", "dialog"),
				dom.Click("edit", func() { o.page.editor.openFor(opUpdate, o.credential, "edit") })),
			o.renderRotate(),
			dom.Button("", "duplicate", say("duplicate"), dom.Attr("aria-haspopup", "dialog"),
				dom.Click("duplicate", func() { o.page.editor.openFor(opDuplicate, o.credential, "duplicate") })),
		)
		if style == "primary" && (o.credential.Grant == paycor.GrantAuthorizationCode || !o.credential.ActivatedAt.IsZero()) {
			actions = append(actions, o.renderActivate(""))
		}
	}
	if o.page.can(paycor.RightAdmin) {
		actions = append(actions, dom.Button("danger-quiet", "delete", say("delete"), dom.Attr("aria-haspopup", "dialog"),
			dom.Click("delete", func() { o.page.deletion.openFor(o.credential, "delete") })))
	}
	return actions
}

// verifyLabel returns the label of the button that verifies. A credential that was
// never checked cannot be verified "again".
func verifyLabel(c paycor.Credential) string {
	if c.Verdict == nil {
		return say("verify")
	}
	return say("verify.again")
}

// renderRotate renders the button that opens the rotation. It is hidden while a
// previous secret is saved, which has to be restored or deleted first.
func (o *detailPage) renderRotate() goapp.UI {
	rotation := o.credential.Rotation
	return dom.Button("", rotationButton, say("rotate"), dom.Attr("aria-haspopup", "dialog"), dom.Flag("hidden", rotation != nil && rotation.State == paycor.RotationPrevious),
		dom.Click(rotationButton, o.page.rotation.openForNew))
}

func (o *detailPage) renderActivate(style string) goapp.UI {
	label := say("activate")
	if !o.credential.ActivatedAt.IsZero() {
		label = say("activate.again")
	}
	return dom.Button(style, activationButton, label, dom.Attr("aria-haspopup", "dialog"),
		dom.Click("activate", func() { o.page.activation.openFor(o.credential, activationButton) }))
}

// renderNotice says why the activation did not finish.
func (o *detailPage) renderNotice() any {
	if o.notice == nil {
		return nil
	}
	remedy := o.notice.Remedy
	if !o.notice.Code.Verdict().Outcome.Conclusive() { // verifying again does not activate
		remedy = message.New("activate.unfinished")
	}
	return dom.El("div", dom.Attr("id", "activation-notice"), dom.Class("notice", "bad"), dom.Attr("role", "alert"), dom.Icon("rejected"), dom.El("div",
		dom.El("p", dom.Class("notice-title"), sentence(o.notice.Message)), dom.El("p", sentence(remedy))))
}

// renderVerification renders the state in words: Paycor's last answer, and during
// an outage the one before.
func (o *detailPage) renderVerification() goapp.UI {
	c := o.credential
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "verification"), dom.El("h2", dom.Attr("id", "verification"), say("detail.verification")),
		o.page.renderError(errorAtVerification)}
	switch {
	case o.verifying:
		running := say("verify.running")
		if o.slow {
			running = say("verify.slow")
		}
		parts = append(parts, dom.El("p", dom.Attr("role", "status"), running), renderSteps(o.steps),
			dom.Button("", "verify-stop", say("cancel"), dom.Click("verify-stop", o.stop)))
	case c.Verdict == nil:
		parts = append(parts, dom.El("p", say("detail.never")))
	default:
		parts = append(parts, o.renderOutage(), o.page.renderVerdict("own", o.page.environment(c.Environment), c.ID, *c.Verdict), o.peer.render(c.Environment, *c.Verdict), dom.Slot(o.renderReplaced()),
			renderCoveredEntities(c), renderSteps(c.Verdict.Steps), renderDataAccess(c, o.page.now()),
			dom.El("p", dom.Class("muted", "small"), checkedLabel(c), pastTime(c.Verdict.CheckedAt, o.page.now())))
	}
	return dom.El("section", parts...)
}

// checkedLabel names the time of the latest verdict. A check that did not reach
// Paycor does not count as one.
func checkedLabel(c paycor.Credential) string {
	if c.State == paycor.StateNotReachable {
		return say("checked.attempt")
	}
	return say("checked")
}

// renderReplaced offers to enter the new secret if it was replaced in Paycor.
func (o *detailPage) renderReplaced() any {
	c := o.credential
	if blames := c.Verdict.Fields; c.State != paycor.StateRejected || !o.page.can(paycor.RightEdit) || c.Rotation != nil ||
		!slices.Contains(blames, fields.ClientSecret) && !slices.Contains(blames, fields.SubscriptionKey) {
		return nil
	}
	return dom.El("p", say("detail.replaced"))
}

// renderOutage says since when Paycor is not reachable, and the last known state.
func (o *detailPage) renderOutage() any {
	c := o.credential
	if c.State != paycor.StateNotReachable || c.LastConclusive == nil {
		return nil
	}
	return dom.El("div", dom.Class("notice"), dom.Icon("not_reachable"), dom.El("div",
		dom.El("p", dom.Class("notice-title"), dom.El("span", say("detail.unreachable")), pastTime(c.LastConclusive.CheckedAt, o.page.now())),
		dom.El("p", say("detail.last-known."+string(c.LastConclusive.Outcome)))))
}

func (o *detailPage) renderFacts() goapp.UI {
	c, now := o.credential, o.page.now()
	facts := []any{dom.Class("facts")}
	for _, spec := range paycor.FieldTable() {
		if spec.Field != fields.Name && spec.Field != fields.Description { // in the head of the page
			facts = append(facts, fact(fieldLabel(spec.Field), o.fieldFact(spec)))
		}
	}
	facts = append(facts,
		fact(say("fact.activated"), activated(c, now)),
		fact(say("fact.used"), lastUsed(c, now)),
		fact(say("fact.created"), pastTime(c.CreatedAt, now)),
		fact(say("fact.changed"), pastTime(c.UpdatedAt, now)),
		fact(say("fact.id"), dom.El("span", dom.Class("copyable"), dom.El("code", c.ID), o.page.copyButton("copy-id", say("fact.id"), c.ID))),
	)
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "facts"),
		dom.El("h2", dom.Attr("id", "facts"), say("detail.facts")), dom.El("dl", facts...))
}

// fieldFact says what is stored in a field.
func (o *detailPage) fieldFact(spec paycor.FieldSpec) any {
	c, value := o.credential, o.credential.Draft().Value(spec.Field)
	switch spec.Field {
	case fields.ClientSecret:
		return savedSecret(c.HasClientSecret, c.ClientSecretSavedAt)
	case fields.SubscriptionKey:
		return savedSecret(c.HasSubscriptionKey, c.SubscriptionKeySavedAt)
	case fields.RotateBy:
		return rotateBy(c)
	case fields.Environment:
		return sentence(o.page.environment(c.Environment).Title())
	case fields.Grant:
		return say("grant." + value)
	case fields.LegalEntityID:
		if c.LegalEntityName != "" {
			return say("fact.entity", value, c.LegalEntityName)
		}
	}
	switch {
	case value == "":
		return dom.El("span", dom.Class("muted"), say("fact.none"))
	case spec.FreeText() || spec.Input == fields.InputNumber:
		return value
	}
	return dom.El("code", value)
}

func rotateBy(c paycor.Credential) any {
	by, ok := c.RotateBy.Time()
	if !ok {
		return dom.El("span", dom.Class("muted"), say("fact.none"))
	}
	return exactTime(by, locale.CalendarDay)
}

func savedSecret(has bool, at time.Time) any {
	if !has {
		return dom.El("span", dom.Class("muted"), say("fact.none"))
	}
	return savedOn(at)
}

// activated says when the credential was last activated, and by whom.
func activated(c paycor.Credential, now time.Time) any {
	switch {
	case !c.ActivatedAt.IsZero() && c.ActivatedBy != "":
		return []goapp.UI{pastTime(c.ActivatedAt, now), goapp.Text(" "), dom.El("span", say("fact.by", nameText(c.ActivatedBy)))}
	case !c.ActivatedAt.IsZero():
		return pastTime(c.ActivatedAt, now)
	case c.Grant == paycor.GrantAuthorizationCode || c.State == paycor.StateNeedsActivation:
		return say("fact.never-used")
	}
	return dom.El("span", dom.Class("muted"), say("fact.unneeded"))
}

func lastUsed(c paycor.Credential, now time.Time) any {
	if c.LastUsedAt.IsZero() {
		return say("fact.never-used")
	}
	return pastTime(c.LastUsedAt, now)
}

func (o *detailPage) renderCommand(id, what, command string) goapp.UI {
	return dom.El("div", dom.Class("command"),
		dom.El("div", dom.Class("command-head"), dom.El("h3", what), o.page.copyButton(id, what, command)),
		dom.El("pre", dom.Attr("tabindex", "0"), dom.Attr("role", "group"), dom.Attr("aria-label", what), command),
	)
}
