package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

const rotatedSecret = "invented/secret+after/the+rotation/00000001"

func openRotation(t *testing.T) (*credentialsPage, *fakeService, *domtest.Document) {
	t.Helper()
	p, service, document := newTestPage(startOwn(sample("a", "Nightly export")))
	p.rotation.openForNew()
	require.True(t, document.Dialogs[rotationID])
	return p, service, document
}

func withRotation(state paycor.RotationState) paycor.Credential {
	c := sample("a", "Nightly export")
	c.Rotation = &paycor.Rotation{State: state, Values: []paycor.RotationValue{{Field: fields.ClientSecret, SavedAt: noon}}, Keep: paycor.KeepDay, StartedAt: noon}
	if state == paycor.RotationPrevious {
		c.Rotation.DiscardAt = noon.AddDate(0, 0, 1)
	}
	return c
}

func TestRotateSendsWhatIsTyped(t *testing.T) {
	p, service, document := openRotation(t)
	assert.Equal(t, p.rotation.InputID(fields.ClientSecret), document.HasFocus)
	assert.Equal(t, "day", document.Values[p.rotation.InputID(fields.Keep)])
	document.Values[p.rotation.InputID(fields.ClientSecret)] = rotatedSecret
	document.Values[p.rotation.InputID(fields.RotateBy)] = "2027-01-01"
	service.rotated = paycor.Rotated{Promoted: true, Verdict: verdicts.CodeVerified.Verdict(), Credential: withRotation(paycor.RotationPrevious)}
	p.rotation.rotate(false, false)
	require.Len(t, service.rotations, 1)
	assert.Equal(t, paycor.RotateRequest{ClientSecret: paycor.NewSecret(rotatedSecret), Keep: paycor.KeepDay, RotateBy: "2027-01-01"}, service.rotations[0])
	assert.False(t, document.Dialogs[rotationID])
	assert.Empty(t, document.Values[p.rotation.InputID(fields.ClientSecret)], "it is wiped")
	assert.Equal(t, withKept(p.words, say("rotated.promoted", "Nightly export"), withRotation(paycor.RotationPrevious).Rotation), p.status.text)
	assert.Contains(t, p.status.text, "2026")
	assert.Equal(t, "main", document.HasFocus, "the result is at the top")
	assert.Contains(t, render(t, p).ID(t, "main").Text(), say("rotation.previous.words", "Client Secret"))
	p.detail.rotate()
	assert.False(t, document.Dialogs[rotationID], "what is kept is decided on first")
	assert.Equal(t, savedSecretsID, document.HasFocus)
	assert.Equal(t, say("rotation.first"), p.status.text)
}

func TestRotateSaysWhyItFailed(t *testing.T) {
	refused := verdicts.CodeClientRejected.Verdict()
	for name, c := range map[string]struct {
		typed   string
		rotated paycor.Rotated
		err     error
		asked   int
		says    string
	}{
		"nothing typed":   {"", paycor.Rotated{}, nil, 0, say("rotate.enter")},
		"soiled":          {" " + rotatedSecret, paycor.Rotated{}, nil, 0, "blank"},
		"Paycor refuses":  {rotatedSecret, paycor.Rotated{Verdict: refused, Credential: sample("a", "Nightly export")}, nil, 1, refused.Message.In(locale.English)},
		"a conflict":      {rotatedSecret, paycor.Rotated{}, paycor.Errorf(paycor.KindConflict, "Kept still."), 1, "Kept still."},
		"a known problem": {rotatedSecret, paycor.Rotated{}, &paycor.Error{Kind: paycor.KindInvalid, Problems: []fields.Problem{{Field: fields.ClientSecret, Code: fields.ProblemUnchanged, Message: message.Text("In use already.")}}}, 1, "In use already."},
		"a trouble":       {rotatedSecret, paycor.Rotated{}, errors.New("x"), 1, say("rotate.failed")},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := openRotation(t)
			document.Values[p.rotation.InputID(fields.ClientSecret)] = c.typed
			service.rotated, service.err = c.rotated, c.err
			p.rotation.rotate(false, false)
			assert.Len(t, service.rotations, c.asked)
			assert.True(t, document.Dialogs[rotationID])
			assert.Equal(t, c.typed, document.Values[p.rotation.InputID(fields.ClientSecret)], "what was typed stays")
			assert.Equal(t, p.rotation.SummaryID, document.HasFocus)
			summary := render(t, p).ID(t, p.rotation.SummaryID)
			if name == "soiled" {
				assert.NotEmpty(t, summary.Tags("a"))
				return
			}
			assert.Contains(t, summary.Text(), c.says)
		})
	}
}

