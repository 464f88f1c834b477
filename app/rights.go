package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// renderRight renders a right in words, and the name that commands and the API use.
func renderRight(w words, right paycor.Right) goapp.UI {
	return dom.El("span", dom.Class("right"), w.say("right."+string(right)), " ", dom.El("code", dom.Class("right-name"), string(right)))
}

// renderRights renders rights, separated by commas.
func renderRights(w words, rights paycor.Rights) []goapp.UI {
	var shown []goapp.UI
	for i, right := range rights {
		if i > 0 {
			shown = append(shown, goapp.Text(", "))
		}
		shown = append(shown, renderRight(w, right))
	}
	return shown
}
