package form_test

import (
	"context"
	"errors"
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom"
	"paycorcred/app/dom/domtest"
	"paycorcred/app/form"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func say(key string, args ...any) string { return locale.English.Text(key, args...) }

// stage is a dialog with a name, a secret and a group. It records its
// callbacks.
type stage struct {
	*form.Dialog

	document  *domtest.Document
	submitted int
	closed    int
	wiped     int
	changed   []string
}

func newStage() *stage {
	s := &stage{document: domtest.NewDocument()}
	loop := dom.NewLoop()
	loop.Wipe = func() { s.wiped++ }
	s.Dialog = &form.Dialog{
		Form: form.Form{
			Context: form.Context{
				Document: s.document, Loop: loop, Language: func() *locale.Catalogue { return locale.English },
				SignInLink:    func() goapp.UI { return dom.El("a", dom.Attr("href", "/sign-in"), "sign in") },
				SessionNotice: func(scope string) goapp.UI { return dom.El("p", dom.Attr("id", "notice-"+scope)) },
			},
			Prefix: "t-", SummaryID: "t-summary",
			Fields: []fields.Field{fields.Name, fields.ClientSecret, fields.Scope},
			Describe: func(field fields.Field) form.Input {
				return form.Input{Label: field.Label().In(locale.English), Hint: "Hint.", Required: field == fields.Name, Optional: field == fields.Scope, Group: field == fields.Scope}
			},
		},
		ID: "test", IDPrefix: "t-", SubmitID: "t-submit", Width: "medium",
		FirstFocus: func() string { return "t-name" },
		Submit:     func() { s.submitted++ },
		Closed:     func() { s.closed++ },
		Changed:    func(id string) { s.changed = append(s.changed, id) },
	}
	return s
}

func (s *stage) open() {
	s.Open("opener", func() { s.SetValue(fields.Name, "initial") })
}

// tree renders the dialog with its summary and fields.
func (s *stage) tree(t *testing.T, notice *form.Notice) domtest.Tree {
	t.Helper()
	return domtest.Parse(t, goapp.HTMLString(s.Render(form.View{
		Title: "Title", Submit: "Go",
		Body: []any{s.RenderSummary("Failed", notice), s.RenderInput(fields.Name, "", nil), s.RenderSecret(fields.ClientSecret)},
	})))
}

func problem(field fields.Field, text string) fields.Problem {
	return fields.Problem{Field: field, Message: message.Text(text)}
}

func TestOpenFillsAndFocuses(t *testing.T) {
	s := newStage()
	s.open()
	assert.True(t, s.IsOpen())
	assert.True(t, s.document.Dialogs["test"])
	assert.Equal(t, "initial", s.Value(fields.Name))
	assert.Equal(t, "t-name", s.document.HasFocus)
}

func TestCloseWipesAndGivesTheFocusBack(t *testing.T) {
	s := newStage()
	s.open()
	s.SetValue(fields.ClientSecret, "secret")
	s.document.Values["t-scope"] = "a group keeps its value"
	s.Close()
	assert.False(t, s.IsOpen())
	assert.False(t, s.document.Dialogs["test"])
	assert.Empty(t, s.Value(fields.ClientSecret))
	assert.NotEmpty(t, s.document.Values["t-scope"])
	assert.Equal(t, "opener", s.document.HasFocus)
	assert.Equal(t, 1, s.closed)
	assert.Equal(t, 1, s.wiped)
}

func TestTheCloseEventOfAnEarlierOpeningIsIgnored(t *testing.T) {
	s := newStage()
	s.HandleClose(false)
	s.open()
	s.HandleClose(true) // the browser reports an earlier closing while the dialog is open again
	assert.True(t, s.IsOpen())
	s.HandleClose(false)
	assert.False(t, s.IsOpen())
	assert.Equal(t, 1, s.closed)
}

func TestUnsavedChangesAreAskedAbout(t *testing.T) {
	s := newStage()
	s.open()
	s.RequestClose()
	assert.False(t, s.IsOpen(), "nothing was typed")

	s.open()
	s.SetDirty()
	s.RequestClose()
	require.True(t, s.IsOpen())
	assert.True(t, s.IsConfirming())
	assert.Equal(t, "t-stay", s.document.HasFocus)
	page := s.tree(t, nil)
	assert.True(t, page.Has("t-stay") && page.Has("t-discard"))
	assert.False(t, page.Has("t-submit"))
	s.RequestClose() // Escape means "keep editing"
	assert.False(t, s.IsConfirming())
	assert.Equal(t, "t-name", s.document.HasFocus)
	assert.True(t, s.tree(t, nil).Has("t-submit"))

	s.MustConfirm = func() bool { return false }
	s.RequestClose()
	assert.False(t, s.IsOpen(), "the owner decides what is lost")
}

func TestCancelStopsCancellableWorkOnly(t *testing.T) {
	s := newStage()
	s.open()
	ctx := s.Start(context.Background(), true)
	assert.True(t, s.IsBusy())
	s.RequestClose()
	assert.ErrorIs(t, ctx.Err(), context.Canceled)
	assert.True(t, s.IsOpen())
	s.Finish()
	assert.False(t, s.IsBusy())

	ctx = s.Start(context.Background(), false)
	s.RequestClose()
	assert.NoError(t, ctx.Err())
	assert.True(t, s.IsOpen())
}

func TestClosingEndsTheWork(t *testing.T) {
	s := newStage()
	s.open()
	ctx := s.Start(context.Background(), true)
	s.Close()
	assert.Error(t, ctx.Err())
	assert.False(t, s.IsBusy())
}

func TestRestoreKeepsWhatIsTyped(t *testing.T) {
	s := newStage()
	s.SetValue(fields.Name, "typed early")
	s.Restore("opener", true)
	assert.True(t, s.IsOpen() && s.IsDirty())
	assert.Equal(t, "typed early", s.Value(fields.Name))
}

func TestTheSummaryLinksToTheFields(t *testing.T) {
	s := newStage()
	s.Problems = []fields.Problem{problem(fields.Name, "Enter a name."), problem(fields.ClientID, "Not shown here.")}
	page := s.tree(t, nil)
	summary := page.ID(t, "t-summary")
	assert.Equal(t, "alert", summary.Attribute("role"))
	links := summary.Tags("a")
	require.Len(t, links, 1, "what is not shown has no link")
	assert.Equal(t, "#t-name", links[0].Attribute("href"))
	assert.Contains(t, summary.Text(), "Not shown here.")

	input := page.ID(t, "t-name")
	assert.Equal(t, "true", input.Attribute("aria-invalid"))
	assert.Equal(t, "true", input.Attribute("aria-required"))
	assert.Equal(t, "t-name-hint t-name-error", input.Attribute("aria-describedby"))
	assert.Contains(t, page.ID(t, "t-name-error").Text(), "Enter a name.")
	assert.Empty(t, page.ID(t, "t-client_secret").Attribute("aria-invalid"))
}

// A problem leaves the summary and its field once it is solved, and no other one comes.
func TestASolvedProblemGoes(t *testing.T) {
	missing := fields.Problem{Field: fields.Name, Code: fields.ProblemRequired, Message: message.Text("Enter a name.")}
	same := fields.Problem{Field: fields.Scope, Code: fields.ProblemSameValue, Message: message.Text("It is also the Client Secret.")}
	long := fields.Problem{Field: fields.Name, Code: fields.ProblemTooLong, Message: message.Text("Shorten the name.")}
	for name, c := range map[string]struct {
		typed fields.Field
		found []fields.Problem // by the check of what is typed now
		stays []fields.Problem
	}{
		"solved":               {fields.Name, []fields.Problem{same}, []fields.Problem{same}},
		"not yet":              {fields.Name, []fields.Problem{missing, same}, []fields.Problem{missing, same}},
		"another of the field": {fields.Name, []fields.Problem{long, same}, []fields.Problem{same}},
		"of another field":     {fields.ClientSecret, []fields.Problem{same}, []fields.Problem{missing, same}},
		"of two fields":        {fields.ClientSecret, nil, []fields.Problem{missing}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage()
			s.Problems, s.Warnings = []fields.Problem{missing, same}, []fields.Problem{missing, same}
			s.Recheck = func() paycor.Report { return paycor.Report{Problems: c.found, Warnings: c.found} }
			s.Input("t-" + string(c.typed))
			assert.Equal(t, c.stays, s.Problems)
			assert.Equal(t, c.stays, s.Warnings)
		})
	}
	s := newStage()
	s.Problems = []fields.Problem{missing, problem(fields.ClientSecret, "Enter a secret.")}
	s.Input("t-name")
	summary := s.tree(t, nil).ID(t, "t-summary")
	assert.NotContains(t, summary.Text(), "Enter a name.", "without a check, a problem is about the value before")
	assert.Contains(t, summary.Text(), "Enter a secret.")
	assert.Equal(t, "additions", summary.Attribute("aria-relevant"), "and that interrupts no screen reader")
}

