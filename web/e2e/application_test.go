package e2e_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// sizes takes pictures of a state: wide and light, dark, and on a narrow screen.
func (b *tab) sizes(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	b.size(1280, 1400)
	b.awaitPaint()
	b.screenshot(name + "-wide")
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.awaitPaint()
	b.screenshot(name + "-dark")
	b.media(nil)
	b.size(320, 1400)
	b.awaitPaint()
	b.screenshot(name + "-320")
	b.size(1280, 900)
}

// The offer of saved secrets appears above the field that a person may be about to press. It
// takes no press until it has been there for a moment.
func TestAnOfferThatAppearsTakesNoPress(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery)
	p.save(bakery.body(t), "?verify=false")
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.fill("Client ID", bakery.ClientID)
	b.get("radio", "~"+say("application.use"))
	at := eval[[]float64](b, `(() => {
		const choices = document.querySelector(".saved-application .choices");
		choices.style.animationName = "none";
		getComputedStyle(choices).animationName;
		choices.style.animationName = ""; // it appears again
		window.appearing = choices.getAnimations()[0];
		appearing.pause();
		const { left, top, width, height } = choices.querySelector("input").getBoundingClientRect();
		return [left + width / 2, top + height / 2];
	})()`)
	press := func() bool {
		require.NoError(t, chromedp.Do(b.hands().ctx, chromedp.MouseClickXY(at[0], at[1])))
		return eval[bool](b, `document.querySelector(".saved-application input").checked`)
	}
	assert.False(t, press())
	b.get("textbox", "Client Secret")
	eval[any](b, `appearing.finish(), null`)
	assert.True(t, press())
	b.absent("textbox", "Client Secret")
}

// Nobody has to find a Client Secret again for another legal entity: Paycor shows it once.
func TestTheSavedSecretsServeAnotherLegalEntity(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery)
	first := p.save(bakery.body(t), "")
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.fill("~Credential Name", "Café")
	b.fill("Client ID", bakery.ClientID)
	b.get("radio", "~"+say("application.use"))
	b.focusOn("textbox", "Client ID")
	b.seesText(say("application.known"), say("application.users.one", bakery.Name))
	b.sizes("application-offered")
	b.reach("radio", "~"+say("application.type"))
	b.key(kb.ArrowUp)
	b.focusOn("radio", "~"+say("application.use"))
	b.absent("textbox", "Client Secret")
	b.sizes("application-used")
	b.key(kb.ArrowDown)
	b.get("textbox", "Client Secret")
	b.key(kb.ArrowUp)
	b.absent("textbox", "Client Secret")
	b.fill("Legal Entity ID", "501124")
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	b.status(say("saved.verified", "Café"))
	second := p.named("Café")
	assert.Equal(t, first.ApplicationID, second.ApplicationID)
	assert.Equal(t, paycor.StateVerified, second.State)

	// A duplicate uses them by itself.
	b.visit("/credentials/" + second.ID)
	b.press("button", say("duplicate"))
	b.seesText(say("duplicate.intro.saved", "Café"), say("application.users", "2", "Café"+say("and")+bakery.Name))
	b.fill("~Credential Name", "Copy")
	b.press("button", say("save"))
	b.alert("already saved")
	b.press("button", say("save.anyway"))
	b.until("the copy is saved", func() bool { return p.named("Copy").ID != "" })
	assert.Equal(t, first.ApplicationID, p.named("Copy").ApplicationID)
	b.storesNothing()
}

// named returns the credential with a name, or the zero value.
func (p *program) named(name string) paycor.Credential {
	p.t.Helper()
	var page paycor.CredentialPage
	p.api("GET", "/credentials", nil).into(p.t, &page)
	for _, credential := range page.Credentials {
		if credential.Name == name {
			return credential
		}
	}
	return paycor.Credential{}
}

