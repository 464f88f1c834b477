package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// openEditorOf returns the overlay, opened for a saved credential.
func openEditorOf(t *testing.T) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document := newTestPage(startOwn(sample("id1", "Old name")))
	p.editor.openFor(opUpdate, p.detail.credential, "edit")
	require.Equal(t, "Old name", document.Values[inputID(fields.Name)])
	require.Empty(t, document.Values[inputID(fields.ClientSecret)])
	return p, service, document
}

func TestEditSendsOnlyWhatChanged(t *testing.T) {
	p, service, document := openEditorOf(t)
	service.saved = paycor.Saved{Credential: sample("id1", "New name")}
	document.Values[inputID(fields.Name)] = "New name"
	p.editor.save()

	assert.Empty(t, service.asked, "a name is none of Paycor's business")
	require.Len(t, service.patches, 1)
	name := "New name"
	assert.Equal(t, paycor.Patch{Name: &name}, service.patches[0])
	assert.Equal(t, sample("id1", "").ETag(), service.updates[0].IfMatch)

	require.NotNil(t, p.status.undo)
	p.status.undo()
	require.Len(t, service.patches, 2)
	assert.Equal(t, "Old name", *service.patches[1].Name)
	assert.Nil(t, service.patches[1].ClientID)
}

func TestAStaleEditKeepsWhatTheOtherPersonChanged(t *testing.T) {
	p, service, document := openEditorOf(t)
	document.Values[inputID(fields.Name)] = "New name"
	theirs := sample("id1", "Old name")
	theirs.Description, theirs.Version = "Described by the other", 7
	service.one = theirs
	service.err = paycor.Errorf(paycor.KindStale, "stale")
	p.editor.save()
	service.err = nil
	p.editor.conflict.reload()
	service.saved = paycor.Saved{Credential: theirs}
	p.editor.save()

	require.Len(t, service.patches, 2)
	name := "New name"
	assert.Equal(t, paycor.Patch{Name: &name}, service.patches[1], "only what was changed here")
	assert.Equal(t, theirs.ETag(), service.updates[1].IfMatch)
}

func TestEditWithoutChangeSendsNothing(t *testing.T) {
	p, service, document := openEditorOf(t)
	p.editor.save()
	assert.Empty(t, service.patches)
	assert.False(t, document.Dialogs[editorID])
}

func TestStoredSecretsAreKeptUnlessReplaced(t *testing.T) {
	p, service, document := openEditorOf(t)
	field := render(t, p).ID(t, inputID(fields.ClientSecret))
	_, hidden := (domtest.Tree{Node: field.Parent}).Lookup("hidden")
	assert.True(t, hidden)
	assert.Contains(t, render(t, p).Text(), say("saved.on", "Mar 3, 2026"))

	p.editor.secrets.replace(fields.ClientSecret, true)
	assert.Equal(t, inputID(fields.ClientSecret), document.HasFocus)
	document.Values[inputID(fields.ClientSecret)] = good()[fields.ClientSecret]
	service.verdict, service.saved = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}, paycor.Saved{Credential: sample("id1", "Old name")}
	p.editor.save()

	require.Len(t, service.asked, 1)
	assert.Equal(t, "id1", service.asked[0].ID, "blanks come from the stored one")
	assert.True(t, service.asked[0].SubscriptionKey.IsZero())
	require.Len(t, service.patches, 1)
	assert.Equal(t, good()[fields.ClientSecret], service.patches[0].ClientSecret.Reveal())
	assert.Nil(t, service.patches[0].SubscriptionKey)
	assert.Nil(t, p.status.undo, "the previous secret is not available")
}

func TestAnotherEnvironmentAsksForTheSecretsAgain(t *testing.T) {
	p, service, document := openEditorOf(t)
	id := inputID(fields.Environment)
	document.Values[id] = "production"
	p.editor.changed(id)
	field := render(t, p).ID(t, inputID(fields.ClientSecret))
	_, hidden := (domtest.Tree{Node: field.Parent}).Lookup("hidden")
	assert.False(t, hidden)
	assert.Contains(t, render(t, p).Text(), say("secret.other-environment", "Sandbox"))

	p.editor.save()
	assert.Empty(t, service.asked)
	assert.Len(t, p.editor.Problems, 2)

	document.Values[id] = "sandbox"
	p.editor.changed(id)
	assert.Contains(t, render(t, p).Text(), say("saved.on", "Mar 3, 2026"))
}

func TestKeepingTheSavedSecretForgetsWhatWasTyped(t *testing.T) {
	p, _, document := openEditorOf(t)
	p.editor.secrets.replace(fields.ClientSecret, true)
	document.Values[inputID(fields.ClientSecret)] = "half typed"
	p.editor.secrets.replace(fields.ClientSecret, false)
	assert.Empty(t, document.Values[inputID(fields.ClientSecret)])
	assert.True(t, p.editor.draft().ClientSecret.IsZero())
}

