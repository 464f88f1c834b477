package app

import (
	"net/url"
	"slices"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
)

const applicationsPath = "/applications/"

func applicationPath(id string) string { return applicationsPath + url.PathEscape(id) }

// applicationPage is the page of one application: its credentials, what they share, and
// which programs use them.
type applicationPage struct {
	page        *credentialsPage
	application application.Application
	same        []application.Application // others with the same Client ID, whose secrets differ
	usage       *usage.Usage              // nil if the caller may not see it
	chart       *usageChart
	failure     string // why the page is not up to date
	deleted     bool   // or no longer visible
	reading     int    // the latest read; earlier responses are out of date
}

func newApplicationPage(p *credentialsPage) *applicationPage {
	a := &applicationPage{page: p, same: p.start.SameClient, usage: p.start.Usage, failure: p.start.Failure}
	a.chart = &usageChart{page: p, usage: func() *usage.Usage { return a.usage }}
	if p.start.Application != nil {
		a.application = *p.start.Application
	} else {
		a.deleted = true
	}
	return a
}

// refresh reads the application and its usage again. What is shown stays if that fails.
func (a *applicationPage) refresh() {
	a.reading++
	reading := a.reading
	a.page.loop.Async(func() {
		read, err := a.page.service.Application(a.page.ctx, a.application.ID)
		used, usageErr := a.page.service.ApplicationUsage(a.page.ctx, a.application.ID)
		a.page.loop.Update(func() {
			switch {
			case reading != a.reading:
			case err == nil:
				a.application, a.failure, a.deleted = read, "", false
				if usageErr == nil {
					a.usage = &used
				}
			case paycor.KindOf(err) == paycor.KindNotFound:
				a.deleted = true
			default:
				a.failure = a.page.say("detail.stale", a.page.errorText(err))
			}
		})
	})
}

// apply reads the application again if one of its credentials changed, or may be new.
func (a *applicationPage) apply(changes []events.Change) {
	if len(changes) > 0 {
		a.refresh()
	}
	if a.page.detail != nil {
		a.page.detail.apply(changes)
	}
}

// actions are what can be done to the application. The dialogs do it through one of its
// credentials, which the page does not show.
func (a *applicationPage) actions() []goapp.UI {
	through := a.page.detail
	if through == nil || through.deleted || !a.page.can(paycor.RightEdit) {
		return nil
	}
	style, scope := "", through.credential.Grant == paycor.GrantAuthorizationCode
	if a.application.State() == paycor.StateNeedsActivation {
		style, scope = "primary", true
	}
	actions := []goapp.UI{through.renderRotate()}
	if scope { // its dialog asks for the Scope ID
		return append([]goapp.UI{through.renderActivate(style)}, actions...)
	}
	label := a.page.say("scope.enter")
	if a.application.Scope != "" {
		label = a.page.say("scope.change")
	}
	return append(actions, dom.Button("", "enter-scope", label, dom.Attr("aria-haspopup", "dialog"), dom.Click("enter-scope", func() { through.corrections().enter(fields.Scope) })))
}

func (a *applicationPage) render() goapp.UI {
	w := a.page.words
	back := dom.El("p", dom.Class("back"), dom.El("a", dom.Attr("href", "/"), dom.Icon("back"), dom.El("span", w.say("back"))))
	if a.deleted {
		return dom.El("div", dom.Class("screen"), back,
			dom.El("div", dom.Class("lead"), dom.El("h1", w.say("application.gone"))), dom.El("p", w.say("application.gone.words")))
	}
	var used, kept any
	if a.usage != nil {
		used = usageCard{a.page, *a.usage, a.chart, "h2", "h3"}.render()
	}
	if a.page.detail != nil && !a.page.detail.deleted {
		kept = a.page.detail.saved.render("h2")
	}
	return dom.El("div", dom.Class("screen"), back,
		dom.El("div", dom.Class("lead", "lead-detail"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", w.say("application.title")),
				dom.El("p", dom.Class("lead-words"), w.say("application.lead")),
			),
			dom.El("div", dom.Class("lead-state"), stateBadge(w, a.application.State())),
		),
		dom.El("div", dom.Class("actions"), a.actions()),
		renderStaleNotice(w, a.failure, a.refresh),
		dom.El("div", dom.Class("columns"),
			dom.El("div", dom.Class("column"), a.renderCredentials(), dom.Slot(kept), dom.Slot(used)),
			dom.El("div", dom.Class("column"), a.renderFacts(), dom.Slot(a.renderSame())),
		),
	)
}

