package e2e_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// adding starts the program, opens the overlay and fills it in.
func adding(t testing.TB, f form) (*program, *tab) {
	t.Helper()
	p := start(t)
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	b.complete(f)
	return p, b
}

// holds asserts that the overlay still has everything that was typed.
func (b *tab) holds(f form) {
	b.t.Helper()
	typed := map[string]string{
		"~Credential Name": f.Name, "~Credential Description": f.Description, "Client ID": f.ClientID,
		"Client Secret": f.ClientSecret, "APIM Subscription Key": f.Key, "Legal Entity ID": f.LEI,
	}
	for label, value := range typed {
		assert.Equal(b.t, value, b.value(label), "what was typed into %s", label)
	}
}

func TestAnEmptySaveSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p, b := adding(t, form{})
	b.press("button", say("save"))
	b.alert(problems(5))
	b.focusOn("alert", "~")
	sentences := map[string]string{
		"Credential Name": "Enter a Credential Name.", "Client ID": "Enter the Client ID.", "Client Secret": "Enter the Client Secret.",
		"APIM Subscription Key": "Enter the APIM Subscription Key.", "Legal Entity ID": "Enter the Legal Entity ID.",
	}
	for label, sentence := range sentences {
		field := b.get("textbox", label)
		assert.Equal(t, "true", field.property("invalid"), label)
		assert.Contains(t, field.description(), sentence, "the same words beside %s", label)
		b.press("link", sentence)
		b.focusOn("textbox", label)
	}
	assert.Empty(t, p.names())

	// A problem goes once its field is right, in the summary and beside the field.
	b.fill("Legal Entity ID", "50x")
	b.alert(problems(4))
	assert.NotContains(t, b.textOf(), sentences["Legal Entity ID"])
	b.fill("Client ID", sample(t, paycortest.SunriseBakery).ClientID)
	b.alert(problems(3))
	assert.NotContains(t, b.textOf(), sentences["Client ID"])
	assert.Empty(t, trueOnly(b.get("textbox", "Client ID").property("invalid")))
	b.press("button", say("save"))
	b.alert(problems(4)) // the Legal Entity ID is no number
	b.fill("Legal Entity ID", "50y")
	b.alert(problems(4))
	b.fill("Legal Entity ID", "501123")
	b.alert(problems(3))
}

func TestRejectionsAreShownInPlace(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	harbor := sample(t, paycortest.HarborLogistics)
	cases := []struct {
		name   string
		typed  form
		says   string
		blames []string
		keeps  string // what the tile shows after "save anyway"
	}{
		{"wrong secret", form{"Wrong secret", "", bakery.ClientID, "simulator/secret+of/Nobody+at+all/000000001", bakery.Key, bakery.LEI},
			say("verdict.client_rejected"), []string{"Client ID", "Client Secret"}, say("state.rejected")},
		{"wrong key", form{"Wrong key", "", bakery.ClientID, bakery.ClientSecret, "000000000000000000000000000000ff", bakery.LEI},
			say("verdict.subscription_key_rejected"), []string{"APIM Subscription Key"}, say("state.rejected")},
		{"unknown entity", form{"Unknown entity", "", bakery.ClientID, bakery.ClientSecret, bakery.Key, "599999"},
			say("verdict.entity_not_found"), []string{"Legal Entity ID"}, say("state.rejected")},
		{"another's entity", form{"Another's entity", "", bakery.ClientID, bakery.ClientSecret, bakery.Key, harbor.LEI},
			say("verdict.entity_not_activated"), []string{"Legal Entity ID"}, say("state.rejected")},
		{"needs activation", harbor,
			say("verdict.grant_not_allowed"), nil, say("state.needs_activation")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, b := adding(t, c.typed)
			b.press("button", say("save"))
			b.alert(c.says)
			b.focusOn("alert", "~")
			for _, label := range []string{"Client ID", "Client Secret", "APIM Subscription Key", "Legal Entity ID"} {
				blamed := b.get("textbox", label).property("invalid") == "true"
				assert.Equal(t, contains(c.blames, label), blamed, "%s is blamed", label)
			}
			stopped := "is-failed"
			if c.blames == nil { // the values are right
				stopped = "is-needs_activation"
			}
			assert.Equal(t, []string{stopped}, eval[[]string](b, `[...document.querySelectorAll("#editor .step:is(.is-failed, .is-needs_activation, .is-open)")].map(e => e.classList[1])`))
			b.holds(c.typed)
			assert.Empty(t, p.names(), "nothing is saved unasked")
			b.press("button", say("save.anyway"))
			b.absent("dialog", say("add.title"))
			assert.Contains(t, b.get("radio", "~"+c.typed.Name).name, c.keeps)
		})
	}
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}

