//go:build js && wasm

package wasm

import (
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app"
	"paycorcred/app/client"
	"paycorcred/paycor/api"
)

// Run reads the data that the server sent with the page, and mounts the page that
// newPage returns for it. It returns when the program is to end, which is never.
func Run(newPage func(app.Config) *app.Page) {
	keepAwake()
	var start api.Start
	if err := json.Unmarshal([]byte(goapp.Window().GetElementByID("start").Get("textContent").String()), &start); err != nil {
		panic("the page came without its data")
	}
	language, err := app.LoadLanguage()
	if err != nil {
		panic(err)
	}
	config := app.Config{Service: client.New(client.BrowserFetch), Calls: client.NewTestCalls(client.BrowserFetch), Language: language}
	if start.Embed != nil {
		start = app.AwaitHost()
		config.Service, config.Host = client.New(client.EmbeddedFetch), app.BrowserHostBridge{}
	}
	config.Start = start
	path := goapp.Window().URL().Path
	goapp.Route(path, func() goapp.Composer {
		return newPage(config)
	})
	goapp.RunWhenOnBrowser()
}

// keepAwake calls into the program five times a second. Under load, Go 1.26's
// scheduler in the browser sometimes sleeps although there is work: a response had
// arrived, and the page stood still until the next key or click. Any call wakes it
// up.
func keepAwake() {
	nothing := goapp.FuncOf(func(goapp.Value, []goapp.Value) any { return nil })
	goapp.Window().Call("setInterval", nothing, 200)
}