// renderCredentials lists the application's credentials, each with its state.
func (a *applicationPage) renderCredentials() goapp.UI {
	w := a.page.words
	items := []any{dom.Class("users"), dom.Attr("aria-labelledby", "credentials")}
	for _, credential := range a.application.Credentials {
		id := strconv.Itoa(int(credential.LegalEntityID))
		entity := w.say("fact.entity.id", id)
		if credential.LegalEntityName != "" {
			entity = w.say("fact.entity", id, credential.LegalEntityName)
		}
		items = append(items, dom.El("li",
			dom.El("p", dom.Class("application-credential"), dom.El("a", dom.Attr("href", pathOf(credential.ID)), credential.Name), stateBadge(w, credential.State)),
			dom.El("p", dom.Class("muted", "small"), entity)))
	}
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "credentials"),
		dom.El("h2", dom.Attr("id", "credentials"), w.say("application.credentials", w.number(max(a.application.Total, len(a.application.Credentials))))), dom.El("ul", items...)}
	if a.application.Others {
		parts = append(parts, dom.El("p", dom.Class("muted"), w.say("application.users.others")))
	}
	return dom.El("section", parts...)
}

// renderFacts shows what the credentials share.
func (a *applicationPage) renderFacts() goapp.UI {
	w, now, one := a.page.words, a.page.now(), a.application
	scope := any(dom.El("span", dom.Class("muted"), w.say("fact.none")))
	if one.Scope != "" {
		scope = dom.El("code", one.Scope)
	}
	shared := paycor.Credential{ActivatedAt: one.ActivatedAt, ActivatedBy: one.ActivatedBy, Grant: one.Grant, State: one.State(), RotateBy: one.RotateBy}
	facts := []any{dom.Class("facts"),
		fact(w.fieldLabel("environment"), w.sentence(a.page.environment(one.Environment).Title())),
		fact(w.fieldLabel("client_id"), dom.El("code", one.ClientID)),
		fact(w.fieldLabel("client_secret"), savedSecret(w, !one.ClientSecretSavedAt.IsZero(), one.ClientSecretSavedAt)),
		fact(w.fieldLabel("subscription_key"), savedSecret(w, !one.SubscriptionKeySavedAt.IsZero(), one.SubscriptionKeySavedAt)),
		fact(w.fieldLabel("scope"), scope),
		fact(w.fieldLabel("grant"), w.say("grant."+string(one.Grant))),
		fact(w.fieldLabel("rotate_by"), rotateBy(w, shared)),
		fact(w.say("fact.activated"), activated(w, shared, now)),
		fact(w.say("application.rotation"), a.rotation()),
		fact(w.say("application.id"), dom.El("span", dom.Class("copyable"), dom.El("code", one.ID), a.page.copyButton("copy-id", w.say("application.id"), one.ID))),
	}
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "facts"),
		dom.El("h2", dom.Attr("id", "facts"), w.say("detail.facts")), dom.El("dl", facts...),
		dom.El("p", dom.Class("muted", "small"), w.say("application.change")))
}

// rotation says what a rotation keeps.
func (a *applicationPage) rotation() any {
	kept := a.application.Rotation
	if kept == nil {
		return dom.El("span", dom.Class("muted"), a.page.say("fact.none"))
	}
	return a.page.say("rotation." + string(kept.State))
}

// renderSame links to other applications with the same Client ID, and says which of
// their secrets Paycor accepts.
func (a *applicationPage) renderSame() any {
	if len(a.same) == 0 {
		return nil
	}
	w := a.page.words
	items := []any{dom.Class("users"), dom.Attr("aria-labelledby", "same-client")}
	for _, other := range a.same {
		items = append(items, dom.El("li",
			dom.El("p", dom.Class("application-credential"), dom.El("a", dom.Attr("href", applicationPath(other.ID)), w.savedText(other.SavedAt())), stateBadge(w, other.State())),
			dom.El("p", dom.Class("muted", "small"), w.usersText(other))))
	}
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "same-client"),
		dom.El("h2", dom.Attr("id", "same-client"), w.say("application.same")),
		dom.El("p", sameText(w, a.application, a.same)), dom.El("ul", items...))
}

// sameText says which of the secrets work.
func sameText(w words, one application.Application, others []application.Application) string {
	works := func(a application.Application) bool { return a.State() == paycor.StateVerified }
	switch other := slices.ContainsFunc(others, works); {
	case works(one) && !other:
		return w.say("application.same.this")
	case !works(one) && other:
		return w.say("application.same.other")
	case other:
		return w.say("application.same.both")
	}
	return w.say("application.same.none")
}
