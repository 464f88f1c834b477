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
	"paycorcred/paycor/verdicts"
)

// render renders the detail page.
func (o *detailPage) render() goapp.UI {
	if o.deleted {
		return dom.El("div", dom.Class("screen"), o.renderBack(),
			dom.El("div", dom.Class("lead"), dom.El("h1", o.page.say("gone"))),
			dom.El("p", o.page.say("gone.words")))
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
			dom.El("div", dom.Class("lead-state"), badge(o.page.words, c)),
		),
		dom.El("div", dom.Class("actions"), o.renderActions()),
		renderStaleNotice(o.page.words, o.failure, o.refresh),
		dom.Slot(o.cooldown().render()),
		dom.Slot(renderReminder(o.page.words, o.credential, o.page.now())),
		o.renderPartLinks(),
		o.renderPart("overview", dom.El("div", dom.Class("part-cards"),
			dom.El("div", dom.Class("column"), o.renderVerification(), dom.Slot(o.saved.render("h3"))), dom.Slot(o.renderUsage()))),
		o.renderPart("use", callExamples{o}.render(), o.test.render()),
		o.renderPart("history", o.renderHistory()),
		o.renderPart("settings", dom.El("div", dom.Class("part-cards"), o.renderFacts(), o.sharing.render())),
		o.sharing.dialog.render(),
	)
}

// detailParts are the parts of the page in their order. Each is the ID of its element,
// and after "part." its key in the catalogue.
var detailParts = []string{"overview", "use", "history", "settings"}

// renderPartLinks links to the parts of the page. A frame may be as high as its content,
// and each link would add an entry to the embedding site's history, so there are none.
func (o *detailPage) renderPartLinks() goapp.UI {
	if o.page.embedded() {
		return dom.Slot()
	}
	links := []any{dom.Class("part-links")}
	for _, part := range detailParts {
		links = append(links, dom.El("li", dom.El("a", dom.Attr("href", "#"+part), o.page.say("part."+part))))
	}
	return dom.El("nav", dom.Attr("aria-label", o.page.say("parts")), dom.El("ul", links...))
}

// renderPart renders a part of the page under its heading.
func (o *detailPage) renderPart(id string, content ...any) goapp.UI {
	heading := id + "-part"
	return dom.El("section", append([]any{dom.Class("page-part"), dom.Attr("id", id), dom.Attr("aria-labelledby", heading),
		dom.El("h2", dom.Attr("id", heading), o.page.say("part."+id))}, content...)...)
}

func (o *detailPage) renderBack() goapp.UI {
	if o.page.embedded() {
		return dom.El("p", dom.Class("back"), dom.El("button", dom.Attr("type", "button"), dom.Attr("id", "back"), dom.Class("link"), dom.Icon("back"), dom.El("span", o.page.say("back")),
			dom.Click("back", o.page.showList)))
	}
	return dom.El("p", dom.Class("back"), dom.El("a", dom.Attr("href", "/?purpose="+string(o.page.start.Purpose)), dom.Icon("back"), dom.El("span", o.page.say("back"))))
}

// renderChosen says what to do with a selected credential, because without an
// embedding site the selection has no effect.
func (o *detailPage) renderChosen() any {
	if !o.page.start.Chosen {
		return nil
	}
	c := o.credential
	parts := []any{dom.El("p", dom.Class("notice-title"), o.page.say("chosen."+string(o.page.start.Purpose), c.Name))}
	if c.State != paycor.StateVerified {
		parts = append(parts, dom.El("p", o.chosenStateText()))
	}
	if o.page.start.Purpose == paycor.PurposeDestination {
		parts = append(parts, dom.El("p", o.page.say("destination.note")))
	}
	parts = append(parts, dom.El("p", dom.El("span", o.page.say("chosen.id")+" "), dom.El("code", c.ID)), o.page.copyButtonSaying("copy-chosen", o.page.say("chosen.copy"), c.ID))
	return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div", parts...))
}