func TestDuplicateAsksForTheSecretsAgain(t *testing.T) {
	p, service, document := newTestPage(startOwn(sample("id1", "One")))
	p.editor.openFor(opDuplicate, p.detail.credential, "duplicate")
	assert.Equal(t, "One (copy)", document.Values[inputID(fields.Name)])
	assert.Contains(t, render(t, p).Text(), "We never copy secrets")
	p.editor.save()
	assert.Empty(t, service.drafts)
	assert.Contains(t, render(t, p).ID(t, summaryID).Text(), "Enter the Client Secret")
}

func TestDeleteTakesTheName(t *testing.T) {
	p, service, document := newTestPage(startOwn(sample("id1", "Old  name")))
	alone, kept := say("delete.words"), say("delete.words.shared")
	p.deletion.openFor(p.detail.credential, "delete")
	assert.Contains(t, pageHTML(p), alone)
	shown := p.detail.application
	p.detail.application = &application.Application{ID: p.detail.credential.ApplicationID, Others: true}
	assert.Contains(t, pageHTML(p), kept, "other credentials use the secrets")
	p.detail.application = shown
	document.Values["deletion-name"] = "another"
	p.deletion.Submit()
	assert.Empty(t, service.deleted)
	assert.Contains(t, render(t, p).ID(t, "deletion-name-error").Text(), "not the name")
	assert.Contains(t, render(t, p).Text(), say("delete.unused"))

	document.Values["deletion-name"] = " Old name "
	service.during = p.deletion.Submit // a second press
	p.deletion.Submit()
	assert.Equal(t, []string{"id1"}, service.deleted)
	assert.Equal(t, "/", document.Href)
	assert.Equal(t, "Old  name", document.Note)
}

func TestADeletedCredentialIsNotRead(t *testing.T) {
	deletion := []events.Change{{ID: "id1", Action: audit.ActionDelete}}
	p, service, document := newTestPage(startOwn(sample("id1", "One")))
	p.deletion.openFor(p.detail.credential, "delete")
	document.Values["deletion-name"] = "One"
	service.during = func() { p.screen.apply(deletion) }
	p.deletion.Submit()
	p.screen.apply(deletion)
	assert.Empty(t, service.read, "by the person who deletes it")
	assert.NotContains(t, pageHTML(p), say("gone.words"), "while the page is left")
	p.screen.apply([]events.Change{{Missed: true}})
	assert.Equal(t, []string{"id1"}, service.read, "by a person who returns to the page")

	p, service, document = newTestPage(startOwn(sample("id1", "One")))
	p.deletion.openFor(p.detail.credential, "delete")
	document.Values["deletion-name"] = "One"
	service.during = func() { service.err = &paycor.Error{Kind: paycor.KindUnavailable, Message: message.Text("Busy.")} }
	p.deletion.Submit()
	assert.Equal(t, []string{"id1"}, service.read, "after a deletion that failed")
	p.screen.apply(deletion)
	assert.Len(t, service.read, 1, "by a person who watches")
	assert.Contains(t, pageHTML(p), say("gone.words"))
}

func TestVerifyAgainShowsTheVerdict(t *testing.T) {
	p, service, _ := newTestPage(startOwn(sample("id1", "One")))
	service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Message: message.Text("Refused."), CheckedAt: noon}
	service.one = sample("id1", "One").WithVerdict(service.verdict)
	service.during = func() {
		assert.Contains(t, render(t, p).Text(), "Checking with Paycor")
		p.detail.verify() // a second press does nothing
	}
	p.detail.verify()
	page := render(t, p)
	assert.Contains(t, page.Text(), "Refused.")
	assert.Contains(t, page.ID(t, "status").Text(), "Paycor rejected")
	assert.NotEmpty(t, page.All(func(n domtest.Tree) bool { return n.Attribute("class") == "toast is-rejected" }), "it looks like what it says")
	p.setStatus("News.", nil)
	assert.Empty(t, render(t, p).All(func(n domtest.Tree) bool { return n.Attribute("class") == "toast is-rejected" }))
}

func TestAnOutageKeepsTheLastVerdict(t *testing.T) {
	credential := sample("id1", "One").
		WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: noon.Add(-3 * time.Hour)}).
		WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeUnreachable, Code: verdicts.CodeTimeout, Message: message.Text("No answer."), CheckedAt: noon})
	p, _, _ := newTestPage(startOwn(credential))
	text := render(t, p).Text()
	for _, words := range []string{say("state.not_reachable"), say("ago.hours.other", "3"), say("detail.last-known.verified"), "No answer."} {
		assert.Contains(t, text, words)
	}
}

