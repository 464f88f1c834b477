package app

import (
	"context"
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/api"
)

// HostBridge passes messages between the page and the site that embeds it.
type HostBridge interface {
	Send(message string, payload map[string]any)

	// Receive calls take with each message for the page.
	Receive(take func(HostMessage))
}

// HostMessage is a message of the site for the page. Only its type is never empty.
type HostMessage struct {
	Type    string
	ID      string // of a credential
	View    string // what to open
	Prefill string // values for a new credential, as JSON of a paycor.Draft
}

// frame returns frame.js, which connects to the site and keeps the session.
func frame() goapp.Value { return goapp.Window().Get("paycorEmbed") }

// BrowserHostBridge is the HostBridge of a browser.
type BrowserHostBridge struct{}

// Send implements HostBridge.
func (BrowserHostBridge) Send(message string, payload map[string]any) {
	frame().Call("send", message, payload)
}

// Receive implements HostBridge, for as long as the page lives.
func (BrowserHostBridge) Receive(take func(HostMessage)) {
	frame().Call("receive", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		take(HostMessage{args[0].String(), args[1].String(), args[2].String(), args[3].String()})
		return nil
	}))
}

// AwaitHost waits until the site is connected and its token accepted, and returns
// what the page starts with. If that fails, frame.js says why and AwaitHost never
// returns, because there is nothing to show.
func AwaitHost() api.Start {
	begun, err := dom.Await(context.Background(), frame().Get("begun"))
	var start api.Start
	if err != nil || json.Unmarshal([]byte(begun.String()), &start) != nil {
		select {}
	}
	return start
}
