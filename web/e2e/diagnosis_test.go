package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/verdicts"
)

// birch is an application in the simulator's sandbox.
func birch(t testing.TB) form {
	t.Helper()
	details := paycortest.New(paycortest.Config{Peer: true}).Lookup(paycortest.BirchClinic).Details()
	return form{
		Name: "Birch", ClientID: details.ClientID, ClientSecret: details.ClientSecret, Key: details.PrimaryKey,
		LEI: strconv.Itoa(details.Entities[0].ID),
	}
}

// screenshot saves a picture if -screenshots names a directory.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	beyond := true
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	require.NoError(b.t, os.WriteFile(filepath.Join(*screenshots, name+".png"), shot.Data, 0o644))
}

// A key of the other environment is detected when the person asks, and only
// then. Switching keeps everything typed.
func TestThePeerEnvironmentIsTried(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.complete(birch(t))
	b.press("button", say("save"))
	b.alert(say("verdict.subscription_key_rejected"))
	b.screenshot("other-1")
	b.press("button", say("peer.try", say("environment.simulator-sandbox")))
	b.status(say("peer.yes", say("environment.simulator-sandbox")))
	b.screenshot("other-2")
	b.press("button", say("peer.move", say("environment.simulator-sandbox")))
	b.press("button", say("save"))
	b.get("radio", "~Birch")
	b.seesText(say("state.verified"))
	b.storesNothing()
}

// The server probes data access after the save, and the page shows the result
// as a table.
func TestWhatACredentialCanRead(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.OldMillFoods).body(t), "")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	b.get("table", say("data-access"))
	b.get("rowheader", say("data.pay_data"))
	words := b.textOf()
	assert.Contains(t, words, "Employees")
	assert.Contains(t, words, say("data-access.readable"))
	assert.Contains(t, words, say("data-access.missing"))
	b.screenshot("access-wide")
	b.size(320, 900)
	b.screenshot("access-narrow")
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.size(1200, 900)
	b.screenshot("access-dark")
}

// The page also shows access probes that finished before it opened its event
// stream.
func TestWhatWasReadBeforeThePageListens(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	p.addFault(fault{Kind: paycortest.Slow, Place: paycortest.AtAPI, DelayMS: 1000})
	saved := p.save(sample(t, paycortest.OldMillFoods).body(t), "")
	require.Nil(t, saved.Verdict.DataAccess)
	b.hold(wasmFiles)
	b.navigate(p.address + "/credentials/" + saved.ID)
	assert.False(t, b.has("table", say("data-access")), "the page was written before the look was over")
	p.clearFaults()
	b.until("the look is over", func() bool {
		var now paycor.Credential
		p.api("GET", "/credentials/"+saved.ID, nil).into(t, &now)
		return now.Verdict.DataAccess != nil
	})
	b.release()
	b.get("table", say("data-access"))
}

// An outage is shown as an outage, also on the tile, and the text for support
// contains no value and no name.
func TestAnOutageIsToldOnTileAndPage(t *testing.T) {
	t.Parallel()
	p := start(t)
	f := sample(t, paycortest.SunriseBakery)
	saved := p.save(f.body(t), "")
	require.Equal(t, paycor.StateVerified, saved.State)
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	b.seesText(say("data-access.checked")) // the server asks that by itself, and it would count
	p.addFault(fault{Kind: paycortest.ServerError, Status: 503})
	b.press("button", say("verify.again"))
	b.status(say("verified.not_reachable", "Sunrise Bakery"))
	b.seesText(say("detail.last-known.verified"))
	assert.Zero(t, eval[int](b, `document.querySelectorAll(".step.is-failed").length`), "no step looks like a blame")
	assert.Equal(t, 1, eval[int](b, `document.querySelectorAll(".step.is-open").length`))
	b.pressNode(b.get("DisclosureTriangle", say("support")))
	b.get("button", say("support.copy"))
	words := b.textOf()
	assert.Contains(t, words, "server_error (unreachable)")
	assert.Contains(t, words, "Request ID:")
	b.screenshot("outage-own")
	b.visit("/")
	b.seesText(say("state.outage.error"), say("since.verified"))
	b.screenshot("outage-tile")

	// Nobody asks Paycor about a description, so a change of it says nothing of Paycor.
	b.visit("/credentials/" + saved.ID)
	asked, before := p.counts(), p.verdict(saved.ID)
	b.describe("Nightly, for the warehouse")
	b.status(say("saved.unchecked", "Sunrise Bakery"))
	assert.NotContains(t, b.statusBar(), say("saved.not_reachable", "Sunrise Bakery"))
	b.raisesNoAlarm()
	assert.Equal(t, asked, p.counts())
	assert.Equal(t, before, p.verdict(saved.ID))

	// An error inside of a success is an error, and one rejection of a new token is none.
	p.clearFaults()
	p.addFault(fault{Kind: paycortest.ErrorInSuccess})
	b.press("button", say("verify.again"))
	b.status(say("verified.not_reachable", "Sunrise Bakery"))
	b.seesText(say("verdict.server_error"), say("detail.last-known.verified"))
	p.clearFaults()
	p.addFault(fault{Kind: paycortest.TokenNotAccepted, Count: 1})
	b.press("button", say("verify.again"))
	b.status(say("verified.verified", "Sunrise Bakery"))
}

// verdict reads the latest verdict on a credential through the API.
func (p *program) verdict(id string) *verdicts.Verdict {
	p.t.Helper()
	var now paycor.Credential
	p.api("GET", "/credentials/"+id, nil).into(p.t, &now)
	return now.Verdict
}

// describe changes the description on the credential's page.
func (b *tab) describe(text string) {
	b.t.Helper()
	b.press("button", say("edit"))
	b.get("dialog", say("edit.title"))
	b.fill("~Credential Description", text)
	b.press("button", say("save"))
	b.absent("dialog", say("edit.title"))
	b.seesText(text)
}

// statusBar returns what the status bar says.
func (b *tab) statusBar() string {
	b.t.Helper()
	return eval[string](b, `document.getElementById("status").textContent`)
}

// raisesNoAlarm asserts that no alert says anything, and that the status bar is not red.
func (b *tab) raisesNoAlarm() {
	b.t.Helper()
	for _, alert := range b.all("alert") {
		said, err := b.inner(alert)
		require.NoError(b.t, err)
		assert.Empty(b.t, said)
	}
	assert.NotContains(b.t, eval[string](b, `document.getElementById("status").outerHTML`), "rejected")
}
