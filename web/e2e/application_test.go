package e2e_test

import (
	"testing"

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
	b := open(t, p).signIn()
	b.visit("/credentials/" + first.ID)
	b.press("button", say("rotate"))
	b.get("dialog", say("rotate.title"))
	b.seesText(users)
	b.sizes("application-rotate")
	b.key(kb.Escape)
	b.press("link", say("application.open"))
	b.mounted()
	b.get("heading", say("application.title"))
	b.get("link", "Café")
	b.get("link", first.Name)
	b.seesText(say("application.same.this"))
	b.sizes("application-page")
	b.press("link", "~"+beginning("saved.on"))
	b.mounted()
	b.seesText(say("application.same.other"), say("state.rejected"))
}
