package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// replacing returns the overlay of a verified credential whose new Client
// Secret Paycor does not accept.
func replacing(t *testing.T, verdict, saved verdicts.Code, kind paycor.Kind) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	base := sample("id1", "Old name").WithVerdict(verdicts.CodeVerified.Verdict())
	p, service, document := newTestPage(startOwn(base))
	p.editor.openFor(opUpdate, base, "edit")
	p.editor.secrets.replace(fields.ClientSecret, true)
	document.Values[inputID(fields.ClientSecret)] = good()[fields.ClientSecret]
	about, aboutSaved := verdict.Verdict(), saved.Verdict()
	service.verdict = about
	service.kept = &paycor.Error{Kind: kind, Message: message.Text("Paycor rejected the new Client Secret. The saved one still works."), Verdict: &about, SavedVerdict: &aboutSaved}
	service.uses = &usage.Usage{Users: []usage.User{
		{Kind: paycor.CallerConsumer, Name: "nightly import", LastUsedAt: p.now().Add(-time.Hour)},
		{Kind: paycor.CallerConsumer, Name: "long ago", LastUsedAt: p.now().Add(-25 * time.Hour)},
		{Kind: paycor.CallerConsumer, Name: "revoked", LastUsedAt: p.now().Add(-time.Hour), Ended: consumer.Revoked},
		{Kind: paycor.CallerPerson, Name: "Ann", LastUsedAt: p.now().Add(-time.Hour)},
	}}
	return p, service, document
}

func TestAWorkingSecretIsNotReplacedByOnePress(t *testing.T) {
	p, service, document := replacing(t, verdicts.CodeSecretRejected, verdicts.CodeVerified, paycor.KindNotAccepted)
	p.editor.save()
	require.Len(t, service.updates, 1)
	assert.False(t, service.updates[0].Force)
	require.True(t, p.editor.IsOpen())
	page := render(t, p)
	summary := page.ID(t, summaryID)
	assert.Contains(t, summary.Text(), "The saved one still works.")
	assert.Contains(t, summary.Text(), say("replace.fail", "nightly import"))
	assert.Contains(t, summary.Text(), say("replace.keeps"))
	buttons := summary.Tags("button")
	var labels []string
	for _, button := range buttons {
		labels = append(labels, button.Text())
	}
	assert.Equal(t, []string{say("replace.keep"), say("replace.anyway")}, labels[len(labels)-2:])
	assert.Contains(t, page.ID(t, "replace-keep").Attribute("class"), "primary")
	assert.NotContains(t, page.ID(t, "save").Attribute("class"), "primary", "one primary button")
	assert.Equal(t, good()[fields.ClientSecret], document.Values[inputID(fields.ClientSecret)], "what was typed stays")

	p.editor.replacement.keep()
	assert.False(t, p.editor.IsOpen())
	assert.Equal(t, say("replace.kept", "Old name"), p.status.text)
	assert.Len(t, service.updates, 1)
	assert.Empty(t, document.Values[inputID(fields.ClientSecret)])
}

func TestKeepingTheSavedSecretKeepsOtherChanges(t *testing.T) {
	p, service, document := replacing(t, verdicts.CodeSecretRejected, verdicts.CodeVerified, paycor.KindNotAccepted)
	document.Values[inputID(fields.Name)] = "New name"
	document.Values[inputID(fields.ClientID)] = "fedcba98765432100000"
	p.editor.save()
	assert.Contains(t, render(t, p).ID(t, summaryID).Text(), say("replace.deletes"), "the secrets belong to the old Client ID")
	p.editor.replacement.keep()
	require.True(t, p.editor.IsOpen())
	assert.Equal(t, "New name", document.Values[inputID(fields.Name)])
	assert.Equal(t, sample("id1", "").ClientID, document.Values[inputID(fields.ClientID)])
	assert.Equal(t, say("replace.kept-others"), p.editor.statusText())
	service.kept = nil
	service.saved = paycor.Saved{Credential: sample("id1", "New name")}
	p.editor.save()
	assert.False(t, p.editor.IsOpen())
	assert.Equal(t, []fields.Field{fields.Name}, service.patches[len(service.patches)-1].Fields())
}

func TestConsequencesOfReplacing(t *testing.T) {
	for name, c := range map[string]struct {
		typed     map[fields.Field]string
		secret    bool
		activated bool
		want      string
		keep      string
	}{
		"a secret":                   {nil, true, true, say("replace.keeps"), say("replace.keep")},
		"client and secret":          {map[fields.Field]string{fields.ClientID: "fedcba98765432100000"}, true, false, say("replace.deletes"), say("replace.keep")},
		"the same, activated":        {map[fields.Field]string{fields.ClientID: "fedcba98765432100000"}, true, true, say("replace.deletes-all"), say("replace.keep")},
		"only the client":            {map[fields.Field]string{fields.ClientID: "fedcba98765432100000"}, false, false, say("replace.reversible"), say("keep")},
		"only the client, activated": {map[fields.Field]string{fields.ClientID: "fedcba98765432100000"}, false, true, say("replace.deactivates"), say("keep")},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, document := replacing(t, verdicts.CodeClientRejected, verdicts.CodeVerified, paycor.KindNotAccepted)
			p.editor.base.HasRefreshToken = c.activated
			fill(document, c.typed)
			if !c.secret {
				p.editor.secrets.replace(fields.ClientSecret, false)
			}
			p.editor.save()
			page := render(t, p)
			assert.Contains(t, page.ID(t, summaryID).Text(), c.want)
			assert.Equal(t, c.keep, page.ID(t, "replace-keep").Text())
			p.editor.replacement.keep()
			assert.False(t, p.editor.IsOpen())
			assert.Equal(t, c.secret, p.status.text == say("replace.kept", "Old name"))
		})
	}
}