func TestARejectedSecretMayHaveBeenReplaced(t *testing.T) {
	refused := sample("id1", "One").WithVerdict(verdicts.CodeClientRejected.Verdict())
	for name, test := range map[string]struct {
		start api.Start
		told  bool
	}{
		"a secret is refused":     {startOwn(refused), true},
		"the legal entity is not": {startOwn(sample("id1", "One").WithVerdict(verdicts.CodeEntityNotFound.Verdict())), false},
		"who may only look": {func() api.Start {
			s := startOwn(refused)
			s.Caller.Rights = paycor.Rights{paycor.RightView}
			return s
		}(), false},
	} {
		p, _, _ := newTestPage(test.start)
		assert.Equal(t, test.told, strings.Contains(render(t, p).Text(), say("detail.replaced")), name)
	}
}

// What Paycor rejects is entered beside its answer, in one press: verifying again would not
// help.
func TestRejectedValuesAreCorrectedWhereTheyAreNamed(t *testing.T) {
	rejected := sample("id1", "One").WithVerdict(verdicts.CodeClientRejected.Verdict())
	pending := rejected
	pending.Rotation = &paycor.Rotation{State: paycor.RotationPending, Values: []paycor.RotationValue{{Field: fields.ClientSecret}}}
	for name, test := range map[string]struct {
		credential paycor.Credential
		rights     paycor.Rights
		offered    []string
	}{
		"client":                  {rejected, nil, []string{"enter-client_secret", "enter-client_id"}},
		"legal entity":            {sample("id1", "One").WithVerdict(verdicts.CodeEntityNotFound.Verdict()), nil, []string{"enter-legal_entity_id"}},
		"a newer secret waits":    {pending, nil, []string{"enter-client_id"}},
		"verified":                {sample("id1", "One").WithVerdict(verdicts.CodeVerified.Verdict()), nil, nil},
		"without a right to edit": {rejected, paycor.Rights{paycor.RightView}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			start := startOwn(test.credential)
			if test.rights != nil {
				start.Caller.Rights = test.rights
			}
			p, _, _ := newTestPage(start)
			page := render(t, p)
			for _, id := range []string{"enter-client_id", "enter-client_secret", "enter-legal_entity_id"} {
				assert.Equal(t, slices.Contains(test.offered, id), page.Has(id), id)
			}
			if page.Has("verify") {
				assert.Equal(t, len(test.offered) == 0, strings.Contains(page.ID(t, "verify").Attribute("class"), "primary"))
			}
			for i, id := range test.offered {
				assert.Equal(t, i == 0, strings.Contains(page.ID(t, id).Attribute("class"), "primary"), id)
			}
		})
	}

	p, _, document := newTestPage(startOwn(rejected))
	p.detail.corrections().enter(fields.ClientSecret)
	assert.Equal(t, inputID(fields.ClientSecret), document.HasFocus)
	assert.False(t, p.editor.secrets.isKept(fields.ClientSecret), "its input is open")
	assert.True(t, p.editor.secrets.isKept(fields.SubscriptionKey))
	p.editor.Close()
	assert.False(t, p.editor.IsOpen(), "nothing is typed")
}

func TestASelectedCredentialShowsItsID(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	p, _, _ := newTestPage(start)
	assert.NotContains(t, render(t, p).Text(), "is selected as")
	start.Chosen, start.Purpose = true, paycor.PurposeDestination
	p, _, _ = newTestPage(start)
	page := render(t, p)
	assert.Contains(t, page.Text(), say("chosen.destination", "One")+" "+say("chosen.state.not_verified")+" "+say("chosen.may-fail")+" "+say("destination.note")+" "+say("chosen.id"))
	assert.True(t, page.Has("copy-chosen"))
	verified := sample("id1", "One").WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: noon})
	start.Credential = &verified
	p, _, _ = newTestPage(start)
	assert.NotContains(t, render(t, p).Text(), "Calls may fail")
}

func TestRightsDecideWhatIsOffered(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, _ := newTestPage(start)
	page := render(t, p)
	for _, id := range []string{"verify", "edit", "duplicate", "delete"} {
		assert.False(t, page.Has(id), id)
	}
}

func TestHowAProgramCalls(t *testing.T) {
	p, _, document := newTestPage(startOwn(sample("id1", "One")))
	page := render(t, p)
	assert.Contains(t, page.Tags("pre")[0].Text(), "https://credentials.example/api/v1/credentials/id1")
	assert.Contains(t, page.Tags("pre")[0].Text(), "$TOKEN")
	p.copy("copy-id", "id1")
	assert.Equal(t, "id1", document.Copied)
	assert.Contains(t, render(t, p).ID(t, "copy-id").Text(), say("copied"))
}
