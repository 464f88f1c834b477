package app

import (
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// storedSecrets are the saved secrets of the credential that the editor edits.
// They never reach the page, which only says that they are saved and can
// replace them.
type storedSecrets struct {
	editor    *editor
	replacing map[fields.Field]bool
}

func (s *storedSecrets) reset() { s.replacing = map[fields.Field]bool{} }

// stored returns the secrets that are kept if their field is left alone.
func (s *storedSecrets) stored() []fields.Field {
	if s.editor.operation != opUpdate {
		return nil
	}
	var stored []fields.Field
	if s.editor.base.HasClientSecret {
		stored = append(stored, fields.ClientSecret)
	}
	if s.editor.base.HasSubscriptionKey {
		stored = append(stored, fields.SubscriptionKey)
	}
	return stored
}

// isOutOfReach reports whether a stored secret cannot be kept, because it was
// saved for another environment than the chosen one.
func (s *storedSecrets) isOutOfReach(field fields.Field) bool {
	return slices.Contains(s.stored(), field) && paycor.Draft{Environment: s.editor.environment}.ChangesEnvironment(s.editor.base.Environment)
}

// isKept reports whether the saved secret of a field is kept.
func (s *storedSecrets) isKept(field fields.Field) bool {
	return slices.Contains(s.stored(), field) && !s.replacing[field] && !s.isOutOfReach(field)
}

// target returns the ID that a link to a field moves the focus to: the input of a
// stored secret is hidden behind "Replace", or behind the choice of an application's.
func (s *storedSecrets) target(field fields.Field) string {
	switch {
	case s.editor.application.used != "":
		return typedSecrets
	case s.isKept(field):
		return "replace-" + string(field)
	}
	return inputID(field)
}

// forget drops a new value and keeps the saved one.
func (s *storedSecrets) forget(field fields.Field) {
	e := s.editor
	s.replacing[field] = false
	e.Conceal(field)
	e.SetValue(field, "")
	e.RemoveProblems(field)
}

// hasNewerSecret reports whether a newer secret waits to be used. Replacing the saved one
// would mix the two up.
func hasNewerSecret(c paycor.Credential) bool {
	return c.Rotation != nil && c.Rotation.State == paycor.RotationPending && c.Rotation.MayWork()
}

// replace opens the input of a stored secret for a new value, or keeps the stored
// one.
func (s *storedSecrets) replace(field fields.Field, replacing bool) {
	e := s.editor
	s.replacing[field] = replacing
	e.Conceal(field)
	e.SetValue(field, "")
	e.acceptWarnings, e.idempotencyKey = false, ""
	e.RemoveProblems(field)
	if replacing {
		e.SetDirty()
	}
	e.Loop.AfterRender(func() { e.Document.Focus(s.target(field)) })
}

// render renders the field of a secret: an input, or that it is saved.
func (s *storedSecrets) render(field fields.Field) goapp.UI {
	e := s.editor
	return dom.El("div", dom.Flag("hidden", e.application.used != ""),
		e.RenderField(field, []goapp.UI{e.SecretControl(field, s.isKept(field)), dom.Slot(s.renderStored(field))}, nil))
}

// renderStored says that a secret is saved, and offers to replace or to keep it.
func (s *storedSecrets) renderStored(field fields.Field) any {
	e := s.editor
	button := func(id, text string, replacing bool) goapp.UI {
		return dom.Button("small", id, text, dom.Attr("aria-describedby", e.LabelID(field)), dom.Click(id, func() { s.replace(field, replacing) }))
	}
	switch {
	case s.isOutOfReach(field):
		return dom.El("p", dom.Class("hint"), s.editor.page.say("secret.other-environment", s.editor.page.sentence(e.page.environment(e.base.Environment).Title())))
	case s.isKept(field):
		since := e.base.ClientSecretSavedAt
		if field == fields.SubscriptionKey {
			since = e.base.SubscriptionKeySavedAt
		}
		parts := []any{dom.Class("configured"), dom.Icon("verified"), savedOn(s.editor.page.words, since)}
		if hasNewerSecret(e.base) {
			return dom.El("div", dom.El("div", parts...), dom.El("p", dom.Class("hint"), s.editor.page.say("secret.pending", s.editor.page.fieldLabel(e.base.Rotation.Fields()[0]))))
		}
		return dom.El("div", append(parts, button("replace-"+string(field), s.editor.page.say("replace"), true))...)
	case s.replacing[field]:
		return button("keep-"+string(field), s.editor.page.say("keep"), false)
	}
	return nil
}

// savedOn says when a secret was saved.
func savedOn(w words, at time.Time) goapp.UI {
	if at.IsZero() {
		return dom.El("span", w.savedText(at))
	}
	return timeElement(w.savedText(at), at)
}

func (w words) savedText(at time.Time) string {
	if at.IsZero() {
		return w.say("saved")
	}
	return w.say("saved.on", w.formatTime(at, locale.Date))
}