// chosenStateText says what a state other than Verified means for calls.
func (o *detailPage) chosenStateText() string {
	c := o.credential
	text, effect := o.page.say("chosen.state."+string(c.State)), o.page.say("chosen.may-fail")
	if isUnusable(c) {
		effect = o.page.effectText(c, o.usage)
		if c.State == paycor.StateNotReachable {
			text = o.page.say("list.sentences", text, o.page.say("detail.last-known."+string(c.LastConclusive.Outcome)))
		}
	}
	return o.page.say("list.sentences", text, effect)
}

func (o *detailPage) renderActions() []goapp.UI {
	var actions []goapp.UI
	if o.page.can(paycor.RightEdit) {
		style := "primary"
		if len(o.corrections().fields()) > 0 {
			style = ""
		}
		needsActivation := o.credential.State == paycor.StateNeedsActivation
		if needsActivation {
			style = ""
			actions = append(actions, o.renderActivate("primary"))
		}
		actions = append(actions,
			dom.Button(style, "verify", verifyLabel(o.page.words, o.credential), dom.Click("verify", o.verify)),
			dom.Button("", "edit", o.page.say("edit"), dom.Attr("data-opens", editorID), dom.Attr("aria-haspopup", "dialog"),
				dom.Click("edit", func() { o.page.editor.openFor(opUpdate, o.credential, "edit") })),
			o.renderRotate(),
			dom.Button("", "duplicate", o.page.say("duplicate"), dom.Attr("aria-haspopup", "dialog"),
				dom.Click("duplicate", func() { o.page.editor.openFor(opDuplicate, o.credential, "duplicate") })),
		)
		if !needsActivation && (o.credential.Grant == paycor.GrantAuthorizationCode || !o.credential.ActivatedAt.IsZero()) {
			actions = append(actions, o.renderActivate(""))
		}
	}
	if o.page.can(paycor.RightAdmin) {
		actions = append(actions, dom.Button("danger-quiet", "delete", o.page.say("delete"), dom.Attr("aria-haspopup", "dialog"),
			dom.Click("delete", func() { o.page.deletion.openFor(o.credential, "delete") })))
	}
	return actions
}

// verifyLabel returns the label of the button that verifies. A credential that was
// never checked cannot be verified "again".
func verifyLabel(w words, c paycor.Credential) string {
	if c.Verdict == nil {
		return w.say("verify")
	}
	return w.say("verify.again")
}

// renderRotate renders the button that opens the rotation. While a previous secret is
// saved, it leads to what has to be decided first.
func (o *detailPage) renderRotate() goapp.UI {
	return dom.Button("", rotationButton, o.page.say("rotate"), dom.Attr("aria-haspopup", "dialog"), dom.Click(rotationButton, o.rotate))
}

func (o *detailPage) rotate() {
	if rotation := o.credential.Rotation; rotation != nil && rotation.State == paycor.RotationPrevious {
		o.page.setStatus(o.saved.nextSecret(), nil)
		o.page.loop.AfterRender(func() { o.page.document.Focus(savedSecretsID) })
		return
	}
	o.page.rotation.openForNew()
}

func (o *detailPage) renderActivate(style string) goapp.UI {
	label := o.page.say("activate")
	if !o.credential.ActivatedAt.IsZero() {
		label = o.page.say("activate.again")
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
		dom.El("p", dom.Class("notice-title"), o.page.sentence(o.notice.Message)), dom.El("p", o.page.sentence(remedy))))
}

