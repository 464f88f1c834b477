package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// rotatable runs the program with its own simulator, whose application gets new
// secrets, and saves Sunrise Bakery.
func rotatable(t testing.TB) (*program, *paycortest.Application, paycor.Credential) {
	t.Helper()
	sim := paycortest.Start(t, paycortest.Config{})
	p := launch(t, raced, t.TempDir(), "--environment", "simulator="+sim.URL)
	return p, sim.Lookup(paycortest.SunriseBakery), p.save(sample(t, paycortest.SunriseBakery).body(t), "")
}

// A new secret that Paycor rejects is kept as pending. Then Paycor accepts it,
// it is promoted, rolled back and promoted again, and the previous one is
// deleted. No value leaks at any time.
func TestRotatingASecret(t *testing.T) {
	t.Parallel()
	p, app, saved := rotatable(t)
	old := app.Details().ClientSecret
	fresh := "N/+" + invented(38, "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789/+")
	look := &search{t: t, canaries: map[string]string{"previous Client Secret": old, "new Client Secret": fresh}}
	b := open(t, p).signIn()
	searched := func(when string) {
		look.in("the page "+when, []byte(eval[string](b, `document.documentElement.outerHTML`)))
		for _, path := range []string{"", "/history"} {
			got := p.api("GET", "/credentials/"+saved.ID+path, nil)
			look.in("GET "+path+" "+when, append(fmt.Appendf(nil, "%v", got.Header), got.Body...))
		}
		look.files(when, p.data)
	}
	b.follow("link", "~Sunrise Bakery")

	b.press("button", say("rotate"))
	b.get("dialog", say("rotate.title"))
	b.focusOn("textbox", "New Client Secret")
	b.awaitPaint()
	b.press("button", say("rotate.go"))
	b.alert(say("rotate.enter"))
	b.fill("New Client Secret", fresh)
	b.press("button", say("rotate.go"))
	b.alert(say("rotate.refused"))
	b.seesText(say("rotate.still"), say("rotate.pending-help"), say("verdict.client_secret_rejected.fix"))
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	assert.Equal(t, fresh, b.value("New Client Secret"), "what was typed stays")
	b.press("button", say("rotate.keep-pending"))
	b.absent("dialog", say("rotate.title"))
	b.status(say("rotated.pending"))
	b.seesText(say("rotation.pending"), say("rotation.pending.words", "Client Secret"))
	searched("with a pending one")

	app.Change(func(d *paycortest.Details) { d.ClientSecret = fresh })
	b.press("button", say("rotation.again"))
	b.status(say("rotated.promoted", "Sunrise Bakery"))
	b.seesText(say("rotation.previous"), say("rotation.until"))
	b.awaitPaint()
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	searched("with a previous one")

	b.press("button", say("rotation.back"))
	b.alert(say("rotated.not-back"))
	b.seesText(say("verdict.client_secret_rejected"))
	b.get("button", say("rotation.anyway"))
	b.awaitPaint()
	b.screenshot("rotation-not-back")
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	app.Change(func(d *paycortest.Details) { d.ClientSecret = old })
	b.press("button", say("rotation.back.again"))
	b.status(say("rotated.back", "Sunrise Bakery"))
	b.seesText(say("rotation.used"), say("rotation.accepted"))
	assert.Equal(t, paycor.StateVerified, p.state(saved.ID))
	app.Change(func(d *paycortest.Details) { d.ClientSecret = fresh })
	b.press("button", say("rotation.again"))
	b.status(say("rotated.promoted", "Sunrise Bakery"))

	b.press("button", say("rotation.end"))
	b.alert(say("rotation.confirm.previous"))
	b.press("button", say("rotation.delete"))
	b.status(say("rotated.ended"))
	b.absent("button", say("rotation.back"))
	b.get("button", say("rotate"))
	b.seesText("rotated the secrets", "deleted the stored previous or pending secrets")
	searched("after all")
	look.in("the server's output", []byte(p.output.String()))
}

// Before a duplicate is saved, the page reports the existing credential and
// links to it.
func TestSavingTwiceIsToldOf(t *testing.T) {
	t.Parallel()
	p, _, saved := rotatable(t)
	bakery := sample(t, paycortest.SunriseBakery)
	bakery.Name = "The same again"
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.focusOn("textbox", say("label.name"))
	b.press("combobox", "Environment")
	b.key("sim")
	b.complete(bakery)
	b.press("button", say("save"))
	b.alert(say("same.values", "Sunrise Bakery"))
	links := eval[[]string](b, `[...document.querySelectorAll("#summary a")].map(a => a.pathname)`)
	assert.Equal(t, []string{"/credentials/" + saved.ID}, links)
	b.awaitPaint()
	b.press("button", say("save.anyway"))
	b.absent("dialog", say("add.title"))
	b.get("radio", "~The same again")
}
