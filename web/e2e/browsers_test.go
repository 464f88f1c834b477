package e2e_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/web/e2e/webdriver"
)

// The life of a credential in every browser: added with a wrong secret and with the right
// one, found, selected, verified, edited, rotated and deleted. At the end the person signs out.
func TestALifeInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p := start(t)
		bakery := sample(t, paycortest.SunriseBakery)
		p.save(bakery.body(t).with("name", "Quarry").with("description", "stone and gravel"), "?verify=false")
		w := open(p).signIn()
		w.expect("422")
		w.press("button", say("add"))
		w.get("dialog", say("add.title"))
		w.fits("add")
		wrong := bakery
		wrong.ClientSecret = "wrong/secret+of/nobody/0000000000000000000"
		w.complete(wrong)
		w.press("button", say("save"))
		w.alert(say("same.values", "Quarry"))
		w.fits("add with a problem")
		w.press("button", say("save.anyway"))
		w.alert(say("verdict.client_rejected"))
		w.fits("add with a wrong secret")
		w.fill("Client Secret", bakery.ClientSecret)
		w.press("button", say("save"))
		w.absent("dialog", say("add.title"))
		w.status(say("saved.verified", "Sunrise Bakery"))
		w.fits("list")

		w.press("searchbox", say("search"))
		w.key("gravel")
		w.absent("radio", "~Sunrise Bakery")
		w.get("radio", "~Quarry")
		w.key(webdriver.Escape)
		w.visit("/")
		w.press("radio", "~Sunrise Bakery")
		w.seesText("Selected: Sunrise Bakery")
		w.press("button", say("continue"))
		w.get("heading", "Sunrise Bakery")
		w.mounted()
		w.fits("details")
		w.press("button", say("verify.again"))
		w.status(say("verified.verified", "Sunrise Bakery"))

		w.press("button", say("edit"))
		w.get("dialog", say("edit.title"))
		w.fits("edit")
		w.fill("~Credential Description", "Payroll, every hour")
		w.press("button", say("save"))
		w.absent("dialog", say("edit.title"))
		w.seesText("Payroll, every hour")

		w.press("button", say("rotate"))
		w.get("dialog", say("rotate.title"))
		w.fits("rotate")
		w.fill("New Client Secret", wrong.ClientSecret)
		w.press("button", say("rotate.go"))
		w.alert(say("rotate.refused"))
		w.fits("rotate with a wrong secret")
		w.press("button", say("rotate.keep-pending"))
		w.absent("dialog", say("rotate.title"))
		w.status(say("rotated.pending"))

		w.press("button", say("delete"))
		w.get("dialog", say("delete.title", "Sunrise Bakery"))
		w.fits("delete")
		w.fill(say("delete.label", "Sunrise Bakery"), "Sunrise Bakery")
		w.press("button", say("delete"))
		w.get("heading", say("authenticate"))
		w.mounted()
		w.status(say("deleted", "Sunrise Bakery"))
		assert.Equal(t, []string{"Quarry"}, p.names())

		w.press("button", "~"+say("account"))
		w.press("button", say("sign-out"))
		w.until("the page of the sign-in", func() bool { return look[string](w, `location.pathname`) == "/sign-in" })
		assert.Empty(t, look[string](w, `document.cookie`))
	})
}

// The activation on Paycor's page in every browser: first denied, then allowed.
func TestActivationInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p, sim, harbor := activatable(t)
		w := open(p).signIn()
		w.expect(regexp.QuoteMeta(sim.URL) + "/favicon.ico")
		w.expect("Go program has already exited") // Firefox stops the program of a page that is being left
		w.press("link", "Activate Harbor Logistics")
		w.get("dialog", say("activate.title"))
		w.mounted()
		w.fits("activate")
		w.fill(say("label.scope"), harborScope(t, sim))
		w.press("button", say("activate.go.paycor"))
		w.press("button", "Deny")
		w.alert(say("verdict.activation_denied"))
		w.mounted()
		assert.Equal(t, paycor.StateNeedsActivation, p.state(harbor.ID))

		w.press("button", say("activate"))
		w.press("button", say("activate.go.paycor"))
		w.press("button", "Allow")
		w.status(say("activation.done"))
		w.mounted()
		assert.Equal(t, p.address+"/credentials/"+harbor.ID, look[string](w, `location.href`))
		assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	})
}