// Of secrets that may not work, the last that did stays kept, and not what is saved.
func TestTheLastSecretThatWorkedStays(t *testing.T) {
	for name, c := range map[string]struct {
		saved verdicts.Code
		want  string
	}{"works": {verdicts.CodeVerified, say("replace.keeps")}, "may work": {verdicts.CodeDNS, say("replace.keeps-last")}} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := replacing(t, verdicts.CodeClientRejected, c.saved, paycor.KindNotAccepted)
			p.editor.base.Rotation = &paycor.Rotation{State: paycor.RotationPrevious}
			p.editor.save()
			assert.Contains(t, render(t, p).ID(t, summaryID).Text(), c.want)
		})
	}
}

func TestReplacingAnywayCanBeUndone(t *testing.T) {
	p, service, document := replacing(t, verdicts.CodeSecretRejected, verdicts.CodeVerified, paycor.KindNotAccepted)
	document.Values[inputID(fields.Name)] = "New name"
	p.editor.save()
	saved := sample("id1", "New name").WithVerdict(verdicts.CodeSecretRejected.Verdict())
	saved.Rotation = &paycor.Rotation{State: paycor.RotationPrevious, DiscardAt: noon.Add(24 * time.Hour)}
	service.saved = paycor.Saved{Credential: saved}
	p.editor.saveAnyway()
	require.Len(t, service.updates, 2)
	assert.True(t, service.updates[1].Force)
	assert.False(t, p.editor.IsOpen())
	assert.Equal(t, withKept(english, say("saved.rejected", "New name"), saved.Rotation), p.status.text)
	assert.Contains(t, p.status.text, "We keep the previous secret until")

	require.NotNil(t, p.status.undo)
	service.rotated = paycor.Rotated{Promoted: true, Credential: sample("id1", "New name").WithVerdict(verdicts.CodeVerified.Verdict())}
	service.saved = paycor.Saved{Credential: sample("id1", "Old name").WithVerdict(verdicts.CodeVerified.Verdict())}
	p.status.runUndo()
	assert.Equal(t, []bool{false}, service.backs, "Paycor is asked first")
	assert.Equal(t, []fields.Field{fields.Name}, service.patches[len(service.patches)-1].Fields(), "the other changes are undone, too")
	assert.Equal(t, say("rotated.back", "Old name"), p.status.text)
}

func TestReplacingWithoutAnAnswer(t *testing.T) {
	p, service, _ := replacing(t, verdicts.CodeDNS, verdicts.CodeVerified, paycor.KindNotTested)
	p.editor.save()
	require.Len(t, service.updates, 1)
	page := render(t, p)
	assert.Equal(t, say("replace.keep-saved"), page.ID(t, "replace-keep").Text(), "nobody knows whether it works")
	assert.Contains(t, page.ID(t, summaryID).Text(), say("replace.may-fail", "nightly import"))
}

func TestReplacingWhatDoesNotWorkEither(t *testing.T) {
	p, service, _ := replacing(t, verdicts.CodeClientRejected, verdicts.CodeClientRejected, paycor.KindNotAccepted)
	p.editor.save()
	require.Len(t, service.updates, 1)
	page := render(t, p)
	assert.Equal(t, say("save.anyway"), page.ID(t, "save-anyway").Text(), "there is nothing to keep")
	service.saved = paycor.Saved{Credential: sample("id1", "Old name")}
	p.editor.saveAnyway()
	assert.True(t, service.updates[1].Force)
}

func TestAPendingSecretIsNotReplaced(t *testing.T) {
	base := sample("id1", "Old name")
	base.Rotation = &paycor.Rotation{State: paycor.RotationPending, Values: []paycor.RotationValue{{Field: fields.ClientSecret}}}
	p, _, _ := newTestPage(startOwn(base))
	p.editor.openFor(opUpdate, base, "edit")
	text := render(t, p).ID(t, editorID).Text()
	assert.Contains(t, text, say("secret.pending", "Client Secret"))
	assert.NotContains(t, text, say("replace"))
	rejected := verdicts.CodeSecretRejected.Verdict()
	p.editor.base.Rotation.Verdict = &rejected
	assert.Contains(t, render(t, p).ID(t, editorID).Text(), say("replace"), "Paycor rejected it, so it is no reason to wait")
}