func TestErrorsAreShownInTheSummary(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		wants string
		links int
	}{
		"problems of the server": {&paycor.Error{Kind: paycor.KindInvalid, Problems: []fields.Problem{problem(fields.Name, "Too long.")}}, "Too long.", 1},
		"a text":                 {paycor.Errorf(paycor.KindConflict, "Already rotating."), "Already rotating.", 0},
		"anything else":          {errors.New("x"), say("fail.server"), 0},
		"the session ended":      {paycor.Errorf(paycor.KindUnauthorized, "Signed out."), say("session.then"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage()
			s.ShowError(c.err)
			s.FocusSummary()
			assert.Equal(t, "t-summary", s.document.HasFocus)
			summary := s.tree(t, nil).ID(t, "t-summary")
			assert.Contains(t, summary.Text(), c.wants)
			assert.Len(t, summary.Tags("a"), c.links)
		})
	}
}

func TestAFrameOffersNoSignIn(t *testing.T) {
	s := newStage()
	s.SignInLink = func() goapp.UI { return nil }
	s.ShowError(paycor.Errorf(paycor.KindUnauthorized, "Signed out."))
	assert.Empty(t, s.tree(t, nil).ID(t, "t-summary").Tags("a"))
}

func TestAVerdictBlamesItsFields(t *testing.T) {
	s := newStage()
	verdict := verdicts.CodeClientRejected.Verdict()
	verdict.Fields = []fields.Field{fields.ClientSecret}
	s.Verdict = &verdict
	page := s.tree(t, &form.Notice{Title: "Rejected", Severe: true, Body: []any{dom.El("p", "Why.")}})
	assert.Equal(t, "true", page.ID(t, "t-client_secret").Attribute("aria-invalid"))
	assert.Equal(t, "summary shown bad", page.ID(t, "t-summary").Attribute("class"))
	assert.Equal(t, "Rejected Why.", page.ID(t, "t-summary").Text())
	s.ResetResult()
	assert.Empty(t, s.Error(fields.ClientSecret))
	assert.Equal(t, "summary", s.tree(t, nil).ID(t, "t-summary").Attribute("class"))
}

