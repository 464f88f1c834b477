package app

import (
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
	"paycorcred/paycor/usage"
)

// startApplication is the page of an application.
func startApplication(one application.Application, same ...application.Application) api.Start {
	start := startList()
	start.Path, start.Application, start.SameClient = applicationPath(one.ID), &one, same
	start.Usage = &usage.Usage{
		Hours: []usage.Hour{{Begins: noon, Counts: usage.Counts{Done: 5}}},
		Users: []usage.User{{Kind: paycor.CallerConsumer, ID: "t1", Name: "nightly import", LastUsedAt: noon.Add(-time.Minute), Day: usage.Counts{Done: 5}}},
	}
	return start
}

func TestAnApplicationPageShowsWhatIsShared(t *testing.T) {
	one := shared("app_1", "Ash", "Birch")
	one.Credentials[1].State, one.Others = paycor.StateRejected, true
	one.Rotation = &paycor.Rotation{State: paycor.RotationPending}
	p, _, _ := newTestPage(startApplication(one))
	page := render(t, p)
	for _, words := range []string{"Credentials (2)", "Ash", "Birch", say("state.rejected"), say("application.users.others"), "scope-1",
		say("grant.authorization_code"), say("rotation.pending"), "nightly import", "5 calls"} {
		assert.Contains(t, page.ID(t, "main").Text(), words)
	}
	links := page.ID(t, "main").Tags("a")
	require.Len(t, links, 3)
	assert.Equal(t, "/credentials/cred_Ash", links[1].Attribute("href"))
}

func TestAnApplicationPageSaysWhichSecretsWork(t *testing.T) {
	works, fails := shared("app_1", "Ash"), shared("app_2", "Birch")
	fails.Credentials[0].State = paycor.StateRejected
	for key, pair := range map[string][2]application.Application{
		"application.same.this": {works, fails}, "application.same.other": {fails, works},
		"application.same.both": {works, works}, "application.same.none": {fails, fails},
	} {
		p, _, _ := newTestPage(startApplication(pair[0], pair[1]))
		assert.Contains(t, render(t, p).Text(), say(key), key)
	}
}

func TestAnApplicationPageFollowsChanges(t *testing.T) {
	p, service, _ := newTestPage(startApplication(shared("app_1", "Ash")))
	service.applications = []application.Application{shared("app_1", "Ash", "Birch")}
	p.screen.apply([]events.Change{{ID: "cred_Birch", Action: audit.ActionCreate}})
	assert.Contains(t, render(t, p).Text(), "Birch")
	service.applications = nil
	p.screen.refresh()
	assert.Contains(t, render(t, p).Text(), say("application.gone"))
}

// The page of an application does what belongs to it, through one of its credentials.
func TestAnApplicationPageOffersItsActs(t *testing.T) {
	one := shared("app_1", "Ash", "Birch")
	start := startApplication(one)
	ash := sample("cred_Ash", "Ash")
	ash.ApplicationID, ash.Grant = "app_1", one.Grant
	start.Credential = &ash
	p, service, document := newTestPage(start)
	service.applications, service.uses = []application.Application{one}, start.Usage
	page := render(t, p)
	for _, id := range []string{rotationButton, activationButton} {
		assert.True(t, page.Has(id), id)
	}
	assert.Equal(t, "2 credentials use these secrets: Ash and Birch.", page.ID(t, "rotation-users").Text())
	rotated := ash
	rotated.Rotation = &paycor.Rotation{State: paycor.RotationPrevious, Values: []paycor.RotationValue{{Field: fields.ClientSecret}}}
	service.rotated = paycor.Rotated{Credential: rotated, Promoted: true}
	p.rotation.openForNew()
	document.Values["rotation-client_secret"] = "invented/secret+for/tests/0000000000000002"
	p.rotation.rotate(false, false)
	page = render(t, p)
	assert.Contains(t, p.status.text, "Ash and Birch")
	assert.True(t, page.Has("rotation-back"), "the way back is there, too")

	used := usage.Usage{Users: []usage.User{{Kind: paycor.CallerConsumer, ID: "t2", Name: "hourly export", LastUsedAt: noon}}}
	service.uses = &used
	p.screen.refresh()
	assert.Contains(t, render(t, p).Text(), "hourly export")

	one.Grant = paycor.GrantClientCredentials
	ash.Grant = one.Grant
	p, _, _ = newTestPage(startApplication(one))
	assert.False(t, render(t, p).Has(rotationButton), "nothing to act through")
	start = startApplication(one)
	start.Credential = &ash
	p, _, _ = newTestPage(start)
	page = render(t, p)
	assert.Equal(t, say("scope.change"), page.ID(t, "enter-scope").Text())
	assert.False(t, page.Has(activationButton))
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, _ = newTestPage(start)
	page = render(t, p)
	assert.False(t, page.Has(rotationButton), "without the right")
	assert.False(t, page.Has("enter-scope"))
}

// ownShared is the page of a credential whose application has others.
func ownShared(names ...string) api.Start {
	one, credential := shared("app_1", names...), sample("cred_Ash", "Ash")
	credential.ApplicationID = "app_1"
	start := startOwn(credential)
	start.Application = &one
	return start
}

func TestDialogsNameTheCredentialsThatShareTheSecrets(t *testing.T) {
	const names = "3 credentials use these secrets: Ash, Birch and Cedar."
	p, service, document := newTestPage(ownShared("Ash", "Birch", "Cedar"))
	service.applications = []application.Application{*p.start.Application}
	page := render(t, p)
	for _, id := range []string{"rotation-users", "activation-users", "edit-users"} {
		assert.Equal(t, names, page.ID(t, id).Text(), id)
	}
	link := page.All(func(n domtest.Tree) bool { return n.Attribute("href") == "/applications/app_1" })
	require.Len(t, link, 1)

	service.rotated = paycor.Rotated{Credential: p.detail.credential, Promoted: true}
	p.rotation.openForNew()
	document.Values["rotation-client_secret"] = "invented/secret+for/tests/0000000000000002"
	p.rotation.rotate(false, false)
	assert.Contains(t, p.status.text, names)

	p, _, _ = newTestPage(ownShared("Ash"))
	page = render(t, p)
	assert.False(t, page.Has("rotation-users"))
	assert.Contains(t, page.Text(), say("application.alone"))
}
