package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// reach presses Tab until an element with that role and name has the focus.
// Every element on the way must show its focus.
func (b *tab) reach(role, name string) {
	b.t.Helper()
	passed := []string{}
	for range 60 {
		b.key(kb.Tab)
		at := b.focused()
		if at.role == role && len(named([]node{at}, name)) == 1 {
			b.seesFocus(at)
			return
		}
		passed = append(passed, at.role+" "+at.name)
	}
	b.t.Fatalf("Tab does not lead to the %s %q; it led to:\n%s", role, name, strings.Join(passed, "\n"))
}

// seesFocus asserts that the focused element shows its focus and is inside the
// window.
func (b *tab) seesFocus(th node) {
	b.t.Helper()
	shown := on[bool](b, th, `function() {
		let at = this, seen = false;
		const rings = e => { const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none" };
		const label = this.labels && this.labels[0];
		for (const e of [this, label, this.parentElement]) if (e && rings(e)) seen = true;
		const r = (label && this.getBoundingClientRect().width < 4 ? label : this).getBoundingClientRect();
		return seen && r.bottom > 0 && r.top < innerHeight;
	}`)
	assert.True(b.t, shown, "the focus on the %s %q can be seen", th.role, th.name)
}

// The whole flow without a mouse.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SummitDental).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.key(kb.Tab)
	b.focusOn("link", say("skip"))
	b.key(kb.Enter)
	b.reach("radio", say("purpose.source"))
	b.key(kb.ArrowRight)
	b.focusOn("radio", say("purpose.destination"))

	b.reach("button", say("add"))
	b.key(kb.Enter)
	b.get("dialog", say("add.title"))
	b.focusOn("textbox", say("label.name"))

	// Escape closes an empty overlay, asks before it discards text, and returns
	// the focus to where it was.
	b.key(kb.Escape)
	b.absent("dialog", say("add.title"))
	b.focusOn("button", say("add"))
	b.key(" ")
	b.focusOn("textbox", say("label.name"))
	b.key("Something")
	b.key(kb.Escape)
	b.alert(say("discard"))
	b.focusOn("button", say("discard.no"))
	b.key(kb.Enter)
	b.focusOn("textbox", say("label.name"))
	assert.Equal(t, "Something", b.value("Credential Name"))
	b.key(kb.Escape)
	b.focusOn("button", say("discard.no"))
	b.reach("button", say("discard.yes"))
	b.key(kb.Enter)
	b.absent("dialog", say("add.title"))
	b.focusOn("button", say("add"))

	bakery := sample(t, paycortest.SunriseBakery)
	b.key(kb.Enter)
	b.focusOn("textbox", say("label.name"))
	b.key(bakery.Name)
	b.reach("textbox", "~Credential Description")
	b.key(bakery.Description)
	b.reach("combobox", "Environment")
	b.key(kb.End + kb.ArrowUp) // the last but one
	b.reach("textbox", "Client ID")
	b.key(bakery.ClientID)
	b.reach("textbox", "Client Secret")
	b.key(bakery.ClientSecret)
	b.reach("button", say("show"))
	b.key(" ")
	b.focusOn("button", say("hide"))
	assert.Equal(t, "text", eval[string](b, `document.activeElement.closest("div").querySelector("input").type`))
	b.key(" ")
	b.focusOn("button", say("show"))
	b.reach("textbox", "APIM Subscription Key")
	b.key("000000000000000000000000000000ff")
	b.reach("textbox", "Legal Entity ID")
	b.key(bakery.LEI)
	b.key(kb.Enter)
	b.alert(say("verdict.subscription_key_rejected"))
	b.focusOn("alert", "~")
	b.reach("link", "~APIM Subscription Key")
	b.key(kb.Enter)
	b.focusOn("textbox", say("label.subscription_key"))
	b.key("a", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	b.paste(bakery.Key)
	require.Equal(t, bakery.Key, b.value("APIM Subscription Key"))
	b.reach("button", say("save"))
	b.key(kb.Enter)
	b.absent("dialog", say("add.title"))
	b.focusOn("radio", "~Sunrise Bakery")

	// The tiles are one group: arrow keys move within it, Tab leaves it.
	b.key(kb.ArrowUp)
	b.focusOn("radio", "~Summit Dental")
	b.seesText("Selected: Summit Dental")
	b.key(kb.ArrowDown)
	b.focusOn("radio", "~Sunrise Bakery")
	b.seesText("Selected: Sunrise Bakery")
	b.reach("button", say("continue"))
	b.key(kb.Enter)
	b.get("heading", "Sunrise Bakery")
	b.mounted()

	b.reach("button", say("delete"))
	b.key(kb.Enter)
	b.focusOn("textbox", say("delete.label", "Sunrise Bakery"))
	b.key(kb.Escape)
	b.focusOn("button", say("delete"))
	b.key(kb.Enter)
	b.focusOn("textbox", say("delete.label", "Sunrise Bakery"))
	b.key("Sunrise Bakery")
	b.key(kb.Enter)
	b.get("heading", say("authenticate"))
	b.mounted()
	assert.Equal(t, []string{"Summit Dental"}, p.names())
}
