package dom

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// Protect runs do and recovers from a panic, which would end the program
// without a message. boot.js then says that the page stopped. The value of the
// panic is not shown, because it may contain typed text.
func Protect(do func()) {
	defer func() {
		if recover() == nil {
			return
		}
		if boot := goapp.Window().Get("paycorBoot"); boot.Truthy() {
			boot.Call("showFailure", "broken")
		}
	}()
	do()
}
