package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
)

// savedApplication offers the secrets that are saved for the typed Client ID in place of
// typed ones: Paycor shows a Client Secret only once.
type savedApplication struct {
	editor  *editor
	query   application.Query         // what found is about
	found   []application.Application // whose secrets the person may use
	used    string                    // ID of the one whose secrets are used; empty means typed ones
	request int                       // the latest; earlier responses are out of date
}

func (s *savedApplication) reset() {
	s.request++
	*s = savedApplication{editor: s.editor, request: s.request}
}

// useOf uses the secrets of a credential's application, as for a duplicate of it.
func (s *savedApplication) useOf(base paycor.Credential) {
	if base.ApplicationID == "" {
		return
	}
	s.query = application.Query{Environment: base.Environment, ClientID: base.ClientID}
	s.used = base.ApplicationID
	s.found = []application.Application{{
		ID: base.ApplicationID, Environment: base.Environment, ClientID: base.ClientID, Grant: base.Grant, Scope: base.Scope,
		ClientSecretSavedAt: base.ClientSecretSavedAt, SubscriptionKeySavedAt: base.SubscriptionKeySavedAt, Usable: true,
		Credentials: []application.Credential{{ID: base.ID, Name: base.Name, LegalEntityID: base.LegalEntityID, LegalEntityName: base.LegalEntityName, State: base.State}},
	}}
	s.read()
}

// look looks for saved applications once typing of the Client ID pauses.
func (s *savedApplication) look() {
	e := s.editor
	query := application.Query{Environment: e.environment, ClientID: strings.TrimSpace(e.Value(fields.ClientID))}
	if query == s.query || e.operation == opUpdate {
		return
	}
	s.reset() // at once: saved secrets are not sent with another Client ID
	s.query = query
	if query.ClientID == "" {
		return
	}
	e.page.afterTyping(&s.request, s.read)
}

// read reads the applications. Without a response nothing is offered, and everything can
// be typed.
func (s *savedApplication) read() {
	e := s.editor
	s.request++
	request, query := s.request, s.query
	e.Loop.Async(func() {
		page, err := e.page.service.Applications(e.page.ctx, query)
		e.Loop.Update(func() {
			if request != s.request || err != nil {
				return
			}
			s.found = slices.DeleteFunc(page.Applications, func(a application.Application) bool { return !a.Usable })
			if s.application() == nil {
				s.used = ""
			}
		})
	})
}

// application returns the application whose secrets are used, or nil.
func (s *savedApplication) application() *application.Application {
	i := slices.IndexFunc(s.found, func(a application.Application) bool { return a.ID == s.used })
	if i < 0 {
		return nil
	}
	return &s.found[i]
}

// use uses the secrets of an application, or typed ones if id is empty.
func (s *savedApplication) use(id string) {
	e := s.editor
	s.used = id
	e.entities.forget()
	for _, field := range applicationSecrets {
		e.Conceal(field)
		e.SetValue(field, "")
		e.RemoveProblems(field)
	}
}

// applicationSecrets are the fields whose saved values are used.
var applicationSecrets = []fields.Field{fields.ClientSecret, fields.SubscriptionKey}

// fill takes what belongs to the application from the saved one.
func (s *savedApplication) fill(draft paycor.Draft) paycor.Draft {
	if saved := s.application(); saved != nil {
		draft.ClientSecret, draft.SubscriptionKey, draft.RotateBy = paycor.Secret{}, paycor.Secret{}, ""
		draft.Grant, draft.Scope = saved.Grant, saved.Scope
	}
	return draft
}

const typedSecrets = "secrets-typed"

// render offers the saved secrets, if there are any for the typed Client ID.
func (s *savedApplication) render() goapp.UI {
	w := s.editor.page.words
	note, choices := "", any(nil)
	if len(s.found) > 0 {
		note = w.say("application.known")
		parts := []any{dom.Class("choices"), dom.El("legend", w.say("application.secrets"))}
		for _, saved := range s.found {
			parts = append(parts, s.renderChoice("secrets-"+saved.ID, saved.ID, s.label(saved), s.describe(saved)))
		}
		choices = dom.El("fieldset", append(parts, s.renderChoice(typedSecrets, "", w.say("application.type"), ""))...)
	}
	return dom.El("div", dom.Class("saved-application"),
		dom.El("p", dom.Class("note"), dom.Attr("role", "status"), note), dom.Slot(choices))
}

func (s *savedApplication) renderChoice(id, uses, name string, about any) goapp.UI {
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "secrets"), dom.Attr("id", id), dom.Property("checked", s.used == uses),
			dom.On("change", id, func(goapp.Event) { s.use(uses) })),
		dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), name), dom.El("span", dom.Class("hint"), about)))
}

// label names one application's secrets. Those under one Client ID are told apart by
// whether Paycor accepts them.
func (s *savedApplication) label(saved application.Application) string {
	w := s.editor.page.words
	if len(s.found) == 1 {
		return w.say("application.use")
	}
	return w.say("application.use.state", w.formatTime(saved.SavedAt(), locale.Date), w.say("state."+string(saved.State())))
}

// describe says when the secrets were saved, and which credentials use them.
func (s *savedApplication) describe(saved application.Application) any {
	w := s.editor.page.words
	if len(s.found) > 1 {
		return w.usersText(saved)
	}
	return []goapp.UI{savedOn(w, saved.SavedAt()), goapp.Text(". "), dom.El("span", w.usersText(saved))}
}

// mostNames is how many credentials a sentence names.
const mostNames = 3

// usersText says which credentials use an application's secrets.
func (w words) usersText(saved application.Application) string {
	var names []string
	for _, credential := range saved.Credentials[:min(mostNames, len(saved.Credentials))] {
		names = append(names, credential.Name)
	}
	total := max(saved.Total, len(saved.Credentials))
	var text string
	switch {
	case total == 1:
		text = w.say("application.users.one", names[0])
	case total <= mostNames:
		text = w.say("application.users", w.number(total), w.list(names))
	default:
		text = w.say("application.users.more", w.number(total), strings.Join(names, ", "), w.number(total-mostNames))
	}
	if saved.Others {
		return w.say("list.sentences", text, w.say("application.users.others"))
	}
	return text
}

// list joins names as in "A, B and C".
func (w words) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + w.say("and") + names[last]
}
