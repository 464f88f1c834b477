package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// The whole flow in a frame of another site, in a browser that blocks
// third-party cookies: load, handshake, add, verify, select. The site gets the
// ID.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, restricted(t), c.address)
	before := eval[int](b, `history.length`)
	b.mount(`{purpose: "destination"}`)
	f := b.frame(p)
	assert.Equal(t, map[string]any{"version": 1.0, "locale": "en"}, b.waitForMessage("ready"))
	assert.False(t, eval[bool](f, `document.cookie = "a=b; SameSite=None; Secure", document.cookie !== ""`), "third-party cookies are blocked")

	f.press("button", say("add"))
	f.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	f.complete(bakery)
	assert.Equal(t, map[string]any{"dirty": true}, b.waitForMessage("dirty"))
	f.press("button", say("save"))
	f.absent("dialog", say("add.title"))
	id, _ := b.waitForMessage("created")["id"].(string)
	require.NotEmpty(t, id)
	assert.Equal(t, map[string]any{"id": id, "state": "verified"}, b.waitForMessage("verified"))

	f.press("button", "~Details")
	f.get("heading", bakery.Name)
	f.press("button", say("verify.again"))
	f.status("is verified")
	f.press("button", say("back"))
	f.get("button", say("add"))

	f.press("radio", "~"+bakery.Name)
	f.press("button", say("continue"))
	assert.Equal(t, map[string]any{"id": id, "name": bakery.Name, "purpose": "destination", "state": "verified"}, b.waitForMessage("selected"))

	assert.Equal(t, before, eval[int](b, `history.length`), "the host's history is its own")
	f.storesNothing()
	assert.Empty(t, f.watch.violations())
	assert.Equal(t, 1, c.tokens())
}
