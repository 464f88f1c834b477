package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// adding returns the overlay with values typed into it.
func adding(values map[fields.Field]string) (*credentialsPage, *fakeService, *domtest.Document) {
	p, service, document := newTestPage(startList())
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	fill(document, good())
	fill(document, values)
	return p, service, document
}

func TestSwapThemSwaps(t *testing.T) {
	right := good()
	for name, typed := range map[string]map[fields.Field]string{
		"a warning": {fields.ClientID: right[fields.SubscriptionKey], fields.SubscriptionKey: right[fields.ClientID]},
		"a problem": {fields.ClientID: right[fields.LegalEntityID], fields.LegalEntityID: right[fields.ClientID]},
	} {
		p, service, document := adding(typed)
		p.editor.save()
		require.True(t, render(t, p).Has("swap"), name)
		assert.Contains(t, render(t, p).ID(t, summaryID).Text(), say("summary.swapped"), name)
		p.editor.swap()
		for field, value := range right {
			assert.Equal(t, value, document.Values[inputID(field)], "%s: %s", name, field)
		}
		page := render(t, p)
		assert.False(t, page.Has("swap"))
		assert.Empty(t, page.ID(t, summaryID).Text())
		assert.Contains(t, page.ID(t, "save-status").Text(), "We moved the values: Client ID, ")
		assert.Equal(t, "save", document.HasFocus)
		service.verdict = verdicts.CodeVerified.Verdict()
		p.editor.save()
		assert.Len(t, service.drafts, 1, name)
	}
}

func TestOnlyWhatFitsIsSwapped(t *testing.T) {
	p, _, _ := adding(map[fields.Field]string{fields.ClientID: good()[fields.SubscriptionKey]}) // the key twice
	p.editor.save()
	page := render(t, p)
	assert.NotEmpty(t, page.ID(t, summaryID).Text())
	assert.False(t, page.Has("swap"))
}

func TestANumberIsOfferedInDigits(t *testing.T) {
	p, _, document := adding(map[fields.Field]string{fields.LegalEntityID: "501,123"})
	p.editor.save()
	assert.Equal(t, "Use 501123", render(t, p).ID(t, inputID(fields.LegalEntityID)+"-clean").Text()[:10])
	p.editor.Clean(fields.LegalEntityID)
	assert.Equal(t, "501123", document.Values[inputID(fields.LegalEntityID)])
}

func TestEntitiesAreOfferedForAWrongID(t *testing.T) {
	verdict := verdicts.CodeEntityNotActivated.Verdict()
	verdict.Entities = []verdicts.LegalEntity{{ID: 501123, Name: "North"}, {ID: 501124}}
	p, service, document := adding(nil)
	service.verdict = verdict
	p.editor.save()
	page := render(t, p)
	assert.Equal(t, "Use North (501123)", page.ID(t, "use-entity-501123").Text())
	assert.Equal(t, "Use 501124", page.ID(t, "use-entity-501124").Text())
	p.editor.entities.choose(verdict.Entities[0])
	assert.Equal(t, "501123", document.Values[inputID(fields.LegalEntityID)])

	saved := sample("id1", "One").WithVerdict(verdict)
	start := startOwn(saved)
	own, _, _ := newTestPage(start)
	assert.True(t, render(t, own).Has("own-entity-501124"))
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	own, _, _ = newTestPage(start)
	page = render(t, own)
	assert.False(t, page.Has("own-entity-501124"), "nothing is offered that is not allowed")
	assert.Contains(t, page.Text(), "North 501123")
}

