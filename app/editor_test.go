package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// openEditor returns the overlay, opened over a list, with values typed.
func openEditor(t *testing.T, values map[fields.Field]string) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document := newTestPage(startList())
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	require.True(t, document.Dialogs[editorID])
	require.Equal(t, inputID(fields.Name), document.HasFocus)
	fill(document, values)
	p.editor.changed(inputID(fields.Name))
	return p, service, document
}

func with(values map[fields.Field]string, field fields.Field, value string) map[fields.Field]string {
	values[field] = value
	return values
}

func TestSaveOfVerifiedValues(t *testing.T) {
	p, service, document := openEditor(t, good())
	saved := sample("id1", "Nightly export")
	saved.State = paycor.StateVerified
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	service.saved, service.page = paycor.Saved{Credential: saved}, paycor.CredentialPage{Credentials: []paycor.Credential{saved}, Total: 1}

	p.editor.save()

	require.Len(t, service.drafts, 1)
	assert.Equal(t, good()[fields.ClientSecret], service.drafts[0].ClientSecret.Reveal())
	assert.NotEmpty(t, service.created[0].IdempotencyKey)
	assert.False(t, document.Dialogs[editorID])
	assert.Equal(t, "id1", p.list.selected.ID)
	assert.Equal(t, tileID("id1"), document.HasFocus)
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "Nightly export” is saved and verified")
	for _, field := range formFields() {
		assert.Empty(t, document.Values[inputID(field)], "%s is wiped", field)
	}
	kept := fmt.Sprintf("%#v", *p.editor)
	for _, field := range []fields.Field{fields.ClientSecret, fields.SubscriptionKey} {
		assert.NotContains(t, kept, good()[field])
	}
}

func TestSaveStopsAtProblems(t *testing.T) {
	p, service, document := openEditor(t, map[fields.Field]string{fields.Name: "Kept", fields.Environment: "sandbox"})
	p.editor.save()

	assert.Empty(t, service.asked)
	assert.Equal(t, summaryID, document.HasFocus)
	assert.Equal(t, "Kept", document.Values[inputID(fields.Name)])
	page := render(t, p)
	summary := page.ID(t, summaryID)
	assert.Equal(t, "alert", summary.Attribute("role"))
	links := summary.Tags("a")
	require.Len(t, links, 4)
	input := page.ID(t, inputID(fields.ClientID))
	assert.Equal(t, "#"+input.Attribute("id"), links[0].Attribute("href"))
	assert.Equal(t, "true", input.Attribute("aria-invalid"))
	assert.Contains(t, input.Attribute("aria-describedby"), inputID(fields.ClientID)+"-error")
	assert.Contains(t, page.ID(t, inputID(fields.ClientID)+"-error").Text(), links[0].Text(), "the same words beside the field")
	assert.Empty(t, page.ID(t, inputID(fields.Name)).Attribute("aria-invalid"))
}

func TestSaveStopsAtSwappedValuesOnce(t *testing.T) {
	p, service, _ := openEditor(t, with(good(), fields.ClientSecret, "654322"))
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}

	p.editor.save()
	assert.Empty(t, service.asked, "nothing is sent")
	assert.True(t, render(t, p).Has("save-anyway"))

	p.editor.saveAnyway()
	require.Len(t, service.asked, 1)
	assert.True(t, service.asked[0].AcceptWarnings)
	require.Len(t, service.created, 1)
	assert.True(t, service.created[0].AcceptWarnings)
}

func TestUnusualShapesDoNotStop(t *testing.T) {
	p, service, _ := openEditor(t, with(good(), fields.ClientSecret, "short-but-whole"))
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	p.editor.save()
	assert.Len(t, service.created, 1)
}

func TestSaveAnyway(t *testing.T) {
	for _, outcome := range []verdicts.Outcome{
		verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			p, service, document := openEditor(t, good())
			service.verdict = verdicts.Verdict{Outcome: outcome, Message: message.Text("What happened."), Remedy: message.Text("What to do."), CorrelationID: "corr-1"}
			if outcome == verdicts.OutcomeRejected {
				service.verdict.Fields = []fields.Field{fields.ClientSecret}
			}
			p.editor.save()
			assert.Empty(t, service.created)
			assert.True(t, document.Dialogs[editorID], "the overlay stays")
			page := render(t, p)
			for _, words := range []string{"What happened.", "What to do.", "corr-1"} {
				assert.Contains(t, page.ID(t, summaryID).Text(), words)
			}
			assert.Equal(t, outcome == verdicts.OutcomeRejected, page.ID(t, inputID(fields.ClientSecret)).Attribute("aria-invalid") == "true")

			p.editor.changed(inputID(fields.Name))
			assert.True(t, render(t, p).Has("save-anyway"), "Paycor does not verify names")
			p.editor.saveAnyway()
			require.Len(t, service.created, 1)
			assert.False(t, service.created[0].SkipVerify, "the server stores the verdict it remembers")
		})
	}
}

