package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/fields"
)

// The guide marks the step and the part of the drawing that the field in focus is about,
// and scrolls the step into view.
func TestTheGuideFollowsTheField(t *testing.T) {
	t.Parallel()
	b := open(t, start(t)).signIn()
	b.size(1280, 700)
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	current := func(part string) []string {
		return eval[[]string](b, `[...document.querySelectorAll(".guide `+part+`.is-current > :first-child")].map(e => e.textContent)`)
	}
	assert.Empty(t, current("li"), "the name is no value of Paycor")
	for field, step := range map[fields.Field]string{fields.ClientID: "guide.6", fields.SubscriptionKey: "guide.8", fields.LegalEntityID: "guide.9"} {
		label := say("label." + string(field))
		b.fill(label, "1")
		assert.Equal(t, []string{say(step)}, current("li"))
		assert.Equal(t, []string{label}, current(".portal-value"))
		b.until("the step in view", func() bool {
			return eval[bool](b, `(() => { const r = document.querySelector(".guide li.is-current").getBoundingClientRect(), g = document.querySelector(".guide").getBoundingClientRect(),
				p = document.querySelector(".portal").getBoundingClientRect(); return r.top >= p.bottom && r.bottom <= g.bottom })()`)
		})
	}
	b.fill(say("label.description"), "2")
	assert.Empty(t, current("li"))
	assert.Equal(t, 1, eval[int](b, `[...document.querySelectorAll(".guide a")].filter(a => a.textContent.startsWith("`+say("guide.portal")+`")).length`), "one link on top")
}