// A consumer's token in every browser: created, shown once, used and revoked.
func TestAConsumerInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p := start(t)
		saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
		w := open(p).signIn()
		w.follow("link", say("consumers"))
		w.press("button", say("consumer.add"))
		w.get("dialog", say("consumer.add"))
		w.fits("add a consumer")
		w.fill("Name", "Nightly import")
		w.press("button", say("token-dialog.create"))
		w.get("dialog", say("token-dialog.made", "Nightly import"))
		token := w.value(say("token-dialog.token"))
		w.fits("a token that is shown")
		assert.Equal(t, http.StatusOK, p.through(token, "GET", saved.ID, aList, nil).Status)
		w.key(webdriver.Escape)
		w.alert(say("token-dialog.lost"))
		w.press("button", say("token-dialog.drop"))
		w.status(say("token-dialog.done", "Nightly import"))
		w.fits("consumers")

		w.press("button", say("revoke"), "Nightly import")
		w.get("dialog", say("revoke.title", "Nightly import"))
		w.fits("revoke")
		w.fill(say("delete.label", "Nightly import"), "Nightly import")
		w.key(webdriver.Enter)
		w.status(say("revoke.done", "Nightly import"))
		assert.Equal(t, http.StatusUnauthorized, p.through(token, "GET", saved.ID, aList, nil).Status)
	})
}

// embedded opens a page of an embedding site, whose frame is cross-site: the site is 127.0.0.1
// and the program localhost.
func embedded(t *testing.T, open func(*program) *window, rights ...string) (*program, *console, *window) {
	t.Helper()
	p := start(t)
	c := newConsole(t, p, strings.Join(rights, ","))
	c.differ(map[string]any{"rights": rights})
	w := open(p)
	w.navigate(c.address)
	return p, c, w
}

// The page in a frame of another site, in every browser, where third-party cookies are
// refused: a credential is added, verified, selected, edited, rotated and deleted.
func TestEmbeddedInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p, c, w := embedded(t, open, "view", "edit", "admin")
		w.expect("422")
		w.mount(`{purpose: "destination", theme: "light", appearance: {light: {accent: "#5b21b6", background: "#faf7ff"}, radius: 3, density: "compact"}}`)
		f := w.framed(p)
		assert.Equal(t, map[string]any{"version": 1.0, "locale": "en"}, w.waitForMessage("ready"))
		assert.False(t, look[bool](f, `(document.cookie = "a=b; SameSite=None; Secure", document.cookie !== "")`), "third-party cookies are refused")
		assert.Equal(t, "rgb(250, 247, 255)", look[string](f, `getComputedStyle(document.body).backgroundColor`))
		assert.Equal(t, "rgb(91, 33, 182)", look[string](f, `getComputedStyle(document.querySelector(".button.primary")).backgroundColor`))
		assert.Equal(t, "14px", look[string](f, `getComputedStyle(document.documentElement).fontSize`))

		f.press("button", say("add"))
		f.get("dialog", say("add.title"))
		f.fits("add in a frame")
		bakery := sample(t, paycortest.SunriseBakery)
		wrong := bakery
		wrong.ClientSecret = "wrong/secret+of/nobody/0000000000000000000"
		f.complete(wrong)
		f.press("button", say("save"))
		f.alert(say("verdict.client_rejected"))
		f.fits("add in a frame with a wrong secret")
		f.fill("Client Secret", bakery.ClientSecret)
		f.press("button", say("save"))
		f.absent("dialog", say("add.title"))
		id, _ := w.waitForMessage("created")["id"].(string)
		assert.Equal(t, map[string]any{"id": id, "state": "verified"}, w.waitForMessage("verified"))
		f.fits("list in a frame")
		look[any](w, `mounted.update({appearance: {light: {background: "#fffdf5"}}}), null`)
		f.until("the new look", func() bool {
			return look[string](f, `getComputedStyle(document.body).backgroundColor`) == "rgb(255, 253, 245)"
		})
		assert.Equal(t, "16px", look[string](f, `getComputedStyle(document.documentElement).fontSize`))

		f.press("button", "~Details")
		f.get("heading", bakery.Name)
		f.press("button", say("verify.again"))
		f.status("is verified")
		f.fits("details in a frame")
		f.press("button", say("edit"))
		f.get("dialog", say("edit.title"))
		f.fits("edit in a frame")
		f.fill("~Credential Description", "Payroll, every hour")
		f.press("button", say("save"))
		f.absent("dialog", say("edit.title"))
		assert.Equal(t, id, w.waitForMessage("updated")["id"])
		f.press("button", say("rotate"))
		f.get("dialog", say("rotate.title"))
		f.fits("rotate in a frame")
		f.press("button", say("cancel"))
		f.absent("dialog", say("rotate.title"))
		f.press("button", say("back"))

		f.press("radio", "~"+bakery.Name)
		f.press("button", say("continue"))
		assert.Equal(t, map[string]any{"id": id, "name": bakery.Name, "purpose": "destination", "state": "verified"}, w.waitForMessage("selected"))
		f.press("button", "~Details")
		f.press("button", say("delete"))
		f.get("dialog", say("delete.title", bakery.Name))
		f.fits("delete in a frame")
		f.fill(say("delete.label", bakery.Name), bakery.Name)
		f.press("button", say("delete"))
		assert.Equal(t, id, w.waitForMessage("deleted")["id"])
		f.get("button", say("add")) // the list is shown
		assert.Empty(t, p.names())
		assert.Equal(t, 1, c.tokens())
	})
}

