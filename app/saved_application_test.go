package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// shared is an application with the Client ID of good.
func shared(id string, names ...string) application.Application {
	saved := application.Application{
		ID: id, Environment: "sandbox", ClientID: good()[fields.ClientID], Grant: paycor.GrantAuthorizationCode, Scope: "scope-1",
		ClientSecretSavedAt: noon, SubscriptionKeySavedAt: noon, Usable: true,
	}
	for i, name := range names {
		saved.Credentials = append(saved.Credentials, application.Credential{ID: "cred_" + name, Name: name, LegalEntityID: int32(11 + i), State: paycor.StateVerified})
	}
	return saved
}

// typeClientID types the Client ID of good into the open overlay.
func typeClientID(p *credentialsPage) { p.editor.changed(inputID(fields.ClientID)) }

func TestTheSavedSecretsReplaceTypedOnes(t *testing.T) {
	p, service, document := openEditor(t, good())
	service.applications = []application.Application{shared("app_1", "Ash", "Birch", "Cedar", "Dogwood")}
	typeClientID(p)
	require.Equal(t, []application.Query{{Environment: "sandbox", ClientID: good()[fields.ClientID]}}, service.queried)
	page := render(t, p)
	assert.Contains(t, page.Text(), "4 credentials use these secrets: Ash, Birch, Cedar and 1 more.")
	assert.True(t, page.Shows(t, inputID(fields.ClientSecret)), "nothing is hidden while somebody types")
	assert.Equal(t, good()[fields.ClientSecret], document.Values[inputID(fields.ClientSecret)])

	p.editor.application.use("app_1")
	page = render(t, p)
	for _, id := range []string{inputID(fields.ClientSecret), inputID(fields.SubscriptionKey), inputID(fields.Scope)} {
		assert.False(t, page.Shows(t, id), id)
	}
	assert.Empty(t, document.Values[inputID(fields.ClientSecret)], "what was typed is not used")
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	p.editor.save()
	require.Len(t, service.asked, 1)
	require.Len(t, service.created, 1)
	assert.Equal(t, "app_1", service.asked[0].ApplicationID)
	assert.Equal(t, "app_1", service.created[0].ApplicationID)
	draft := service.drafts[0]
	assert.True(t, draft.ClientSecret.IsZero() && draft.SubscriptionKey.IsZero())
	assert.Equal(t, paycor.GrantAuthorizationCode, draft.Grant)
	assert.Equal(t, "scope-1", draft.Scope)
}

func TestTheSecretsCanBeTypedAfterAll(t *testing.T) {
	p, service, document := openEditor(t, good())
	service.applications = []application.Application{shared("app_1", "Ash")}
	typeClientID(p)
	p.editor.application.use("app_1")
	p.editor.application.use("")
	assert.True(t, render(t, p).Shows(t, inputID(fields.ClientSecret)))
	p.editor.save()
	assert.Empty(t, service.asked)
	assert.Equal(t, summaryID, document.HasFocus)
	assert.NotEmpty(t, p.editor.Error(fields.ClientSecret))
}

func TestSavedSecretsAreForTheirClientIDOnly(t *testing.T) {
	p, service, document := openEditor(t, good())
	service.applications = []application.Application{shared("app_1", "Ash")}
	typeClientID(p)
	p.editor.application.use("app_1")
	service.applications = nil
	document.Values[inputID(fields.ClientID)] = "another"
	typeClientID(p)
	assert.Empty(t, p.editor.application.used)
	page := render(t, p)
	assert.False(t, page.Has("secrets-app_1"))
	assert.True(t, page.Shows(t, inputID(fields.ClientSecret)))
}

func TestALateResponseAboutAnotherClientIDIsIgnored(t *testing.T) {
	p, service, document := openEditor(t, good())
	service.applications = []application.Application{shared("app_1", "Ash")}
	come := deferUpdates(p)
	typeClientID(p)
	document.Values[inputID(fields.ClientID)] = ""
	typeClientID(p)
	come()
	assert.Empty(t, p.editor.application.found)

	document.Values[inputID(fields.ClientID)] = good()[fields.ClientID]
	typeClientID(p)
	p.editor.Close()
	come()
	assert.Empty(t, p.editor.application.found, "the overlay is closed")
}

// Nobody is offered secrets that the server would not use for them.
func TestOnlyUsableSecretsAreOffered(t *testing.T) {
	p, service, _ := openEditor(t, good())
	seen := shared("app_1", "Ash")
	seen.Usable = false
	service.applications = []application.Application{seen}
	typeClientID(p)
	assert.False(t, render(t, p).Has("secrets-app_1"))
	assert.False(t, render(t, p).Has(typedSecrets))
}

func TestDifferentSecretsUnderOneClientIDAreToldApart(t *testing.T) {
	p, service, _ := openEditor(t, good())
	right, wrong := shared("app_1", "Ash"), shared("app_2", "Birch")
	wrong.Credentials[0].State = paycor.StateRejected
	service.applications = []application.Application{right, wrong}
	typeClientID(p)
	text := render(t, p).Text()
	assert.Contains(t, text, say("application.use.state", "Mar 3, 2026", say("state.verified")))
	assert.Contains(t, text, say("application.use.state", "Mar 3, 2026", say("state.rejected")))
}

func TestADuplicateUsesTheSavedSecrets(t *testing.T) {
	base := sample("id1", "Birch")
	base.ApplicationID = "app_1"
	p, service, _ := newTestPage(startOwn(base))
	service.applications = []application.Application{shared("app_1", "Birch", "Cedar")}
	p.editor.openFor(opDuplicate, base, "duplicate")
	page := render(t, p)
	assert.Contains(t, page.Text(), say("duplicate.intro.saved", "Birch"))
	assert.Contains(t, page.Text(), "2 credentials use these secrets: Birch and Cedar.")
	assert.False(t, page.Shows(t, inputID(fields.ClientSecret)))
	service.verdict = verdicts.Verdict{Outcome: verdicts.OutcomeVerified}
	p.editor.save()
	require.Len(t, service.created, 1)
	assert.Equal(t, "app_1", service.created[0].ApplicationID)

	service.applications = nil // it was deleted meanwhile
	p.editor.openFor(opDuplicate, base, "duplicate")
	page = render(t, p)
	assert.Contains(t, page.Text(), say("duplicate.intro", "Birch"))
	assert.True(t, page.Shows(t, inputID(fields.ClientSecret)))
}

// A rejected secret is not blamed on a field that is hidden.
func TestABlamedSecretLeadsToTheChoice(t *testing.T) {
	p, service, _ := openEditor(t, good())
	service.applications = []application.Application{shared("app_1", "Ash")}
	typeClientID(p)
	p.editor.application.use("app_1")
	assert.Equal(t, typedSecrets, p.editor.secrets.target(fields.ClientSecret))
}