// One application serves many stores: all are added at once.
func TestSeveralLegalEntitiesAreAddedAtOnce(t *testing.T) {
	t.Parallel()
	const stores = 46
	p, app := withStores(t, stores)
	details := app.Details()
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.press("combobox", "Environment")
	b.key("sim")
	b.complete(form{ClientID: details.ClientID, ClientSecret: details.ClientSecret, Key: details.PrimaryKey})
	b.press("button", say("find"))
	b.press("button", say("batch.start"))
	b.absent("textbox", "~Credential Name")
	b.press("searchbox", say("batch.search"))
	b.key("store 4")
	b.key(kb.Enter) // searches, and does not save
	b.reach("button", say("batch.all"))
	b.key(" ")
	b.seesText(say("batch.count", "8", "46"))
	b.press("searchbox", say("batch.search"))
	b.paste("")
	b.press("button", say("batch.all"))
	b.seesText(say("batch.count", "46", "46"))
	b.fill(say("batch.names"), "Payroll {entity}")
	b.sizes("batch")
	b.press("button", "Save 46 credentials")
	for done := 0; b.has("dialog", say("add.title")); { // each save has its own time
		b.until("a further save", func() bool {
			now := eval[int](b, `Number((document.body.innerText.match(/Saving (\d+) of/) || [0, 99])[1])`)
			further := now > done || !b.has("dialog", say("add.title"))
			done = now
			return further
		})
	}
	b.absent("dialog", say("add.title"))
	b.status("46 credentials are saved and verified.")
	b.seesText("Payroll Store 10", "Payroll Store 46")
	applications := map[string]bool{}
	for i := range stores {
		applications[p.named("Payroll Store "+strconv.Itoa(i+1)).ApplicationID] = true
	}
	assert.Len(t, applications, 1)
	b.storesNothing()

	// Those that are saved cannot be added again.
	b.press("button", say("add"))
	b.press("combobox", "Environment")
	b.key("sim")
	b.fill("Client ID", details.ClientID)
	b.press("radio", "~"+say("application.use"))
	b.press("button", say("find"))
	b.press("button", say("batch.start"))
	b.seesText(say("batch.saved-as", "Payroll Store 1"))
	b.press("button", say("batch.all"))
	b.seesText(say("batch.count", "0", "46"))
	b.sizes("batch-saved")
}

// An application has a page with its credentials, and dialogs name them before anything
// changes for them.
func TestAnApplicationPageNamesItsCredentials(t *testing.T) {
	t.Parallel()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery).body(t)
	first := p.save(bakery, "")
	p.save(bakery.with("name", "Café").with("legal_entity_id", 501124), "")
	wrong := p.save(bakery.with("name", "Old").with("client_secret", wrongSecret), "")
	require.NotEqual(t, first.ApplicationID, wrong.ApplicationID)
	users := say("application.users", "2", "Café"+say("and")+first.Name)
	program := p.newToken("--rights", "use")
	require.Equal(t, 200, p.through(program, "GET", first.ID, aList, nil).Status)
	b := open(t, p).signIn()
	b.until("the call is counted", func() bool { return p.calls(first.ID) == 1 })
	b.visit("/credentials/" + first.ID)
	b.press("button", say("rotate"))
	b.get("dialog", say("rotate.title"))
	b.seesText(users)
	b.sizes("application-rotate")
	b.key(kb.Escape)
	b.follow("link", say("application.open"))
	b.get("heading", say("application.title"))
	b.get("link", "Café")
	b.get("link", first.Name)
	b.seesText(say("application.same.this"), "e2e", say("usage.calls.one"))
	b.sizes("application-page")
	b.press("button", say("rotate"))
	b.get("dialog", say("rotate.title"))
	b.seesText(users)
	b.key(kb.Escape)
	b.absent("dialog", say("rotate.title"))
	b.focusOn("button", say("rotate"))
	b.press("button", say("scope.enter"))
	b.focusOn("textbox", say("label.scope"))
	b.key(kb.Escape)
	b.follow("link", "~"+beginning("saved.on"))
	b.seesText(say("application.same.other"), say("state.rejected"))
}

// withStores returns a program whose application covers n legal entities.
func withStores(t testing.TB, n int) (*program, *paycortest.Application) {
	t.Helper()
	sim := paycortest.Start(t, paycortest.Config{})
	app := sim.Lookup(paycortest.SunriseBakery)
	app.Change(func(d *paycortest.Details) {
		d.Entities = nil
		for i := range n {
			d.Entities = append(d.Entities, paycortest.Entity{ID: 600001 + i, Name: "Store " + strconv.Itoa(i+1), TenantID: 678556})
		}
	})
	return launch(t, raced, t.TempDir(), "--environment", "simulator="+sim.URL), app
}