func TestRotateKeepsAsPendingOnDemand(t *testing.T) {
	p, service, document := openRotation(t)
	document.Values[p.rotation.InputID(fields.ClientSecret)] = rotatedSecret
	service.rotated = paycor.Rotated{Verdict: verdicts.CodeTimeout.Verdict(), Credential: sample("a", "Nightly export")}
	p.rotation.rotate(false, false)
	render(t, p).ID(t, "rotation-pend")
	pending := withRotation(paycor.RotationPending)
	verdict := verdicts.CodeTimeout.Verdict()
	pending.Rotation.Verdict = &verdict
	service.rotated.Credential = pending
	replaces := say("rotate.replaces", "Client Secret")
	assert.NotContains(t, render(t, p).ID(t, rotationID).Text(), replaces)
	p.rotation.rotate(true, true)
	assert.Contains(t, render(t, p).ID(t, rotationID).Text(), replaces)
	assert.True(t, service.rotations[1].KeepPending)
	assert.False(t, document.Dialogs[rotationID])
	text := render(t, p).ID(t, "main").Text()
	assert.Contains(t, text, say("rotation.pending.words", "Client Secret"))
	assert.Contains(t, text, verdict.Message.In(locale.English))
}

func TestClosingTheRotation(t *testing.T) {
	p, _, document := openRotation(t)
	p.rotation.RequestClose()
	assert.False(t, document.Dialogs[rotationID], "nothing was typed")
	assert.Equal(t, rotationButton, document.HasFocus)
	p.rotation.openForNew()
	p.rotation.SetDirty()
	p.rotation.RequestClose()
	assert.True(t, document.Dialogs[rotationID])
	assert.Equal(t, "rotation-stay", document.HasFocus)
	p.rotation.Close()
	assert.False(t, document.Dialogs[rotationID])
}

func TestSavedSecretsAreRestoredAndDeleted(t *testing.T) {
	p, service, _ := newTestPage(startOwn(withRotation(paycor.RotationPrevious)))
	service.rotated = paycor.Rotated{Promoted: true, Credential: withRotation(paycor.RotationPending)}
	p.detail.saved.restore(false)
	assert.Equal(t, []bool{false}, service.backs)
	assert.Contains(t, p.status.text, "uses the previous secret again")

	service.rotated = paycor.Rotated{Promoted: true, Credential: withRotation(paycor.RotationPrevious)}
	p.detail.saved.testAgain()
	assert.Equal(t, []paycor.RotateRequest{{}}, service.rotations, "nothing is sent a second time")

	p.detail.saved.confirmDelete()
	assert.Contains(t, render(t, p).ID(t, "main").Text(), say("rotation.confirm.previous"))
	assert.Empty(t, service.ends)
	service.one = sample("a", "Nightly export")
	p.detail.saved.remove()
	assert.Equal(t, []string{"a"}, service.ends)
	assert.NotContains(t, render(t, p).ID(t, "main").Text(), say("rotation.back"))

	service.err = errors.New("x")
	p.detail.credential = withRotation(paycor.RotationPrevious)
	p.detail.saved.restore(false)
	assert.Contains(t, render(t, p).ID(t, errorAtRotation).Text(), say("fail.server"))
	assert.Empty(t, p.detail.saved.running, "it can be pressed again")
}