func TestADoublePressSavesOnce(t *testing.T) {
	p, service, _ := openEditor(t, good())
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	service.during = func() { p.editor.save() } // pressed again while it works
	p.editor.save()
	assert.Len(t, service.asked, 1)
	assert.Len(t, service.created, 1)
}

func TestARepeatedSaveCarriesTheSameKey(t *testing.T) {
	p, service, _ := openEditor(t, good())
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	calls := 0
	service.during = func() {
		calls++
		service.err = nil
		if calls%2 == 0 { // the create after each verification
			service.err = paycor.Errorf(paycor.KindUnavailable, "Lost.")
		}
	}
	p.editor.save()
	p.editor.save()
	p.editor.changed(inputID(fields.Name))
	p.editor.save()
	require.Len(t, service.created, 3)
	assert.Equal(t, service.created[0].IdempotencyKey, service.created[1].IdempotencyKey)
	assert.NotEqual(t, service.created[1].IdempotencyKey, service.created[2].IdempotencyKey)
}

func TestCancelWhileVerifyingSavesNothing(t *testing.T) {
	p, service, document := openEditor(t, good())
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	service.during = p.editor.RequestClose
	p.editor.save()
	assert.Empty(t, service.created)
	assert.True(t, document.Dialogs[editorID])
	assert.Empty(t, render(t, p).ID(t, summaryID).Text(), "the person asked for it, so it is no error")
	assert.Equal(t, say("fail.stopped"), render(t, p).ID(t, "save-status").Text())
	assert.Equal(t, "save", document.Focused())
}

// Paycor is not asked about a name or a description, so a save of one says nothing
// about the state.
func TestASaveThatAsksNothingSaysNothingOfTheState(t *testing.T) {
	for _, state := range []paycor.State{paycor.StateRejected, paycor.StateNotReachable, paycor.StateNeedsActivation, paycor.StateNotVerified, paycor.StateVerified} {
		p, service, _ := openEditor(t, good())
		p.detail = &detailPage{page: p, saved: &savedSecrets{page: p}}
		p.editor.operation, p.editor.base = opUpdate, paycor.Credential{ID: "cred_1", Name: "Old"}
		patch := paycor.Patch{Name: new(string)}
		saved := paycor.Saved{Credential: paycor.Credential{ID: "cred_1", Name: "New", State: state}}
		service.one = saved.Credential
		p.editor.saved(saved, patch)
		assert.Equal(t, say("saved.unchecked", "New"), p.status.text, state)
		assert.Empty(t, p.status.state, "no alarm")
	}
}

func TestClosingAsksAfterTyping(t *testing.T) {
	p, _, document := openEditor(t, good())
	p.editor.RequestClose()
	assert.True(t, document.Dialogs[editorID])
	assert.Contains(t, render(t, p).Text(), say("discard"))
	p.editor.RequestClose()
	assert.True(t, document.Dialogs[editorID])
	p.editor.Close()
	assert.False(t, document.Dialogs[editorID])
	assert.Equal(t, addID, document.HasFocus, "the focus is back where it came from")

	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	p.editor.RequestClose()
	assert.False(t, document.Dialogs[editorID], "nothing was typed")
}

func TestCleanRemovesWhatWasCopiedAlong(t *testing.T) {
	p, _, document := openEditor(t, with(good(), fields.SubscriptionKey, "  00112233445566778899aabbccddeeff"))
	p.editor.save()
	assert.True(t, render(t, p).Has("field-subscription_key-clean"))
	p.editor.Clean(fields.SubscriptionKey)
	assert.Equal(t, "00112233445566778899aabbccddeeff", document.Values[inputID(fields.SubscriptionKey)])
	page := render(t, p)
	assert.Contains(t, page.ID(t, inputID(fields.SubscriptionKey)+"-error").Text(), "Removed:")
	assert.False(t, page.Has("field-subscription_key-clean"))
}

func TestFailuresKeepWhatWasTyped(t *testing.T) {
	cases := map[string]struct {
		err   error
		words string
	}{
		"session ended": {&paycor.Error{Kind: paycor.KindUnauthorized, Message: message.Text(say("fail.session"))}, say("session.then")},
		"no answer":     {&paycor.Error{Kind: paycor.KindUnavailable, Message: message.Text(say("fail.offline"))}, say("fail.offline")},
		"a field":       {&paycor.Error{Kind: paycor.KindInvalid, Problems: []fields.Problem{{Field: fields.Name, Code: fields.ProblemTooLong, Message: message.Text("Shorten it.")}}}, "Shorten it."},
		"anything else": {fmt.Errorf("boom"), say("fail.server")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, service, document := openEditor(t, good())
			service.err = c.err
			p.editor.save()
			assert.True(t, document.Dialogs[editorID])
			assert.Equal(t, summaryID, document.HasFocus)
			assert.Contains(t, render(t, p).ID(t, summaryID).Text(), c.words)
			assert.Equal(t, good()[fields.ClientSecret], document.Values[inputID(fields.ClientSecret)])
		})
	}
}

