package app

import (
	"encoding/json"
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

// changeFeed refreshes the page when others change something. It listens to the
// server's events and to other tabs of this browser. A hidden tab does not listen,
// because a browser keeps only six connections to a server. It catches up when it
// is visible again.
type changeFeed struct {
	page    *Page
	events  goapp.Value
	channel goapp.Value
	funcs   []goapp.Func
	onEvent goapp.Func // handles an event of the server
	onOpen  goapp.Func // handles a connection to the server
	open    bool
	opened  bool // the connection has been open before, so that events were missed

	collected []events.Change // to apply to the screen
	pending   bool            // a round of them is due
	applied   time.Time       // the last round
}

// Changes are collected for a moment and applied together. Where they do not end, a
// round takes longer, so that a busy workspace costs a page a request every two seconds.
const (
	changeDelay = 150 * time.Millisecond
	stormDelay  = 2 * time.Second

	maxCollected = 200 // of more, only is known that there were many
)

func (l *changeFeed) start() {
	window := goapp.Window()
	// The stream can outlive a network that was away, and then it reports nothing.
	window.Call("addEventListener", "online", l.listener(func(goapp.Value) { l.changed(events.Change{Missed: true}) }))
	if l.page.embedded() {
		l.page.loop.Async(l.stream)
		return
	}
	if constructor := window.Get("BroadcastChannel"); constructor.Truthy() {
		l.channel = constructor.New("paycor-credentials")
		l.channel.Call("addEventListener", "message", l.listener(func(event goapp.Value) {
			l.changed(events.Change{ID: dom.String(event.Get("data").Get("id")), Action: audit.Action(dom.String(event.Get("data").Get("action")))})
		}))
	}
	window.Get("document").Call("addEventListener", "visibilitychange", l.listener(func(goapp.Value) { l.listen(true) }))
	window.Call("addEventListener", "pageshow", l.listener(func(event goapp.Value) {
		if event.Get("persisted").Truthy() {
			l.listen(true)
		}
	}))
	window.Call("addEventListener", "focus", l.listener(func(goapp.Value) { l.refreshOnFocus() }))
	window.Call("addEventListener", "pagehide", l.listener(func(goapp.Value) { l.close() }))
	l.onEvent = l.listener(func(event goapp.Value) {
		var change events.Change
		if json.Unmarshal([]byte(event.Get("data").String()), &change) == nil {
			l.changed(change)
		}
	})
	l.onOpen = l.listener(func(goapp.Value) {
		// Before the first connection, too, something may have happened that the page waits for.
		if l.opened || l.page.content.awaitsEvent() {
			l.changed(events.Change{Missed: true})
		}
		l.opened = true
	})
	l.listen(false)
}

func (l *changeFeed) listener(do func(goapp.Value)) goapp.Func {
	f := goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		l.page.loop.Update(func() { do(args[0]) })
		return nil
	})
	l.funcs = append(l.funcs, f)
	return f
}

// listen listens while the tab is visible. again refreshes the page, because events
// were missed.
func (l *changeFeed) listen(again bool) {
	window := goapp.Window()
	if window.Get("document").Get("hidden").Bool() {
		l.close()
		return
	}
	if l.open || !window.Get("EventSource").Truthy() {
		return
	}
	l.open, l.opened = true, false
	l.events = window.Get("EventSource").New(dom.Local(client.EventsPath))
	l.events.Call("addEventListener", "message", l.onEvent)
	l.events.Call("addEventListener", "open", l.onOpen)
	if again {
		l.changed(events.Change{Missed: true})
	}
}

// refreshOnFocus refreshes screens that commands can change, because the server
// sends no events for those. A person who ran a command returns to this window.
func (l *changeFeed) refreshOnFocus() {
	if l.page.content.isChangedByCommands() {
		l.changed(events.Change{Missed: true})
	}
}

func (l *changeFeed) close() {
	if l.open {
		l.events.Call("close")
		l.open = false
	}
}

func (l *changeFeed) stop() {
	l.close()
	for _, f := range l.funcs {
		f.Release()
	}
	l.funcs = nil
}

// changed has the screen apply a change, together with others.
func (l *changeFeed) changed(change events.Change) {
	if change.Rights != nil {
		l.page.start.Caller.Rights = change.Rights
		change.Missed = true // what the screen shows may depend on them
	}
	if l.collected = append(l.collected, change); len(l.collected) > maxCollected {
		l.collected = []events.Change{{Missed: true}}
	}
	if l.pending {
		return
	}
	l.pending = true
	wait := changeDelay
	if l.page.clock().Sub(l.applied) < stormDelay {
		wait = stormDelay
	}
	l.page.loop.Async(func() {
		time.Sleep(wait)
		l.page.loop.Update(func() {
			changes := l.collected
			l.collected, l.pending, l.applied = nil, false, l.page.clock()
			l.page.screen.apply(changes)
		})
	})
}

// concern reports whether changes were missed or any of them is one of some actions.
func concern(changes []events.Change, actions ...audit.Action) bool {
	return slices.ContainsFunc(changes, func(change events.Change) bool {
		return change.Missed || slices.Contains(actions, change.Action)
	})
}

// broadcast reports a change to the other tabs of this browser.
func (l *changeFeed) broadcast(change events.Change) {
	if l.channel != nil {
		l.channel.Call("postMessage", map[string]any{"id": change.ID, "action": string(change.Action)})
	}
}

// stream reads the server's events with fetch, because the browser's EventSource
// cannot send an Authorization header.
func (l *changeFeed) stream() {
	for again := false; l.page.ctx.Err() == nil && l.page.sessionMonitor.phase != sessionEnded; again = true {
		if service, ok := l.page.service.(*client.Client); ok {
			_ = service.Listen(l.page.ctx, again, func(change events.Change) { l.page.loop.Update(func() { l.changed(change) }) })
		}
		select {
		case <-l.page.ctx.Done():
		case <-time.After(3 * time.Second):
		}
	}
}