func TestARejectedRestoreIsAnError(t *testing.T) {
	p, service, document := newTestPage(startOwn(withRotation(paycor.RotationPrevious)))
	refused := verdicts.CodeClientRejected.Verdict()
	service.rotated = paycor.Rotated{Verdict: refused, Credential: withRotation(paycor.RotationPrevious)}
	p.detail.saved.restore(false)
	text := render(t, p).ID(t, "main").Text()
	assert.Empty(t, p.status.text)
	assert.Contains(t, render(t, p).ID(t, errorAtRotation).Text(), say("rotated.not-back"))
	assert.Contains(t, text, refused.Message.In(locale.English))
	assert.NotContains(t, text, refused.Remedy.In(locale.English), "there is nothing to enter")
	assert.Contains(t, text, say("rotation.anyway"))
	assert.Equal(t, "rotation-rejected", document.HasFocus)

	back := withRotation(paycor.RotationPending).WithVerdict(refused)
	service.rotated = paycor.Rotated{Promoted: true, Verdict: refused, Credential: back}
	p.detail.saved.restore(true)
	assert.Equal(t, []bool{false, true}, service.backs)
	assert.Empty(t, p.status.text)
	assert.Contains(t, render(t, p).ID(t, errorAtRotation).Text(), "but Paycor rejects it")
	assert.NotContains(t, render(t, p).ID(t, "main").Text(), say("rotation.anyway"))
}

// Messages about the previous state disappear with it.
func TestANewStateClearsTheStatus(t *testing.T) {
	p, service, _ := newTestPage(startOwn(withRotation(paycor.RotationPending)))
	p.setStatus(say("rotated.pending"), nil)
	service.one = p.detail.credential
	p.screen.refresh()
	assert.NotEmpty(t, p.status.text)
	service.one = withRotation(paycor.RotationPending).WithVerdict(verdicts.CodeClientRejected.Verdict())
	p.screen.refresh()
	assert.Empty(t, p.status.text)
}

func TestSavedSecretsSayWhyAndUntilWhen(t *testing.T) {
	p, _, _ := newTestPage(startOwn(withRotation(paycor.RotationPrevious)))
	assert.Contains(t, render(t, p).ID(t, "main").Text(), say("rotation.first"))

	used := withRotation(paycor.RotationPending)
	used.Rotation.UsedUntil = noon
	p, _, _ = newTestPage(startOwn(used))
	text := render(t, p).ID(t, "main").Text()
	assert.Contains(t, text, say("rotation.used"))
	assert.NotContains(t, text, say("rotation.untested"))
	verdict := verdicts.CodeVerified.Verdict()
	verdict.CheckedAt = noon
	used.Rotation.Verdict = &verdict
	p, _, _ = newTestPage(startOwn(used))
	text = render(t, p).ID(t, "main").Text()
	assert.Contains(t, text, say("rotation.used"))
	assert.Contains(t, text, say("rotation.accepted"))
	p, _, _ = newTestPage(startOwn(withRotation(paycor.RotationPending)))
	assert.Contains(t, render(t, p).ID(t, "main").Text(), say("rotation.untested"))
}

func TestReminders(t *testing.T) {
	for by, says := range map[paycor.Day]string{
		"": "", "2026-03-18": "", "2026-03-17": say("rotate.due", "Mar 17, 2026", 14), "2026-03-05": "(in 2 days)",
		"2026-03-04": say("rotate.tomorrow"), "2026-03-03": say("rotate.today"), "2026-03-02": say("rotate.overdue", "Mar 2, 2026"),
	} {
		c := sample("a", "Nightly export")
		c.RotateBy = by
		words := reminder(english, c, noon)
		if says == "" {
			assert.Empty(t, words, by)
		} else {
			assert.Contains(t, words, says, by)
		}
		tiles, _, _ := newTestPage(startList(c))
		own, _, _ := newTestPage(startOwn(c))
		for _, p := range []*credentialsPage{tiles, own} {
			assert.Equal(t, says != "", len(render(t, p).All(func(n domtest.Tree) bool {
				return n.Data == "span" && strings.HasPrefix(n.Attribute("class"), "reminder")
			})) == 1, by)
		}
	}
	assert.Equal(t, say("rotate.today"), reminder(english, func() paycor.Credential { c := sample("a", "x"); c.RotateBy = "2026-03-03"; return c }(), noon.Add(11*time.Hour)))
}

func TestADuplicateIsReportedOnce(t *testing.T) {
	p, service, document := newTestPage(startList())
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	fill(document, good())
	service.duplicates = []paycor.Duplicate{paycor.NewDuplicate("b", "Payroll", paycor.DuplicateValues)}
	p.editor.save()
	assert.Empty(t, service.asked)
	assert.Empty(t, service.created)
	page := render(t, p)
	assert.Contains(t, page.ID(t, summaryID).Text(), "already saved as “Payroll”")
	links := page.ID(t, summaryID).Tags("a")
	require.Len(t, links, 1)
	assert.Equal(t, "/credentials/b", links[0].Attribute("href"))

	service.verdict = verdicts.CodeVerified.Verdict()
	p.editor.saveAnyway()
	assert.Len(t, service.looked, 1, "it is not asked for again")
	assert.Len(t, service.created, 1)
}