// renderVerification renders the state in words: Paycor's last answer, and during
// an outage the one before.
func (o *detailPage) renderVerification() goapp.UI {
	c := o.credential
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "verification"), dom.El("h3", dom.Attr("id", "verification"), o.page.say("detail.verification")),
		o.page.renderError(errorAtVerification)}
	switch {
	case o.verifying:
		running := o.page.say("verify.running")
		if o.slow {
			running = o.page.say("verify.slow")
		}
		parts = append(parts, dom.El("p", dom.Attr("role", "status"), running), renderSteps(o.page.words, o.steps),
			dom.Button("", "verify-stop", o.page.say("cancel"), dom.Click("verify-stop", o.stop)))
	case c.Verdict == nil:
		parts = append(parts, dom.El("p", o.neverText()))
	default:
		parts = append(parts, o.renderOutage(), o.page.renderVerdict("own", o.page.environment(c.Environment), c.ID, *c.Verdict), dom.Slot(o.renderReplaced()), dom.Slot(o.corrections().render()), dom.Slot(o.renderEffect()), dom.Slot(renderLastSuccess(o.page.words, *c.Verdict, o.page.now())), o.peer.render(c.Environment, *c.Verdict),
			dom.Slot(o.renderEntities()), renderSteps(o.page.words, c.Verdict.Steps), renderDataAccess(o.page.words, c, o.page.now()),
			dom.El("p", dom.Class("muted", "small"), checkedLabel(o.page.words, c), o.page.pastTime(c.Verdict.CheckedAt, o.page.now())))
	}
	return dom.El("section", parts...)
}

// neverText says that a credential was never checked.
func (o *detailPage) neverText() string {
	if !o.page.can(paycor.RightEdit) {
		return o.page.say("detail.never")
	}
	return o.page.say("list.sentences", o.page.say("detail.never"), o.page.say("detail.never.verify"))
}

// renderEffect says what the state means for calls, and what the credential cannot read.
func (o *detailPage) renderEffect() any {
	text := o.page.effectText(o.credential, o.usage)
	if text == "" {
		text = deniedText(o.page.words, o.credential)
	}
	if text == "" {
		return nil
	}
	return dom.El("p", dom.Attr("id", "effect"), dom.El("strong", text))
}

// checkedLabel names the time of the latest verdict. An attempt that ended without a
// conclusive verdict is no check.
func checkedLabel(w words, c paycor.Credential) string {
	if !c.Verdict.Outcome.Conclusive() {
		return w.say("checked.attempt")
	}
	return w.say("checked")
}

// renderReplaced says what may have happened to a secret that Paycor rejects.
func (o *detailPage) renderReplaced() any {
	corrections := o.corrections().fields()
	if o.credential.Rotation != nil || !slices.Contains(corrections, fields.ClientSecret) && !slices.Contains(corrections, fields.SubscriptionKey) {
		return nil
	}
	return dom.El("p", o.page.say("detail.replaced"))
}

// isBlamed reports whether the last known verdict blames a field.
func isBlamed(c paycor.Credential, field fields.Field) bool {
	return c.LastConclusive != nil && slices.Contains(c.LastConclusive.Fields, field)
}

// coveredEntities is how many of the legal entities that an application covers are shown.
const coveredEntities = 20

// renderEntities shows the legal entities the application covers, if the saved one is the
// problem. Who may edit chooses one of them in the form, which checks it.
func (o *detailPage) renderEntities() any {
	verdict := *o.credential.Verdict
	if verdict.Outcome != verdicts.OutcomeRejected || !offersEntities(verdict) {
		return nil
	}
	shown := renderEntityList(o.page.words, verdict.Entities[:min(len(verdict.Entities), coveredEntities)])
	if o.page.can(paycor.RightEdit) {
		shown = renderEntityButtons(o.page.words, "own", verdict.Entities, coveredEntities, func(entity verdicts.LegalEntity) {
			editor := o.page.editor
			editor.openFor(opUpdate, o.credential, "own-"+entityID(entity))
			o.page.loop.AfterRender(func() {
				editor.entities.choose(entity)
				editor.Document.Focus(editor.SubmitID)
			})
		})
	}
	return dom.El("div", dom.El("p", o.page.say("covered")), shown)
}

// renderOutage says since when Paycor is not reachable, and the last known state.
func (o *detailPage) renderOutage() any {
	c := o.credential
	if c.State != paycor.StateNotReachable || c.LastConclusive == nil {
		return nil
	}
	return dom.El("div", dom.Class("notice"), dom.Icon("not_reachable"), dom.El("div",
		dom.El("p", dom.Class("notice-title"), dom.El("span", o.page.say("detail.unreachable")), o.page.pastTime(c.LastConclusive.CheckedAt, o.page.now())),
		dom.El("p", o.page.say("detail.last-known."+string(c.LastConclusive.Outcome)))))
}

