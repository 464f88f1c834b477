package dom

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Protect runs do and keeps a panic from ending the page's program without a
// word: boot.js shows the person what happened. Nothing of the panic's value
// is shown, because it may hold what was typed.
func Protect(do func()) {
	defer func() {
		if recover() == nil {
			return
		}
		if boot := goapp.Window().Get("paycorBoot"); boot.Truthy() {
			boot.Call("trouble", "broken")
		}
	}()
	do()
}