func TestAnEditIsNoDuplicateOfItself(t *testing.T) {
	base := sample("a", "Nightly export")
	for name, c := range map[string]struct {
		change map[fields.Field]string
		want   []paycor.DuplicateRequest
	}{
		"the description": {map[fields.Field]string{fields.Description: "new"}, nil},
		"the name":        {map[fields.Field]string{fields.Name: "new"}, []paycor.DuplicateRequest{{ID: "a", Name: "new"}}},
		"the entity": {map[fields.Field]string{fields.LegalEntityID: "5"}, []paycor.DuplicateRequest{
			{ID: "a", Environment: base.Environment, ClientID: base.ClientID, LegalEntityID: "5"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p, service, document := newTestPage(startOwn(base))
			p.editor.openFor(opUpdate, base, "edit")
			fill(document, c.change)
			p.editor.save()
			assert.Equal(t, c.want, service.looked)
		})
	}
}

func TestAStaleEditShowsWhatItWouldReplace(t *testing.T) {
	base := sample("a", "Nightly export")
	p, service, document := newTestPage(startOwn(base))
	p.editor.openFor(opUpdate, base, "edit")
	fill(document, map[fields.Field]string{fields.Name: "Mine", fields.Description: base.Description})
	theirs := base
	theirs.Name, theirs.Description, theirs.Version = "Theirs", "Another", 8
	service.one, service.err = theirs, paycor.Errorf(paycor.KindStale, "stale")
	read := 0
	service.during = func() { read++ }
	p.editor.persist(p.editor.draft(), false)
	service.err = nil
	p.editor.conflict.reload()
	text := render(t, p).ID(t, summaryID).Text()
	assert.Contains(t, text, say("stale.theirs", "Credential Name", "Theirs"))
	assert.NotContains(t, text, "Another", "what is not changed here is kept as it is")
	assert.Equal(t, 1, read)
}

func TestAPageSaysWhatWasDoneOnThePreviousOne(t *testing.T) {
	list, _, document := newTestPage(startList())
	document.Note = "Old name"
	list.showArrivalStatus()
	assert.Equal(t, say("deleted", "Old name"), list.status.text)
	own, _, document := newTestPage(startOwn(sample("a", "Copy of it")))
	document.Query = map[string]bool{queryCopied: true}
	own.showArrivalStatus()
	assert.Contains(t, own.status.text, "Copy of it")
}

func TestSaveAnywaySelectsNothingThatPaycorRejected(t *testing.T) {
	for state, selected := range map[paycor.State]string{
		paycor.StateVerified: "b", paycor.StateNotVerified: "b", paycor.StateNeedsActivation: "b", paycor.StateRejected: "",
	} {
		p, service, _ := newTestPage(startList(sample("a", "First")))
		saved := sample("b", "Second")
		saved.State = state
		service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("a", "First"), saved}, Total: 2}
		p.list.addSaved(saved)
		assert.Equal(t, selected, p.list.selected.ID, state)
		assert.Len(t, p.list.items, 2)
	}
}

// Who cancels a test is not told that something went wrong.
func TestACanceledTestIsNoError(t *testing.T) {
	p, service, document := openRotation(t)
	document.Values[p.rotation.InputID(fields.ClientSecret)] = rotatedSecret
	service.err = context.Canceled
	p.rotation.rotate(false, false)
	page := render(t, p)
	assert.Empty(t, page.ID(t, p.rotation.SummaryID).Text())
	assert.Contains(t, page.ID(t, rotationID).Text(), say("rotate.stopped"))
	assert.Equal(t, p.rotation.SubmitID, document.HasFocus)
	assert.Equal(t, rotatedSecret, document.Values[p.rotation.InputID(fields.ClientSecret)], "what was typed stays")
	service.err = nil
	service.rotated = paycor.Rotated{Verdict: verdicts.CodeSecretRejected.Verdict(), Credential: p.detail.credential}
	p.rotation.rotate(false, false)
	assert.NotContains(t, render(t, p).ID(t, rotationID).Text(), say("rotate.stopped"))
}
