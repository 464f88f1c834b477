package app

import (
	"context"
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/api"
)

// frame.js meets the host and keeps the session; what follows is the way to
// it.

func frame() goapp.Value { return goapp.Window().Get("paycorEmbed") }

// BrowserHostBridge is the Parent of a browser.
type BrowserHostBridge struct{}

// Send implements Parent.
func (BrowserHostBridge) Send(message string, payload map[string]any) {
	frame().Call("send", message, payload)
}

// Receive implements Parent, for as long as the page lives.
func (BrowserHostBridge) Receive(take func(message, id, view string)) {
	frame().Call("receive", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		take(args[0].String(), args[1].String(), args[2].String())
		return nil
	}))
}

// AwaitHost waits until the host was met and its token was taken, and returns
// what the page begins with. Where that fails, frame.js says why, and this
// does not return: there is nothing to show.
func AwaitHost() api.Start {
	begun, err := dom.Await(context.Background(), frame().Get("begun"))
	var start api.Start
	if err != nil || json.Unmarshal([]byte(begun.String()), &start) != nil {
		select {}
	}
	return start
}