func (o *detailPage) renderFacts() goapp.UI {
	c, now := o.credential, o.page.now()
	facts := []any{dom.Class("facts")}
	for _, spec := range paycor.FieldTable() {
		if spec.Field != fields.Name && spec.Field != fields.Description { // in the head of the page
			facts = append(facts, fact(o.page.fieldLabel(spec.Field), o.fieldFact(spec)))
		}
	}
	facts = append(facts,
		fact(o.page.say("application.title"), o.applicationFact()),
		fact(o.page.say("fact.activated"), activated(o.page.words, c, now)),
		fact(o.page.say("fact.used"), lastUsed(o.page.words, c, now)),
		fact(o.page.say("fact.created"), o.page.pastTime(c.CreatedAt, now)),
		fact(o.page.say("fact.changed"), o.page.pastTime(c.UpdatedAt, now)),
		fact(o.page.say("fact.id"), dom.El("span", dom.Class("copyable"), dom.El("code", c.ID), o.page.copyButton("copy-id", o.page.say("fact.id"), c.ID))),
	)
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "facts"),
		dom.El("h3", dom.Attr("id", "facts"), o.page.say("detail.facts")), dom.El("dl", facts...))
}

// fieldFact says what is stored in a field.
func (o *detailPage) fieldFact(spec paycor.FieldSpec) any {
	c, value := o.credential, o.credential.Draft().Value(spec.Field)
	switch spec.Field {
	case fields.ClientSecret:
		return savedSecret(o.page.words, c.HasClientSecret, c.ClientSecretSavedAt)
	case fields.SubscriptionKey:
		return savedSecret(o.page.words, c.HasSubscriptionKey, c.SubscriptionKeySavedAt)
	case fields.RotateBy:
		return rotateBy(o.page.words, c)
	case fields.Environment:
		return o.page.sentence(o.page.environment(c.Environment).Title())
	case fields.Grant:
		return o.page.say("grant." + value)
	case fields.LegalEntityID:
		if c.LegalEntityName != "" {
			return o.page.say("fact.entity", value, c.LegalEntityName)
		}
	}
	switch {
	case value == "":
		return dom.El("span", dom.Class("muted"), o.page.say("fact.none"))
	case spec.FreeText() || spec.Input == fields.InputNumber:
		return value
	}
	return dom.El("code", value)
}

func rotateBy(w words, c paycor.Credential) any {
	by, ok := c.RotateBy.Time()
	if !ok {
		return dom.El("span", dom.Class("muted"), w.say("fact.none"))
	}
	return w.exactTime(by, locale.CalendarDay)
}

func savedSecret(w words, has bool, at time.Time) any {
	if !has {
		return dom.El("span", dom.Class("muted"), w.say("fact.none"))
	}
	return savedOn(w, at)
}

// activated says when the credential was last activated, and by whom.
func activated(w words, c paycor.Credential, now time.Time) any {
	switch {
	case !c.ActivatedAt.IsZero() && c.ActivatedBy != "":
		return []goapp.UI{w.pastTime(c.ActivatedAt, now), goapp.Text(" "), dom.El("span", w.say("fact.by", w.nameText(c.ActivatedBy)))}
	case !c.ActivatedAt.IsZero():
		return w.pastTime(c.ActivatedAt, now)
	case c.Grant == paycor.GrantAuthorizationCode || c.State == paycor.StateNeedsActivation:
		return w.say("fact.never-used")
	}
	return dom.El("span", dom.Class("muted"), w.say("fact.unneeded"))
}

func lastUsed(w words, c paycor.Credential, now time.Time) any {
	if c.LastUsedAt.IsZero() {
		return w.say("fact.never-used")
	}
	return w.pastTime(c.LastUsedAt, now)
}
