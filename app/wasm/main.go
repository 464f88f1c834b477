//go:build js && wasm

// Package main is the page's program: it takes what the server sent along
// with the page and mounts the same components the server rendered it from.
// It imports app, go-app and paycor, and nothing that only a server needs.
package main

import (
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app"
	"paycorcred/app/client"
	"paycorcred/paycor/api"
)

func main() {
	keepAwake()
	var start api.Start
	if err := json.Unmarshal([]byte(goapp.Window().GetElementByID("start").Get("textContent").String()), &start); err != nil {
		panic("the page came without its data")
	}
	if err := app.LoadLanguage(); err != nil {
		panic(err)
	}
	config := app.Config{Service: client.New(client.BrowserFetch)}
	if start.Embed != nil {
		start = app.AwaitHost()
		config.Service, config.Host = client.New(client.EmbeddedFetch), app.BrowserHostBridge{}
	}
	config.Start = start
	path := goapp.Window().URL().Path
	goapp.Route(path, func() goapp.Composer {
		return app.New(config)
	})
	goapp.RunWhenOnBrowser()
}

// keepAwake calls into the program five times a second. Under load, Go 1.26's
// scheduler in the browser was seen to go to sleep with work left to do: an
// answer had come, and the page stood still until the next key or click. Any
// call wakes it, so this bounds such a pause.
func keepAwake() {
	nothing := goapp.FuncOf(func(goapp.Value, []goapp.Value) any { return nil })
	goapp.Window().Call("setInterval", nothing, 200)
}