func TestAnOutageBlamesNoField(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	cases := []struct {
		name  string
		fault fault
		title string // its key
		says  string
		state string // the word for it
	}{
		{"down", fault{Kind: paycortest.ServerError, Status: 503}, "outcome.unreachable", say("verdict.server_error"), say("state.outage.error")},
		{"cut", fault{Kind: paycortest.Cut}, "outcome.unreachable", say("verdict.reset"), say("state.not_reachable")},
		{"throttled", fault{Kind: paycortest.RateLimit, DelayMS: 7000}, "outcome.throttled", say("verdict.wait.seconds.other", "7"), say("state.outage.throttled")},
		{"guest network", fault{Kind: paycortest.CaptivePortal}, "outcome.unreachable", say("verdict.captive_portal"), say("state.outage.unreadable")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, b := adding(t, bakery)
			p.addFault(c.fault)
			b.press("button", say("save"))
			b.alert(say(c.title))
			b.alert(c.says)
			for _, label := range []string{"Client ID", "Client Secret", "APIM Subscription Key", "Legal Entity ID"} {
				assert.Empty(t, trueOnly(b.get("textbox", label).property("invalid")), "%s is not to blame", label)
			}
			if c.fault.Kind != paycortest.Cut { // Paycor answered
				assert.NotContains(t, strings.ToLower(b.textOf()), "reach")
			}
			b.holds(bakery)
			b.press("button", say("save.anyway"))
			b.absent("dialog", say("add.title"))
			assert.Contains(t, b.get("radio", "~Sunrise Bakery").name, say("state.not_verified"))

			p.clearFaults()
			b.follow("link", "~Sunrise Bakery")
			b.press("button", say("verify.again"))
			b.status(say("verified.verified", "Sunrise Bakery"))
			p.addFault(c.fault)
			b.press("button", say("verify.again"))
			b.status(say("verified.not_reachable", "Sunrise Bakery"))
			b.seesText(c.state, say("detail.last-known.verified"))
		})
	}
}

func trueOnly(value string) string {
	if value == "false" {
		return ""
	}
	return value
}

// A person can wait for a slow Paycor, or stop waiting.
func TestASlowPaycorCanBeStopped(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	p, b := adding(t, bakery)
	p.addFault(fault{Kind: paycortest.Hang, Place: paycortest.AtToken})
	b.press("button", say("save"))
	b.status(say("verify.running"))
	b.press("button", say("cancel"))
	b.status(say("fail.stopped"))
	b.raisesNoAlarm() // the person asked for it
	assert.NotContains(t, b.textOf(), say("summary.failed"))
	b.focusOn("button", say("save"))
	b.holds(bakery)
	assert.Empty(t, p.names())
	p.clearFaults()
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	b.status(say("saved.verified", "Sunrise Bakery"))
}

func TestPasteArtifactsAreRemovedOnRequest(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	pasted := bakery
	pasted.ClientID = "\u200b" + bakery.ClientID
	pasted.ClientSecret = `"` + bakery.ClientSecret + `"`
	pasted.Key = "Ocp-Apim-Subscription-Key: " + bakery.Key
	_, b := adding(t, pasted)
	b.press("button", say("save"))
	b.alert(problems(3))
	assert.Contains(t, b.get("textbox", say("label.client_id")).description(), say("artifact.invisible"))
	assert.Contains(t, b.get("textbox", say("label.client_secret")).description(), say("artifact.quotes"))
	assert.Contains(t, b.get("textbox", say("label.subscription_key")).description(), say("artifact.header"))
	b.holds(pasted)
	for _, label := range []string{"Client ID", "Client Secret", "APIM Subscription Key"} {
		b.pressNode(described(t, b, "button", say("fix"), label))
		b.focusOn("textbox", label)
	}
	b.status(say("fix.done", "the quotes"))
	b.holds(bakery)
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	b.status(say("saved.verified", "Sunrise Bakery"))
}

