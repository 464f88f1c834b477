package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// boot.js keeps the server's HTML usable until this program is mounted.
// Mounting replaces the elements that hold what was typed until then:
// captureState saves it, and restoreState puts it into the new elements.

func boot() goapp.Value { return goapp.Window().Get("paycorBoot") }

// captureState lets boot.js save the state of the document.
func captureState() {
	if b := boot(); b.Truthy() {
		b.Call("captureState")
	}
}

// restoreState lets boot.js restore that state by element ID, and the content take over
// what depends on it.
func (p *Page) restoreState() {
	b := boot()
	if !b.Truthy() {
		return
	}
	before := b.Call("restoreState")
	p.content.restore(before)
	if pressed := before.Get("earlyPress"); pressed.Truthy() {
		id := pressed.String()
		p.loop.AfterRender(func() { b.Call("press", id) })
	}
	p.loop.Update(func() {})
	p.loop.AfterRender(func() { b.Call("mounted") })
}

// renderBootMessages renders the sentences that boot.js shows if this program
// cannot run.
func (p *Page) renderBootMessages() goapp.UI {
	parts := []any{dom.Attr("id", "boot-words"), dom.Flag("hidden", true)}
	for _, name := range []string{"early", "press", "search", "slow", "offline", "missing", "blocked", "broken", "unbuilt", "timeout", "title", "reload", "typed"} {
		parts = append(parts, dom.Attr("data-"+name, p.say("boot."+name)))
	}
	parts = append(parts, dom.Attr("data-selected", p.say("continue.selected")), dom.Attr("data-choose", p.say("continue.choose")))
	if counts := p.start.List.Counts; counts != nil {
		parts = append(parts, dom.Attr("data-some", p.say("list.some", "%s", p.number(counts.Total))))
	}
	if p.embedded() {
		for _, name := range []string{"alone", "origin", "sandbox", "silent", "refused"} {
			parts = append(parts, dom.Attr("data-embed-"+name, p.say("boot.embed."+name)))
		}
		parts = append(parts, dom.Attr("data-embed-chosen", p.say("embed.chosen", "%s")))
	}
	return dom.El("div", parts...)
}
