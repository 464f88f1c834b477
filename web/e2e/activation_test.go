package e2e_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// harborScope is the Scope ID of Harbor Logistics in the simulator.
func harborScope(t testing.TB, sim *paycortest.Server) string {
	t.Helper()
	return sim.Lookup(paycortest.HarborLogistics).Details().Scopes[0].ID
}

// activatable runs the program with its own simulator, which redirects browsers
// back to it, and saves Harbor Logistics.
func activatable(t testing.TB) (*program, *paycortest.Server, paycor.Credential) {
	t.Helper()
	sim := paycortest.Start(t, paycortest.Config{})
	p := launch(t, raced, t.TempDir(), "--environment", "simulator="+sim.URL+","+sim.URL+"/AppActivation/Authorize")
	sim.Lookup(paycortest.HarborLogistics).Change(func(d *paycortest.Details) { d.RedirectURIs = []string{p.address + "/activation/callback"} })
	return p, sim, p.save(sample(t, paycortest.HarborLogistics).body(t), "")
}

// atPaycor allows the tab to open the simulator's pages.
func (b *tab) atPaycor(sim *paycortest.Server) {
	b.watch.expect("asked another origin: " + regexp.QuoteMeta(sim.URL) + "/")
	b.watch.expect(regexp.QuoteMeta(sim.URL) + "/favicon.ico")
}

func (b *tab) address() string {
	b.t.Helper()
	at, _ := tryEval[string](b, `location.href`, 0)
	return at
}

// state reads a credential's state through the API.
func (p *program) state(id string) paycor.State {
	p.t.Helper()
	var now paycor.Credential
	p.api("GET", "/credentials/"+id, nil).into(p.t, &now)
	return now.State
}

// The activation on Paycor's page, started from the tile with the Scope ID:
// first denied, then attempted by a person who may not allow it, then allowed.
func TestActivationThroughPaycorsPage(t *testing.T) {
	t.Parallel()
	p, sim, harbor := activatable(t)
	b := open(t, p)
	b.atPaycor(sim)
	b.signIn()
	b.press("link", "Activate Harbor Logistics")
	b.get("dialog", say("activate.title"))
	b.mounted()
	b.focusOn("radio", "~"+say("activate.title"))
	b.seesText(p.address+"/activation/callback", "Approved Return OAuth URL", "address bar")
	assert.Equal(t, p.address+"/credentials/"+harbor.ID, b.address(), "the address says nothing of it any more")

	b.press("button", say("activate.go.paycor"))
	b.alert("Enter the Scope ID")
	b.fill(say("label.scope"), harborScope(t, sim))
	b.press("button", say("activate.go.paycor"))
	b.press("button", "Deny")
	b.alert(say("verdict.activation_denied"))
	b.mounted()
	assert.Equal(t, p.address+"/credentials/"+harbor.ID, b.address())
	assert.Equal(t, paycor.StateNeedsActivation, p.state(harbor.ID))

	b.press("button", say("activate"))
	b.get("dialog", say("activate.title"))
	b.watch.expect("status of 403")
	b.press("button", say("activate.go.paycor"))
	b.press("button", "Continue without being an administrator")
	b.seesText("Activating needs a Company, HR or Payroll administrator.")

	b.visit("/credentials/" + harbor.ID)
	b.press("button", say("activate"))
	b.press("button", say("activate.go.paycor"))
	b.press("button", "Allow")
	b.status(say("activation.done"))
	b.mounted()
	assert.Equal(t, p.address+"/credentials/"+harbor.ID, b.address())
	b.seesText(say("verdict.verified"), "(just now) by Local administrator")
	b.get("button", say("activate.again"))
	assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	b.visit("/credentials/" + harbor.ID)
	assert.NotContains(t, b.textOf(), say("activation.done"), "loading the page again does not say it again")
}

// codeOfTheForm gets a code from Paycor's own form in a separate tab.
func codeOfTheForm(t testing.TB, b *tab, sim *paycortest.Server) (verifier, address string) {
	t.Helper()
	form := b.another()
	form.atPaycor(sim)
	form.watch.origin = sim.URL
	form.navigate(sim.URL + "/AppActivation/ClientActivation")
	harbor := sample(t, paycortest.HarborLogistics)
	form.fill("Client ID", harbor.ClientID)
	form.fill("APIM Subscription Key", harbor.Key)
	form.fill("Scope ID", harborScope(t, sim))
	verifier = form.value("Code Verifier")
	form.press("button", "Initiate")
	form.seesText("The application is activated.")
	address = form.address()
	// Paycor's own page leaves the code in the history; that is not checked
	// here.
	eval[any](form, `location.replace("about:blank")`)
	form.until("the code to be left", func() bool { return form.address() == "about:blank" })
	return verifier, address
}

// Code and verifier from Paycor's own form, pasted as a whole address. The
// first attempt has a wrong verifier, which uses up the code.
func TestActivationWithTheCodeOfPaycorsForm(t *testing.T) {
	t.Parallel()
	p, sim, harbor := activatable(t)
	b := open(t, p).signIn()
	b.visit("/credentials/" + harbor.ID)
	b.press("button", say("activate"))
	b.press("radio", "~"+say("activate.method.code"))
	b.press("button", say("activate"))
	b.alert("Enter the Authorization Code.")
	assert.Equal(t, sim.URL+"/appactivation/clientredirect", b.value("Redirect URI"))

	_, address := codeOfTheForm(t, b, sim)
	b.watch.expect("status of 422")
	b.fill(say("label.code_verifier"), strings.Repeat("0", 64))
	b.fill(say("label.code"), address)
	b.press("button", say("activate"))
	b.alert(say("verdict.verifier_mismatch"))
	b.alert(say("activate.spent.code"))
	assert.Empty(t, b.value("Authorization Code"))

	verifier, address := codeOfTheForm(t, b, sim)
	b.fill(say("label.code_verifier"), verifier)
	b.fill(say("label.code"), address)
	b.press("button", say("activate"))
	b.absent("dialog", say("activate.title"))
	b.status(say("activated.verified", "Harbor Logistics"))
	b.seesText(say("verdict.verified"))
	b.focusOn("button", say("activate.again"))
	b.storesNoneOf(p, map[string]string{"the verifier": verifier, "the code": address[strings.Index(address, "code=")+5:]})
}