func TestSecretsAreMaskedUntilRevealed(t *testing.T) {
	s := newStage()
	input := s.tree(t, nil).ID(t, "t-client_secret")
	assert.Equal(t, "password", input.Attribute("type"))
	assert.Equal(t, "new-password", input.Attribute("autocomplete"))
	assert.Equal(t, "t-client_secret", s.tree(t, nil).ID(t, "t-client_secret-reveal").Attribute("data-reveals"), "boot.js reveals it before the program runs")
	s.Reveal(fields.ClientSecret)
	assert.Equal(t, "text", s.tree(t, nil).ID(t, "t-client_secret").Attribute("type"))
	s.Conceal(fields.ClientSecret)
	assert.Equal(t, "password", s.tree(t, nil).ID(t, "t-client_secret").Attribute("type"))
}

func TestCleanRemovesWhatWasCopiedAlong(t *testing.T) {
	s := newStage()
	var cleaned []fields.Field
	s.Cleaned = func(field fields.Field) { cleaned = append(cleaned, field) }
	s.SetValue(fields.ClientSecret, `"quoted"`)
	assert.False(t, s.tree(t, nil).Has("t-client_secret-clean"), "nothing is wrong yet")
	s.Problems = []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemQuotes, Message: message.Text("It is in quotes.")}}
	require.True(t, s.tree(t, nil).Has("t-client_secret-clean"))
	require.True(t, s.Clean(fields.ClientSecret))
	assert.Equal(t, "quoted", s.Value(fields.ClientSecret))
	assert.Equal(t, []fields.Field{fields.ClientSecret}, cleaned)
	page := s.tree(t, nil)
	assert.Contains(t, page.ID(t, "t-client_secret-error").Text(), "Removed")
	assert.False(t, page.Has("t-client_secret-clean"))
	assert.False(t, s.Clean(fields.ClientSecret), "nothing is left to remove")
}

func TestEveryDialogShowsTheSessionNotice(t *testing.T) {
	assert.True(t, newStage().tree(t, nil).Has("notice-test"))
}

func TestAConfirmationTakesItsText(t *testing.T) {
	s := newStage()
	confirmed := 0
	c := form.NewConfirmation(s.Context, "delete", func() form.Input { return form.Input{Label: "Type the name", Hint: "Hint."} })
	c.Accepts = func(typed string) bool { return typed == "Nightly" }
	c.Mismatch = func() string { return "That is not its name." }
	c.Confirm = func() { confirmed++ }
	c.Submit()
	assert.Zero(t, confirmed, "it is not open")

	c.Open("opener")
	assert.Equal(t, "delete-name", s.document.HasFocus)
	s.document.Values["delete-name"] = "Other"
	c.Submit()
	assert.Zero(t, confirmed)
	field := domtest.Parse(t, goapp.HTMLString(c.RenderInput()))
	assert.Equal(t, "alert", field.ID(t, "delete-name-error").Attribute("role"))
	assert.Contains(t, field.Text(), "That is not its name.")

	s.document.Values["delete-name"] = "Nightly"
	c.Submit()
	assert.Equal(t, 1, confirmed)
	assert.NotContains(t, goapp.HTMLString(c.RenderInput()), "That is not its name.")
	c.Start(context.Background(), false)
	c.Submit() // a second press
	assert.Equal(t, 1, confirmed)
	c.Finish()
	c.ShowError(paycor.Errorf(paycor.KindUnavailable, "No answer."))
	assert.Contains(t, goapp.HTMLString(c.RenderInput()), "No answer.")
	c.RequestClose()
	assert.False(t, c.IsOpen(), "nothing is asked")
	assert.Equal(t, "opener", s.document.HasFocus)
}
