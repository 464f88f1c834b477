//go:build js && wasm

// Package main is the page's program: it takes what the server sent along
// with the page and mounts the same components the server rendered it from.
// It imports app, go-app and paycor, and nothing that only a server needs.
package main

import (
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app"
	"paycorcred/paycor"
)

func main() {
	var start paycor.Start
	if err := json.Unmarshal([]byte(goapp.Window().GetElementByID("start").Get("textContent").String()), &start); err != nil {
		panic("the page came without its data")
	}
	path := goapp.Window().URL().Path
	goapp.Route(path, func() goapp.Composer {
		return app.New(app.Config{Start: start, Service: app.NewClient(app.BrowserFetch)})
	})
	goapp.RunWhenOnBrowser()
}