// Swapped values are reported before anything is sent, and can be saved anyway.
func TestSwappedValuesAreNotSent(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	swapped := bakery
	swapped.ClientID, swapped.Key = bakery.Key, bakery.ClientID
	p, b := adding(t, swapped)
	before := p.counts()
	b.press("button", say("save"))
	b.alert(say("summary.swapped"))
	b.get("link", "~Client ID looks like a value for APIM Subscription Key.")
	b.status(say("save.swapped"))
	assert.Equal(t, before, p.counts(), "nothing is sent to Paycor")
	b.holds(swapped)
	b.press("button", say("save.anyway"))
	b.alert(say("verdict.subscription_key_rejected"))
	assert.NotEqual(t, before, p.counts(), "then Paycor is asked")
	b.holds(swapped)
}

func TestTheLegalEntityIsFoundWithPaycor(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	bakery.LEI = ""
	_, b := adding(t, bakery)
	b.press("button", say("find"))
	b.press("radio", "~Sunrise Bakery Cafés LLC")
	assert.Equal(t, "501124", b.value("Legal Entity ID"))
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	assert.Contains(t, b.get("radio", "~Sunrise Bakery").name, "501124")
}

// The session ends while a person types: the page says so and keeps what is
// typed.
func TestAnEndedSessionLosesNothing(t *testing.T) {
	t.Parallel()
	bakery := sample(t, paycortest.SunriseBakery)
	p, b := adding(t, bakery)
	second := b.another()
	second.visit("/")
	second.pressInAccount("button", say("sign-out"))
	second.get("heading", say("action.access.sign_in"))
	b.watch.expect("status of 401|EventSource")
	b.press("button", say("save"))
	b.alert(say("fail.session"))
	b.holds(bakery)

	again := command(t, nil, "sign-in", "--data", p.data, "--listen", p.address[len("http://"):])
	link := linkPattern.FindStringSubmatch(again.out)
	if assert.NotNil(t, link, "paycorcred sign-in prints a new link: %s", again.err) {
		second.navigate(link[1])
		second.mounted()
		b.press("button", say("save"))
		b.absent("dialog", say("add.title"))
		b.get("radio", "~Sunrise Bakery")
	}
}

// A failure on the page is reported once, as an alert where it happened, and
// disappears with the next attempt.
func TestAFailedVerificationIsToldInItsPlace(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)
	b.watch.expect("ERR_|EventSource")
	p.stop()
	words := say("fail.offline")
	b.press("button", say("verify.again"))
	b.alert(words)
	b.focusOn("button", say("verify.again"))
	assert.Equal(t, 1, strings.Count(b.textOf(), words), "it is shown once")
	assert.NotContains(t, b.textOf(), say("verify.running"))
	for _, view := range []view{{"light", 1440}, {"dark", 1440}, {"dark", 320}, {"light", 320}} {
		b.media(map[string]string{"prefers-color-scheme": view.theme, "prefers-reduced-motion": "reduce"})
		b.size(view.width, 900)
		b.awaitPaint()
		for _, found := range append(b.axe(string(source)), eval[[]string](b, layout)...) {
			assert.Fail(t, "something is wrong", "%s, %d px: %s", view.theme, view.width, found)
		}
		b.screenshot(fmt.Sprintf("failed verification, %s, %d", view.theme, view.width))
	}
	p.restart()
	b.press("button", say("verify.again"))
	b.status(say("verified.verified", "Sunrise Bakery"))
	assert.NotContains(t, b.textOf(), words)
}
