package app

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// pointer is a link of a summary to the field with the id to: it moves the
// focus there, and leaves the address alone.
func (p *Page) pointer(to, words string) goapp.UI {
	return el("a", at("href", "#"+to), words, on("click", "point/"+to, func(event goapp.Event) {
		event.PreventDefault()
		p.after(func() { p.surface.Focus(to) })
	}))
}
