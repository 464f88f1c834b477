package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// Continue with a credential whose calls will fail asks first.
func TestContinueAsksBeforeCallsFail(t *testing.T) {
	t.Parallel()
	p := start(t)
	states := everyState(t, p)
	rejected, inactive := states[paycor.StateRejected], states[paycor.StateNeedsActivation]
	b := open(t, p).signIn()
	b.press("radio", "~"+rejected.Name)
	b.press("button", say("continue"))
	b.get("dialog", say("use.rejected", rejected.Name))
	b.seesText(say("verdict.client_rejected"), say("effect.later"))
	b.focusOn("button", say("use.fix"))
	b.key(kb.Escape)
	b.absent("dialog", say("use.rejected", rejected.Name))
	b.focusOn("button", say("continue"))

	b.key(kb.Enter) // by keyboard alone: the second button goes on
	b.focusOn("button", say("use.fix"))
	b.key(kb.Tab)
	b.focusOn("button", say("use.anyway"))
	b.key(kb.Enter)
	b.seesText(say("chosen.source", rejected.Name), say("chosen.state.rejected"), rejected.ID)

	b.visit("/")
	b.press("radio", say("purpose.destination"))
	b.status(say("destination.note"))
	b.press("radio", "~"+inactive.Name)
	b.press("button", say("continue"))
	b.get("dialog", say("use.needs_activation", inactive.Name))
	b.press("button", say("use.fix"))
	b.get("dialog", "~"+say("activate"))

	b.visit("/")
	b.press("radio", "~Sunrise Bakery Verified")
	b.press("button", say("continue"))
	b.seesText(say("chosen.source", states[paycor.StateVerified].Name))

	// What was never checked cannot be checked again.
	b.visit("/credentials/" + states[paycor.StateNotVerified].ID)
	b.get("button", say("verify"))
	assert.False(t, b.has("button", say("verify.again")))
	b.seesText(say("detail.never"))
	assert.NotContains(t, b.textOf(), say("checked"))
}

// A site learns that the person chose a credential whose calls fail. A frame does not lead
// to Paycor's page, but its link does: the dialog asks for the Scope ID which that needs.
func TestASiteLearnsThatCallsFail(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t).with("client_secret", wrongSecret), "")
	require.Equal(t, paycor.StateRejected, saved.State)
	harbor := p.save(sample(t, paycortest.HarborLogistics).body(t), "")
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, restricted(t), c.address)
	b.mount(`{}`)
	f := b.frame(p)
	f.press("radio", "~"+saved.Name)
	f.press("button", say("continue"))
	f.press("button", say("use.anyway"))
	assert.Equal(t, map[string]any{"id": saved.ID, "name": saved.Name, "purpose": "source", "state": "rejected"}, b.waitForMessage("selected"))
	f.press("button", say("continue"))
	f.press("button", say("use.fix"))
	f.get("heading", saved.Name)
	f.seesText(say("verdict.client_rejected"))

	f.press("button", say("back"))
	f.press("radio", "~"+harbor.Name)
	f.press("button", say("continue"))
	f.press("button", say("use.fix"))
	f.get("dialog", say("activate.title"))
	f.press("button", say("activate.link.copy"))
	f.alert(say("activate.scope"))
	scope := paycortest.New(paycortest.Config{}).Lookup(paycortest.HarborLogistics).Details().Scopes[0].ID
	f.fill("Scope ID", scope)
	f.press("button", say("activate.link.copy"))
	f.until("the link", func() bool { return eval[bool](f, `document.getElementById("activation-link-address") !== null`) })
	assert.Equal(t, scope, p.named(harbor.Name).Scope)
}

// A rejection says until when the credential worked, and who changed what since. As long
// as the access token lives, calls go on, and the page says so.
func TestARejectionSaysWhatHappenedBefore(t *testing.T) {
	t.Parallel()
	p, app, saved := rotatable(t)
	token := p.newToken("--rights", "use")
	require.Equal(t, 200, p.through(token, "GET", saved.ID, aList, nil).Status)
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	app.Change(func(d *paycortest.Details) { d.ClientSecret = "invented/secret+that/nobody+entered/000001" })
	b.press("button", say("verify.again"))
	b.status(say("verified.rejected", saved.Name))
	b.seesText(beginning("last-success.until"), say("last-success.unchanged"), beginning("effect.until"))
	require.Equal(t, 200, p.through(token, "GET", saved.ID, aList, nil).Status, "the page says so: programs go on")
	before := p.verdict(saved.ID)
	b.describe("Still rejected") // which is no reason for an alarm
	b.status(say("saved.unchecked", saved.Name))
	b.raisesNoAlarm()
	assert.Equal(t, before, p.verdict(saved.ID))

	p.api("PATCH", "/credentials/"+saved.ID+"?force=true", body{"client_secret": wrongSecret})
	b.seesText("changed Client Secret on")
	assert.NotContains(t, b.textOf(), say("last-success.unchanged"))
}

