package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/locale"
)

// LoadLanguage returns the sentences of the page's language, which boot.js has loaded.
func LoadLanguage() (*locale.Catalogue, error) {
	window := goapp.Window()
	tag := window.Get("document").Get("documentElement").Get("lang").String()
	return locale.Parse(tag, window.Get("paycorBoot").Get("sentences").String())
}