// storesNoneOf searches the page, the server's output and its files for pasted
// values.
func (b *tab) storesNoneOf(p *program, pasted map[string]string) {
	b.t.Helper()
	look := &search{t: b.t, canaries: pasted}
	look.in("the page's HTML", []byte(eval[string](b, `document.documentElement.outerHTML`)))
	look.in("the fields' values", []byte(strings.Join(eval[[]string](b, `[...document.querySelectorAll("input, textarea, select")].map(e => e.value + " " + e.defaultValue)`), "\n")))
	for _, asked := range b.watch.requested() {
		look.in("an address", []byte(asked))
	}
	b.storesNothing()
	look.in("the answers", p.api("GET", "/credentials", nil).Body)
	look.in("the server's output", []byte(p.output.String()))
	look.files("running", p.data)
}

// Activation by refresh token, starting at the overlay, with the keyboard only.
func TestActivationWithARefreshTokenByKeyboard(t *testing.T) {
	t.Parallel()
	p, sim, _ := activatable(t)
	other := p.save(sample(t, paycortest.SunriseBakery).body(t).with("name", "Bakery"), "")
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.press("combobox", "Environment")
	b.key("sim")
	second := sample(t, paycortest.HarborLogistics)
	second.Name = "Second harbor"
	b.complete(second)
	b.key(kb.Enter)
	b.alert(say("same.values", "Harbor Logistics"))
	b.reach("button", say("save.anyway"))
	b.key(kb.Enter)
	b.alert(say("verdict.grant_not_allowed"))
	b.reach("button", say("save.activate"))
	b.key(kb.Enter)
	b.get("dialog", say("activate.title"))
	b.mounted()
	b.focusOn("radio", "~"+say("activate.title"))
	b.key(kb.ArrowDown)
	b.focusOn("radio", "~"+say("activate.method.code"))
	b.key(kb.ArrowDown)
	b.focusOn("radio", "~"+say("activate.method.token"))
	token := sim.Lookup(paycortest.HarborLogistics).IssueRefreshToken()
	b.reach("textbox", "Refresh Token")
	b.paste(`"` + token + `"`)
	b.key(kb.Enter)
	b.alert(say("artifact.quotes"))
	b.focusOn("alert", "~")
	b.reach("button", say("fix"))
	b.key(kb.Enter)
	b.focusOn("textbox", say("label.refresh_token"))
	assert.Equal(t, token, b.value("Refresh Token"))
	b.key(kb.Escape)
	b.alert(say("discard"))
	b.focusOn("button", say("discard.no"))
	b.key(kb.Enter)
	b.focusOn("radio", "~"+say("activate.method.token"))
	b.reach("textbox", "Refresh Token")
	b.key(kb.Enter)
	b.absent("dialog", say("activate.title"))
	b.status(say("activated.verified", "Second harbor"))
	b.focusOn("button", say("activate.again"))
	b.storesNoneOf(p, map[string]string{"the refresh token": token})
	assert.False(t, sim.RefreshTokenLives(token), "it was traded for the next one")
	assert.Equal(t, paycor.StateVerified, p.state(other.ID))
}

// In the dialog, for each method, with and without errors, axe finds no
// violation and everything fits.
func TestTheActivationDialogIsAccessible(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p, _, harbor := activatable(t)
	b := open(t, p).signIn()
	b.watch.expect("status of 422")
	b.visit("/credentials/" + harbor.ID)
	b.press("button", say("activate"))
	check := func(what string) {
		for _, view := range []view{{"light", 1280}, {"dark", 1280}, {"light", 320}, {"dark", 320}} {
			b.media(map[string]string{"prefers-color-scheme": view.theme, "prefers-reduced-motion": "reduce"})
			b.size(view.width, 900)
			b.awaitPaint()
			for _, found := range append(b.axe(string(source)), eval[[]string](b, layout)...) {
				assert.Fail(t, "not accessible", "%s, %s, %d px: %s", what, view.theme, view.width, found)
			}
		}
		b.size(1280, 900)
		b.awaitPaint()
	}
	for _, way := range []struct {
		name, button string
		problems     int
	}{
		{say("activate.title"), say("activate.go.paycor"), 1}, {say("activate.method.code"), say("activate"), 2}, {say("activate.method.token"), say("activate"), 1},
	} {
		b.press("radio", "~"+way.name)
		check(way.name)
		b.press("button", way.button)
		b.alert(problems(way.problems))
		check(way.name + ", with problems")
	}
	b.fill(say("label.refresh_token"), strings.Repeat("0", 63)+"1")
	b.press("button", say("activate"))
	b.alert(say("activate.failed"))
	check("refused")
	b.fill(say("label.refresh_token"), "x")
	b.key(kb.Escape)
	b.alert(say("discard"))
	check("discard")
	b.press("button", say("discard.yes"))
	b.navigate(p.address + "/credentials/" + harbor.ID + "?activation=activation_denied")
	b.mounted()
	b.alert(say("verdict.activation_denied"))
	check("back without success")
}
