package e2e_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

const wrongSecret = "wrong/secret+of/nobody/0000000000000000000"

// replaceSecret types a new Client Secret over the saved one.
func replaceSecret(b *tab, secret string) {
	b.t.Helper()
	b.press("button", say("edit"))
	b.get("dialog", say("edit.title"))
	b.pressNode(described(b.t, b, "button", say("replace"), "Client Secret"))
	b.focusOn("textbox", say("label.client_secret"))
	b.paste(secret)
	b.press("button", say("save"))
}

const stillWorks = "Paycor rejected the new Client Secret. The saved one still works."

// A wrong new secret does not replace one that works, unless the person says so,
// and then one click goes back.
func TestReplacingASecretThatWorks(t *testing.T) {
	t.Parallel()
	p, app, saved := rotatable(t)
	old := app.Details().ClientSecret
	program := p.newToken("--rights", "use")
	calls := func() int { return p.through(program, "GET", saved.ID, aList, nil).Status }
	require.Equal(t, http.StatusOK, calls())
	b := open(t, p).signIn()
	b.follow("link", "~Sunrise Bakery")
	b.until("the call is counted", func() bool { return p.calls(saved.ID) > 0 })

	b.watch.expect("status of 422")
	replaceSecret(b, wrongSecret)
	b.alert(stillWorks)
	b.seesText(say("verdict.client_secret_rejected.fix"), say("replace.fail", "e2e"), say("replace.keeps"))
	assert.False(t, b.has("link", say("summary.go", "Client ID")), "the Client ID is right")
	b.get("link", say("summary.go", "Client Secret"))
	assert.Equal(t, wrongSecret, b.value("Client Secret"), "what was typed stays")
	b.awaitPaint()
	b.screenshot("replacement-refused")
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	b.reach("button", say("replace.keep"))
	b.key(kb.Enter)
	b.absent("dialog", say("edit.title"))
	b.status(say("replace.kept", "Sunrise Bakery"))
	assert.Equal(t, http.StatusOK, calls())

	replaceSecret(b, wrongSecret)
	b.alert(stillWorks)
	b.press("button", say("replace.anyway"))
	b.absent("dialog", say("edit.title"))
	b.status(beginning("replace.kept-until"))
	b.seesText(say("saved.rejected", "Sunrise Bakery"), "501123, Sunrise Bakery LLC", say("rotation.previous"), "replaced Client Secret, which Paycor hasn’t accepted")
	b.awaitPaint()
	b.screenshot("replacement-anyway")
	assert.Equal(t, paycor.StateRejected, p.state(saved.ID))
	b.press("button", say("rotation.end"))
	b.alert(say("rotation.confirm.last"))
	b.focusOn("button", say("rotation.keep"))
	b.key(kb.Enter)
	b.get("button", say("rotation.end"))
	b.press("button", say("undo"))
	b.status(say("rotated.back", "Sunrise Bakery"))
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	assert.Equal(t, http.StatusOK, calls())
	b.absent("button", say("rotation.again")) // nothing is left of the rejected one

	// The right one replaces it at once, and the old one is kept.
	fresh := "N/+" + invented(38, "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789/+")
	app.Change(func(d *paycortest.Details) { d.ClientSecret = fresh })
	replaceSecret(b, fresh)
	b.absent("dialog", say("edit.title"))
	b.status(beginning("replace.kept-until"))
	b.seesText(say("saved.verified", "Sunrise Bakery"), say("rotation.previous"))
	assert.Equal(t, http.StatusOK, calls())
	app.Change(func(d *paycortest.Details) { d.ClientSecret = old })
	b.press("button", say("undo"))
	b.status(say("rotated.back", "Sunrise Bakery"))
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))

	// The newer one may work and is pending: the page asks to decide about it first.
	b.press("button", say("edit"))
	b.seesText(say("secret.pending", "Client Secret"))
	assert.False(t, b.has("button", say("replace")))
	b.press("button", say("cancel"))
	b.absent("dialog", say("edit.title"))
}

// Without an answer of Paycor nothing is replaced.
func TestReplacingASecretWhilePaycorIsDown(t *testing.T) {
	t.Parallel()
	p, app, saved := rotatable(t)
	b := open(t, p).signIn()
	b.follow("link", "~Sunrise Bakery")
	app.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	b.watch.expect("status of 503")
	replaceSecret(b, wrongSecret)
	b.alert("We couldn’t test the new Client Secret with Paycor. The saved one is still in use.")
	b.get("button", say("replace.anyway"))
	b.awaitPaint()
	b.screenshot("replacement-untested")
	b.press("button", say("replace.keep-saved"))
	b.absent("dialog", say("edit.title"))
	app.ClearFaults()
	b.press("button", say("verify.again"))
	b.status(say("verified.verified", "Sunrise Bakery"))
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
}

// The API keeps a working secret, too.
func TestAPIKeepsAWorkingSecret(t *testing.T) {
	t.Parallel()
	p, _, saved := rotatable(t)
	got := p.api("PATCH", "/credentials/"+saved.ID, body{"client_secret": wrongSecret})
	require.Equal(t, http.StatusUnprocessableEntity, got.Status, "%s", got.Body)
	var problem struct {
		Code, Detail string
		Verdict      struct {
			Code   string
			Fields []string
		}
		Saved struct{ Outcome string } `json:"saved_verdict"`
	}
	got.into(t, &problem)
	assert.Equal(t, "not_accepted", problem.Code)
	assert.Equal(t, stillWorks, problem.Detail)
	assert.Equal(t, "client_secret_rejected", problem.Verdict.Code)
	assert.Equal(t, []string{"client_secret"}, problem.Verdict.Fields)
	assert.Equal(t, "verified", problem.Saved.Outcome)
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))

	forced := p.api("PATCH", "/credentials/"+saved.ID+"?force=true", body{"client_secret": wrongSecret})
	require.Equal(t, http.StatusOK, forced.Status, "%s", forced.Body)
	assert.Equal(t, paycor.StateRejected, p.state(saved.ID))
	again := p.api("PATCH", "/credentials/"+saved.ID+"?force=true", body{"client_secret": wrongSecret})
	assert.Equal(t, forced.Header.Get("ETag"), again.Header.Get("ETag"), "repeating a request changes nothing")
	back := p.api("POST", "/credentials/"+saved.ID+"/rotation/back", body{})
	require.Equal(t, http.StatusOK, back.Status, "%s", back.Body)
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
}