func TestDuplicatesAreGrouped(t *testing.T) {
	of := func(kind paycor.DuplicateKind, names ...string) (same []paycor.Duplicate) {
		for _, name := range names {
			same = append(same, paycor.NewDuplicate("id-"+name, name, kind))
		}
		return same
	}
	values, names := paycor.DuplicateValues, paycor.DuplicateName
	for want, found := range map[string][]paycor.Duplicate{
		"This Client ID and legal entity are already saved as “A”.":                 of(values, "A"),
		"This Client ID and legal entity are already saved as “A” and “B”.":         of(values, "A", "B"),
		"This Client ID and legal entity are already saved as “A”, “B” and 2 more.": of(values, "A", "B", "C", "D"),
		"A credential named “A” already exists.":                                    of(names, "A"),
		"3 credentials named “A” already exist.":                                    of(names, "A", "A", "A"),
	} {
		p, service, _ := adding(nil)
		service.duplicates = append(found, of(names, "Z")...)
		if found[0].Kind == names {
			service.duplicates = found
		}
		p.editor.save()
		summary := render(t, p).ID(t, summaryID)
		assert.Contains(t, summary.Text(), want)
		assert.LessOrEqual(t, len(summary.Tags("a")), 3, "only some are linked")
		assert.NotContains(t, summary.Text(), "“C”")
	}
}

func TestSaveSaysThatItWorks(t *testing.T) {
	p, service, _ := adding(nil)
	service.verdict = verdicts.CodeVerified.Verdict()
	var said []string
	service.during = func() {
		button := render(t, p).ID(t, "save")
		said = append(said, button.Text()+" "+button.Attribute("aria-busy"))
	}
	assert.Empty(t, render(t, p).ID(t, "save").Attribute("aria-busy"))
	p.editor.save()
	assert.Equal(t, []string{"Checking… true", "Saving… true"}, said)
	p.editor.openFor(opCreate, paycor.Credential{}, addID)
	assert.Equal(t, say("save"), render(t, p).ID(t, "save").Text())
}

func TestTheStepThatFailedIsNamed(t *testing.T) {
	verdict := verdicts.CodeKeyRejected.Verdict()
	verdict.Steps = []verdicts.Step{{Name: verdicts.StepFormat, State: verdicts.StepPassed}, {Name: verdicts.StepKey, State: verdicts.StepFailed}}
	p, service, _ := adding(nil)
	service.verdict = verdict
	p.editor.save()
	assert.Contains(t, render(t, p).ID(t, summaryID).Text(), say("verdict.step")+" "+say("step.key"))
	assert.Empty(t, stoppedAt(verdict.Steps[:1]))

	outage := verdicts.CodeTimeout.Verdict()
	outage.Steps = verdict.Steps
	service.verdict = outage
	p.editor.save()
	assert.NotContains(t, render(t, p).ID(t, summaryID).Text(), say("verdict.step"))
}

func TestTheScopeIDIsAskedForWherePaycorNeedsIt(t *testing.T) {
	p, service, _ := adding(nil)
	_, open := render(t, p).ID(t, "advanced").Lookup("open")
	assert.False(t, open)
	service.verdict = verdicts.CodeScopeNeeded.Verdict()
	p.editor.save()
	page := render(t, p)
	_, open = page.ID(t, "advanced").Lookup("open")
	assert.True(t, open)
	assert.Equal(t, "true", page.ID(t, inputID(fields.Scope)).Attribute("aria-invalid"))
	p.editor.Verdict = nil
	p.editor.changed(inputID(fields.Scope))
	_, open = render(t, p).ID(t, "advanced").Lookup("open")
	assert.True(t, open, "somebody types in it")
	p.editor.Close()
	_, open = render(t, p).ID(t, "advanced").Lookup("open")
	assert.False(t, open)

	for name, credential := range map[string]paycor.Credential{"outdated": withVerdicts(verdicts.CodeScopeOutdated), "none yet": sample("id1", "One")} {
		own, _, document := newTestPage(startOwn(credential))
		assert.Equal(t, name == "outdated", render(t, own).Has("enter-scope"), "%s: an application's page has it in any case", name)
		own.detail.corrections().enter(fields.Scope)
		assert.Equal(t, inputID(fields.Scope), document.HasFocus)
		_, open = render(t, own).ID(t, "advanced").Lookup("open")
		assert.True(t, open, name)
	}
}