// A credential that Paycor accepts and that can read nothing does not look like one that
// works, on its tile and on its page.
func TestNoDataAccessIsNamed(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.addFault(fault{Kind: paycortest.RightMissing})
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	b := open(t, p).signIn()
	all := say("denied.groups", "Employee data, Organization, Payroll, Time and attendance")
	b.get("radio", "~"+say("state.verified_without_access"))
	b.seesText(all)
	b.visit("/credentials/" + saved.ID)
	b.seesText(say("state.verified_without_access"), say("verdict.verified_without_access"), all)
	p.clearFaults()
	b.press("button", say("verify.again"))
	b.status(say("verified.verified", saved.Name))
	b.until("the page to be true again", func() bool {
		words := b.textOf()
		return !strings.Contains(words, all) && !strings.Contains(words, say("state.verified_without_access"))
	})
}

// One press swaps values in each other's fields, and another rewrites a number in
// digits.
func TestTheFormPutsValuesRight(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	swapped := bakery
	swapped.ClientID, swapped.LEI = bakery.LEI, bakery.ClientID
	p, b := adding(t, swapped)
	b.press("button", say("save"))
	b.alert(problems(1))
	b.press("button", say("swap"))
	b.status(beginning("swap.done"))
	b.focusOn("button", say("save"))
	b.holds(bakery)

	b.fill("Legal Entity ID", bakery.LEI[:3]+","+bakery.LEI[3:])
	b.press("button", say("save"))
	b.press("button", say("fix.use", bakery.LEI))
	b.holds(bakery)
	assert.Empty(t, p.names())
	b.press("button", say("save"))
	b.status(say("saved.verified", bakery.Name))
}

// For a wrong Legal Entity ID, what Paycor lists is offered, in the form and on the page.
func TestLegalEntitiesAreOffered(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	wrong := bakery
	wrong.LEI = "999999"
	p, b := adding(t, wrong)
	p.addFault(fault{Kind: paycortest.NotStandard})
	b.press("button", say("save"))
	b.alert(say("verdict.application_refused"))
	for _, label := range []string{"Client ID", "Client Secret", "APIM Subscription Key", "Legal Entity ID"} {
		assert.Empty(t, trueOnly(b.get("textbox", label).property("invalid")), "%s is not to blame", label)
	}
	assert.False(t, b.has("button", "~("+bakery.LEI+")"), "another Legal Entity ID is no help")
	p.clearFaults()
	b.press("button", say("save"))
	b.alert(say("verdict.entity_not_found"))
	b.alert(say("outcome.rejected"))
	b.alert(say("verdict.step") + " " + say("step.legal_entity"))
	b.press("button", "~("+bakery.LEI+")")
	b.focusOn("button", say("save"))
	b.holds(bakery)
	b.press("button", say("cancel"))
	b.press("button", say("discard.yes"))

	saved := p.save(wrong.body(t), "")
	b.visit("/credentials/" + saved.ID)
	b.press("button", "~("+bakery.LEI+")")
	b.get("dialog", say("edit.title"))
	b.focusOn("button", say("save"))
	assert.Equal(t, bakery.LEI, b.value("Legal Entity ID"))
	b.press("button", say("save"))
	b.status(say("saved.verified", bakery.Name))
}

// What is saved several times already is one sentence.
func TestDuplicatesAreOneSentence(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	p, b := adding(t, bakery)
	for _, name := range []string{"A", "B", "C", "D"} {
		p.save(bakery.body(t).with("name", name), "?verify=false")
	}
	p.addFault(fault{Kind: paycortest.Hang, Place: paycortest.AtToken})
	b.press("button", say("save"))
	b.alert(say("duplicate.values", say("duplicate.more", "A", "B", 2)))
	b.press("button", say("save.anyway"))
	assert.Equal(t, "true", on[string](b, b.get("button", say("save.checking")), `function() { return this.getAttribute("aria-busy") }`))
	b.press("button", say("cancel"))
	b.get("button", say("save"))
}

// Canceling the test of a new secret is no error.
func TestCancelingARotationIsNoError(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	b.press("button", say("rotate"))
	b.fill("New Client Secret", wrongSecret)
	p.addFault(fault{Kind: paycortest.Hang, Place: paycortest.AtToken})
	b.press("button", say("rotate.go"))
	b.get("button", say("rotate.testing"))
	b.press("button", say("cancel"))
	b.status(say("rotate.stopped"))
	b.focusOn("button", say("rotate.go"))
	b.raisesNoAlarm()
	p.clearFaults()
}
