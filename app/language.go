package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/locale"
)

// LoadLanguage takes over the sentences of the page's language, which boot.js has
// loaded.
func LoadLanguage() error {
	window := goapp.Window()
	tag := window.Get("document").Get("documentElement").Get("lang").String()
	catalogue, err := locale.Parse(tag, window.Get("paycorBoot").Get("sentences").String())
	if err != nil {
		return err
	}
	locale.Use(catalogue)
	return nil
}
