package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/paycortest"
)

// An administrator of Paycor without an account here activates the application by a link
// that somebody copied in the dialog. Each state on the way is accessible.
func TestALinkForAPaycorAdministrator(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p, sim, harbor := activatable(t)
	check := func(b *tab, what string) {
		for _, view := range []view{{"light", 1280}, {"dark", 320}} {
			b.media(map[string]string{"prefers-color-scheme": view.theme, "prefers-reduced-motion": "reduce"})
			b.size(view.width, 900)
			b.awaitPaint()
			b.screenshot(what + " " + view.theme)
			for _, found := range append(b.axe(string(source)), eval[[]string](b, layout)...) {
				assert.Fail(t, "not accessible", "%s, %s, %d px: %s", what, view.theme, view.width, found)
			}
		}
		b.size(1280, 900)
		b.awaitPaint()
	}
	b := open(t, p).signIn()
	b.visit("/credentials/" + harbor.ID)
	b.press("button", say("activate"))
	b.fill("Scope ID", harborScope(t, sim))
	copyLink := func() string {
		b.press("button", say("activate.link.copy"))
		b.until("the link", func() bool { return eval[bool](b, `document.getElementById("activation-link-address") !== null`) })
		b.get("button", "~"+say("copied")) // and the dialog has settled
		return eval[string](b, `document.getElementById("activation-link-address").textContent`)
	}
	revoked := copyLink()
	b.press("button", "~"+say("activate.link.revoke"))
	b.seesText(say("activate.link.revoked"))
	link := copyLink()
	assert.NotEqual(t, revoked, link)
	check(b, "dialog with a link")

	admin := open(t, p)
	admin.atPaycor(sim)
	admin.watch.expect("status of 410")
	admin.watch.expect("status of 404")
	for range 2 { // looking does not use it up
		admin.navigate(link)
		admin.seesText("Local administrator asks you to activate", harbor.ClientID, p.address+"/activation/callback", say("activation.warning"))
	}
	check(admin, "open link")
	admin.press("button", say("activation.link-go"))
	admin.press("button", "Deny")
	admin.seesText(say("verdict.activation_denied"))
	check(admin, "declined link")
	assert.Equal(t, paycor.StateNeedsActivation, p.state(harbor.ID))
	admin.press("button", say("activation.link-go"))
	admin.press("button", "Allow")
	admin.seesText(say("activation.link-close"))
	assert.Equal(t, link+"?activation=done", admin.address(), "no authorization code stays in the address")
	check(admin, "used link")
	assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	b.seesText(say("verdict.verified"))

	admin.navigate(link)
	admin.seesText("The application was activated with this link on")
	assert.False(t, admin.has("button", say("activation.link-go")))
	admin.navigate(revoked)
	admin.seesText("This link was revoked on")
	check(admin, "revoked link")

	// Someone who chooses another company breaks nothing. This link is from the page of
	// the application.
	b.visit("/applications/" + harbor.ApplicationID)
	b.press("button", say("activate.again"))
	b.get("dialog", say("activate.title"))
	another := copyLink()
	admin.navigate(another)
	admin.press("button", say("activation.link-go"))
	admin.press("button", "Allow for another company")
	admin.seesText(say("verdict.activation_elsewhere"), say("verdict.activation_elsewhere.fix"))
	check(admin, "another company")
	assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	admin.navigate(link + "x")
	admin.seesText(say("activation.link-unknown"))
	admin.navigate(p.address + "/credentials/" + harbor.ID)
	admin.seesText(say("signin.by-link"))

	look := &search{t: t, canaries: map[string]string{"the link": link[strings.LastIndex(link, "/")+1:]}}
	look.in("the server's output", []byte(p.output.String()))
	look.files("running", p.data)
}

// A program gets a link for a person who signs in, and never the address of Paycor's
// page, which contains the APIM Subscription Key.
func TestAProgramCreatesALinkForAPerson(t *testing.T) {
	t.Parallel()
	p, sim, harbor := activatable(t)
	scope := p.api("PATCH", "/credentials/"+harbor.ID, body{"scope": harborScope(t, sim)})
	require.Equal(t, http.StatusOK, scope.Status, string(scope.Body))
	refused := p.api("POST", "/credentials/"+harbor.ID+"/activation", nil)
	assert.Equal(t, http.StatusForbidden, refused.Status)
	assert.Contains(t, string(refused.Body), "activation_people_only")
	var link activation.NewLink
	created := p.api("POST", "/credentials/"+harbor.ID+"/activation/links", nil)
	require.Equal(t, http.StatusCreated, created.Status, string(created.Body))
	created.into(t, &link)
	path := strings.TrimPrefix(link.URL, p.address)
	key := sample(t, paycortest.HarborLogistics).Key
	for _, header := range []map[string]string{nil, p.bearer()} {
		got := p.do(ask{Method: "POST", Path: path, Header: header})
		assert.NotContains(t, string(got.Body)+got.Header.Get("Location"), "/activation/start/")
		assert.NotContains(t, string(got.Body)+got.Header.Get("Location"), key)
	}

	b := open(t, p)
	b.atPaycor(sim)
	b.navigate(link.URL)
	b.seesText(say("activation.link-sign-in"))
	b.get("link", say("activation.link-sign-in-now"))
	b.signIn()
	b.navigate(link.URL)
	b.press("button", say("activation.link-go"))
	b.press("button", "Allow")
	b.status(say("activation.done"))
	b.mounted()
	assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	var listed struct{ Links []activation.Link }
	p.api("GET", "/credentials/"+harbor.ID+"/activation/links", nil).into(t, &listed)
	require.Len(t, listed.Links, 1)
	assert.Equal(t, activation.LinkUsed, listed.Links[0].State)
}
