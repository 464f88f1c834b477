package app

import (
	"slices"
	"strconv"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// render is a credential's own page.
func (o *own) render() goapp.UI {
	if o.gone {
		return el("div", class("screen"), o.renderBack(),
			el("div", class("lead"), el("h1", say("gone"))),
			el("p", say("gone.words")))
	}
	c := o.credential
	return el("div", class("screen"),
		o.renderBack(),
		slot(o.renderNotice()),
		slot(o.renderChosen()),
		el("div", class("lead", "lead-own"),
			el("div", class("lead-text"),
				el("h1", c.Name),
				el("p", class("lead-words"), c.Description),
			),
			el("div", class("lead-state"), badge(c)),
		),
		el("div", class("actions"), o.renderActions()),
		renderStale(o.failure, o.refresh),
		slot(o.renderPause()),
		slot(renderReminder(o.credential, o.page.now())),
		el("div", class("columns"),
			el("div", class("column"), o.renderVerification(), slot(o.page.rotation.renderKept()), o.renderCall(), slot(o.renderUsage())),
			el("div", class("column"), o.renderFacts(), o.sharing.render(), o.renderHistory()),
		),
	)
}

func (o *own) renderBack() goapp.UI {
	if o.page.embedded() {
		return el("p", class("back"), el("button", at("type", "button"), at("id", "back"), class("link"), icon("back"), el("span", say("back")),
			click("back", o.page.back)))
	}
	return el("p", class("back"), el("a", at("href", "/?purpose="+string(o.page.start.Purpose)), icon("back"), el("span", say("back"))))
}

// renderChosen says what is to be done with a credential that was chosen: there
// is no console here that takes it.
func (o *own) renderChosen() any {
	if !o.page.start.Chosen {
		return nil
	}
	c := o.credential
	parts := []any{el("p", class("notice-title"), say("chosen."+string(o.page.start.Purpose), c.Name))}
	if c.State != paycor.StateVerified {
		parts = append(parts, el("p", say("chosen.unfit")))
	}
	parts = append(parts, el("p", el("span", say("chosen.id")+" "), el("code", c.ID)), o.page.copyButtonSaying("copy-chosen", say("chosen.copy"), c.ID))
	return el("div", class("notice"), icon("key"), el("div", parts...))
}

func (o *own) renderActions() []goapp.UI {
	var actions []goapp.UI
	if o.page.may(paycor.RightEdit) {
		look := "primary"
		if o.credential.State == paycor.StateNeedsActivation {
			look = ""
			actions = append(actions, o.renderActivate("primary"))
		}
		actions = append(actions,
			button(look, "verify", say("verify"), click("verify", o.verify)),
			button("", "edit", say("edit"), at("data-opens", editorID), at("aria-haspopup", "dialog"),
				click("edit", func() { o.page.editor.begin(editing, o.credential, "edit") })),
			o.renderRotate(),
			button("", "duplicate", say("duplicate"), at("aria-haspopup", "dialog"),
				click("duplicate", func() { o.page.editor.begin(duplicating, o.credential, "duplicate") })),
		)
		if look == "primary" && (o.credential.Grant == paycor.GrantAuthorizationCode || !o.credential.ActivatedAt.IsZero()) {
			actions = append(actions, o.renderActivate(""))
		}
	}
	if o.page.may(paycor.RightAdmin) {
		actions = append(actions, button("danger-quiet", "delete", say("delete"), at("aria-haspopup", "dialog"),
			click("delete", func() { o.page.deletion.begin(o.credential, "delete") })))
	}
	return actions
}

// renderRotate opens the dialog that rotates. What is kept of a rotation has
// to be decided on first.
func (o *own) renderRotate() goapp.UI {
	kept := o.credential.Rotation
	return button("", rotationButton, say("rotate"), at("aria-haspopup", "dialog"), flag("hidden", kept != nil && kept.State == paycor.RotationPrevious),
		click(rotationButton, o.page.rotation.begin))
}

func (o *own) renderActivate(look string) goapp.UI {
	words := say("activate")
	if !o.credential.ActivatedAt.IsZero() {
		words = say("activate.again")
	}
	return button(look, activationButton, words, at("aria-haspopup", "dialog"),
		click("activate", func() { o.page.activation.begin(o.credential, activationButton) }))
}

// renderNotice says why the activation this page comes from was not finished.
func (o *own) renderNotice() any {
	if o.notice == nil {
		return nil
	}
	remedy := o.notice.Remedy
	if !o.notice.Code.Verdict().Outcome.Settles() { // to verify again does not activate
		remedy = say("activate.anew")
	}
	return el("div", at("id", "activation-notice"), class("notice", "bad"), at("role", "alert"), icon("rejected"), el("div",
		el("p", class("notice-title"), o.notice.Message), el("p", remedy)))
}

// renderVerification is the state in words: what Paycor said last, and what it
// said about the credential before an outage.
func (o *own) renderVerification() goapp.UI {
	c := o.credential
	parts := []any{class("card"), at("aria-labelledby", "verification"), el("h2", at("id", "verification"), say("own.verification")),
		o.page.renderFailure(atVerification)}
	switch {
	case o.verifying:
		running := say("verify.running")
		if o.slow {
			running = say("verify.slow")
		}
		parts = append(parts, el("p", at("role", "status"), running), renderSteps(o.steps),
			button("", "verify-stop", say("cancel"), click("verify-stop", o.stop)))
	case c.Verdict == nil:
		parts = append(parts, el("p", say("own.never")))
	default:
		parts = append(parts, o.renderOutage(), o.page.renderVerdict("own", o.page.environment(c.Environment), c.ID, *c.Verdict), o.other.render(c.Environment, *c.Verdict), slot(o.renderReplaced()),
			renderCovered(c), renderSteps(c.Verdict.Steps), renderDataAccess(c, o.page.now()),
			el("p", class("muted", "small"), say("checked"), moment(ago(c.Verdict.CheckedAt, o.page.now()), c.Verdict.CheckedAt)))
	}
	return el("section", parts...)
}

// renderReplaced says what to press where Paycor refuses a secret because it
// made another one.
func (o *own) renderReplaced() any {
	c := o.credential
	if blames := c.Verdict.Fields; c.State != paycor.StateRejected || !o.page.may(paycor.RightEdit) || c.Rotation != nil ||
		!slices.Contains(blames, paycor.FieldClientSecret) && !slices.Contains(blames, paycor.FieldSubscriptionKey) {
		return nil
	}
	return el("p", say("own.replaced"))
}

// renderOutage says since when Paycor could not be asked and what holds until
// it can be.
func (o *own) renderOutage() any {
	c := o.credential
	if c.State != paycor.StateNotReachable || c.Settled == nil {
		return nil
	}
	return el("div", class("notice"), icon("not_reachable"), el("div",
		el("p", class("notice-title"), el("span", say("own.unreachable")), moment(ago(c.Settled.CheckedAt, o.page.now()), c.Settled.CheckedAt)),
		el("p", say("own.holds."+string(c.Settled.Outcome)))))
}

func (o *own) renderFacts() goapp.UI {
	c, now := o.credential, o.page.now()
	number := strconv.Itoa(int(c.LegalEntityID))
	legalEntity := number
	if c.LegalEntityName != "" {
		legalEntity = say("fact.entity", number, c.LegalEntityName)
	}
	scope := any(el("span", class("muted"), say("fact.none")))
	if c.Scope != "" {
		scope = el("code", c.Scope)
	}
	return el("section", class("card"), at("aria-labelledby", "facts"),
		el("h2", at("id", "facts"), say("own.facts")),
		el("dl", class("facts"),
			fact(paycor.FieldEnvironment.Label(), o.page.environment(c.Environment).Title),
			fact(paycor.FieldClientID.Label(), el("code", c.ClientID)),
			fact(paycor.FieldClientSecret.Label(), savedSecret(c.HasClientSecret, c.ClientSecretSavedAt)),
			fact(paycor.FieldSubscriptionKey.Label(), savedSecret(c.HasSubscriptionKey, c.SubscriptionKeySavedAt)),
			fact(paycor.FieldLegalEntityID.Label(), legalEntity),
			fact(paycor.FieldScope.Label(), scope),
			fact(paycor.FieldGrant.Label(), say("grant."+string(c.Grant))),
			fact(paycor.FieldRotateBy.Label(), rotateBy(c)),
			fact(say("fact.activated"), activated(c, now)),
			fact(say("fact.used"), lastUsed(c, now)),
			fact(say("fact.created"), moment(ago(c.CreatedAt, now), c.CreatedAt)),
			fact(say("fact.changed"), moment(ago(c.UpdatedAt, now), c.UpdatedAt)),
			fact(say("fact.id"), el("span", class("copyable"), el("code", c.ID), o.page.copyButton("copy-id", say("fact.id"), c.ID))),
		),
	)
}

func rotateBy(c paycor.Credential) any {
	by, ok := c.RotateBy.Time()
	if !ok {
		return el("span", class("muted"), say("fact.none"))
	}
	return moment(day(by), by)
}

func savedSecret(has bool, at time.Time) any {
	if !has {
		return el("span", class("muted"), say("fact.none"))
	}
	return savedOn(at)
}

// activated says when the credential was activated last, and by whom.
func activated(c paycor.Credential, now time.Time) any {
	switch {
	case !c.ActivatedAt.IsZero() && c.ActivatedBy != "":
		return []goapp.UI{moment(ago(c.ActivatedAt, now), c.ActivatedAt), goapp.Text(" "), el("span", say("fact.by", c.ActivatedBy))}
	case !c.ActivatedAt.IsZero():
		return moment(ago(c.ActivatedAt, now), c.ActivatedAt)
	case c.Grant == paycor.GrantAuthorizationCode || c.State == paycor.StateNeedsActivation:
		return say("fact.unused")
	}
	return el("span", class("muted"), say("fact.unneeded"))
}

func lastUsed(c paycor.Credential, now time.Time) any {
	if c.LastUsedAt.IsZero() {
		return say("fact.unused")
	}
	return moment(ago(c.LastUsedAt, now), c.LastUsedAt)
}

func (o *own) renderCommand(id, what, command string) goapp.UI {
	return el("div", class("command"),
		el("div", class("command-head"), el("h3", what), o.page.copyButton(id, what, command)),
		el("pre", at("tabindex", "0"), at("role", "group"), at("aria-label", what), command),
	)
}
