package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/locale"
	"paycorcred/paycor/api"
)

// Body renders the page as the server sends it, in the language of start: the root
// element, the first child of the body.
func Body(start api.Start) string {
	language, _ := locale.ByTag(start.Locale)
	return goapp.HTMLString(New(Config{Start: start, Language: language, Clock: func() time.Time { return start.Now }}))
}