// From a frame, Paycor's page opens in a window of its own, where the person is signed in on
// the server, and the frame goes on by itself.
func TestAFrameActivatesInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p, sim, harbor := activatable(t)
		scope := p.api("PATCH", "/credentials/"+harbor.ID, body{"scope": harborScope(t, sim)})
		require.Equal(t, http.StatusOK, scope.Status, string(scope.Body))
		c := newConsole(t, p, "view,edit")
		w := open(p).signIn()
		w.expect(regexp.QuoteMeta(sim.URL) + "/favicon.ico")
		w.expect("Go program has already exited") // Firefox stops the program of a page that is being left
		w.navigate(c.address)
		handles, err := w.session.Windows()
		require.NoError(t, err)
		require.Len(t, handles, 1)
		w.mount(`{popups: true, view: "activate", credentialId: "` + harbor.ID + `"}`)
		f := w.framed(p)
		f.get("dialog", say("activate.title"))
		f.fits("activate in a frame")
		for _, decision := range []string{"Deny", "Allow"} {
			f.press("button", say("activate.go.paycor"))
			f.seesText(say("activate.window"))
			w.inOpened(handles[0], func(opened *window) {
				opened.press("button", say("activation.link-go"))
				opened.press("button", decision)
				if decision == "Deny" {
					opened.alert(say("verdict.activation_denied"))
				} else {
					opened.status(say("activation.done"))
				}
				opened.mounted()
			})
		}
		f.absent("dialog", say("activate.title"))
		f.seesText(say("activated.verified", harbor.Name))
		assert.Equal(t, paycor.StateVerified, p.state(harbor.ID))
	})
}

// pick() in every browser: a choice, and Escape. When the session ends, the site's next token renews it.
func TestPickInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p, c, w := embedded(t, open, "view", "edit")
		saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
		w.expect("401")
		w.hasModule()
		const begin = `(document.getElementById("before").focus(), window.picked = undefined, sdk.pick(options()).then(one => window.picked = one), null)`
		look[any](w, begin)
		f := w.framed(p)
		w.waitForMessage("ready")
		f.fits("pick")
		c.registerAgain("view", "edit") // ends its sessions
		f.press("button", "~Details")
		f.get("heading", saved.Name)
		c.renewed()
		f.press("button", say("back"))
		f.press("radio", "~Sunrise Bakery")
		f.press("button", say("continue"))
		w.until("the choice", func() bool { return look[bool](w, `!!window.picked`) })
		assert.Equal(t, saved.ID, look[string](w, `picked.id`))
		assert.Equal(t, "before", look[string](w, `document.activeElement.id`), "the focus is handed back")
		assert.Equal(t, 0, look[int](w, `document.querySelectorAll("iframe, dialog").length`))

		look[any](w, begin)
		f = w.framed(p)
		f.get("button", say("add"))
		w.until("the frame to have the focus", func() bool { return look[bool](w, `document.activeElement.tagName === "IFRAME"`) })
		f.key(webdriver.Escape)
		w.until("Escape to end it", func() bool { return look[bool](w, `window.picked === null`) })
	})
}
