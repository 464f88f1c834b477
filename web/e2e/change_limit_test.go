package e2e_test

import (
	"testing"

	"paycorcred/paycor/paycortest"
)

// A person beyond the limit on changes is told so in words, and what was typed stays.
func TestTooManyChangesInTheForm(t *testing.T) {
	t.Parallel()
	p := start(t, "--changes-per-minute", "2")
	b := open(t, p).signIn()
	b.press("button", say("add"))
	bakery := sample(t, paycortest.SunriseBakery)
	bakery.Key = "00000000000000000000000000000000"
	b.complete(bakery)
	for range 2 { // each asks Paycor
		b.press("button", say("save"))
		b.alert(say("verdict.subscription_key_rejected"))
	}
	b.watch.expect("Failed to load")
	b.press("button", say("save"))
	b.alert("Too many changes in a short time, so nothing was changed.")
	b.screenshot("change-limit")
	b.get("textbox", say("label.name"))
}