func TestFindEntities(t *testing.T) {
	p, service, document := openEditor(t, with(good(), fields.LegalEntityID, ""))
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeRejected, Entities: []verdicts.LegalEntity{{ID: 11, Name: "North"}, {ID: 12}}}
	p.editor.entities.find()
	require.Len(t, service.asked, 1)
	assert.Empty(t, service.asked[0].LegalEntityID)
	page := render(t, p)
	assert.Equal(t, "entity-11", document.HasFocus)
	assert.Contains(t, page.Text(), "North")
	p.editor.entities.choose(verdicts.LegalEntity{ID: 12})
	assert.Equal(t, "12", document.Values[inputID(fields.LegalEntityID)])
	for _, field := range []fields.Field{fields.Environment, fields.ClientID, fields.ClientSecret, fields.SubscriptionKey} {
		p.editor.entities.find()
		require.NotEmpty(t, p.editor.entities.note, field)
		p.editor.changed(inputID(field))
		assert.Empty(t, p.editor.entities.found, "%s: the list was for other values", field)
		assert.Empty(t, p.editor.entities.note, "%s: so was the sentence", field)
	}
}

// If nothing is found, the steps show how far the verification got, as after a
// save.
func TestFindingNothingShowsTheSteps(t *testing.T) {
	p, service, _ := openEditor(t, with(good(), fields.LegalEntityID, ""))
	service.verdict = verdicts.CodeClientRejected.Verdict()
	service.verdict.Steps = []verdicts.Step{{Name: verdicts.StepToken, State: verdicts.StepFailed}}
	p.editor.entities.find()
	assert.NotEmpty(t, render(t, p).All(func(n domtest.Tree) bool { return strings.Contains(n.Attribute("class"), "icon-step-failed") }))
}

// What other values would be saved as is not known before they are checked.
func TestAVerdictIsNotSaidOfOtherValues(t *testing.T) {
	p, service, _ := openEditor(t, good())
	service.verdict = verdicts.CodeClientRejected.Verdict()
	service.verdict.Steps = []verdicts.Step{{Name: verdicts.StepToken, State: verdicts.StepFailed}}
	p.editor.save()
	assert.Contains(t, pageHTML(p), say("save.as.rejected"))
	p.editor.changed(inputID(fields.ClientSecret))
	page := render(t, p)
	assert.Contains(t, page.Text(), say("save.changed"))
	assert.False(t, page.Has("save-anyway"))
	assert.Empty(t, page.All(func(n domtest.Tree) bool { return strings.Contains(n.Attribute("class"), "icon-step-failed") }))
	p.editor.saveAnyway()
	assert.Empty(t, service.created)

	p.editor.save()
	assert.True(t, render(t, p).Has("save-anyway"), "once they are checked")
}

func TestFieldsAreLabeledLetterForLetter(t *testing.T) {
	p, _, _ := newTestPage(startList())
	page := render(t, p)
	assert.Equal(t, say("add.title"), page.ID(t, "editor-title").Text())
	var order []string
	for _, field := range formFields() {
		labels := page.All(func(n domtest.Tree) bool { return n.Data == "label" && n.Attribute("for") == inputID(field) })
		require.Len(t, labels, 1, field)
		order = append(order, labels[0].Text())
		input := page.ID(t, inputID(field))
		_, named := input.Lookup("name")
		assert.False(t, named, "a field without a name never gets into an address")
		if field.Secret() {
			assert.Equal(t, "password", input.Attribute("type"))
			assert.Equal(t, "new-password", input.Attribute("autocomplete"))
			_, limited := input.Lookup("maxlength")
			assert.False(t, limited)
		}
	}
	assert.Equal(t, []string{"Credential Name", "Credential Description", "Environment", "Client ID", "Client Secret",
		"APIM Subscription Key", "Legal Entity ID", "Scope ID", "Grant", "Rotate by", "Tags", "Owner"}, order)
	described := page.ID(t, inputID(fields.Description)).Attribute("aria-describedby")
	assert.Contains(t, described, inputID(fields.Description)+"-optional")
	assert.Equal(t, say("optional"), page.ID(t, inputID(fields.Description)+"-optional").Text())
	assert.Len(t, page.ID(t, "guide").Tags("li"), guideSteps)
	chosen := page.All(func(n domtest.Tree) bool {
		_, on := n.Lookup("selected")
		return on && n.Attribute("value") == "sandbox"
	})
	assert.Len(t, chosen, 1, "the preferred environment is chosen")
}

// The browser reports that a dialog closed a moment later, when the overlay may
// be open again.
func TestALateCloseEventDoesNotCloseTheNextOpening(t *testing.T) {
	p, _, document := openEditor(t, nil)
	p.editor.Close()
	var rendered func()
	p.loop.AfterRender = func(do func()) { rendered = do }
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	p.editor.HandleClose(false)
	rendered()
	p.editor.HandleClose(true)
	assert.True(t, p.editor.IsOpen())
	assert.True(t, document.Dialogs[editorID])
	p.editor.HandleClose(false)
	assert.False(t, p.editor.IsOpen(), "the browser closed it by itself")
}
