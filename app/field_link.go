package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// pointer is a link of a summary to the field with the id to: it moves the
// focus there, and leaves the address alone.
func (p *Page) pointer(to, words string) goapp.UI {
	return dom.El("a", dom.Attr("href", "#"+to), words, dom.On("click", "point/"+to, func(event goapp.Event) {
		event.PreventDefault()
		p.loop.AfterRender(func() { p.document.Focus(to) })
	}))
}
