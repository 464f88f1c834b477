package dom

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Document is what components do with the document besides rendering: values of
// inputs, focus, dialogs and the clipboard.
type Document interface {
	Value(id string) string
	SetValue(id, value string)
	Focus(id string)
	Focused() string     // ID of the element with the focus, or empty
	ShowModal(id string) // opens a dialog, unless it is open
	Close(id string)     // closes a dialog
	Copy(text string, done func(copied bool))
	Open(href string) // loads another page

	// OpenWindow opens an empty window, while the browser allows it because a person just
	// pressed something. It returns nil if the browser blocks it.
	OpenWindow() Window

	Origin() string // of the server, with the path that it is below; empty if unknown

	// Take removes a parameter from the address and reports whether it was
	// present. Reloading the page then does not repeat the action.
	Take(parameter string) bool

	// OpenWith opens another page of this server and passes it a note. The note
	// is part of the history entry and not of the address, so no link can forge
	// it.
	OpenWith(href, note string)
	// TakeNote returns the note of OpenWith once, or "".
	TakeNote() string

	// SetAddress changes the address of this page without loading it. With history, the
	// address before is in the history.
	SetAddress(href string, history bool)
	// OnHistory calls do with the query of each address of this page that the person goes
	// back or forward to.
	OnHistory(do func(query string))
	// Download has the browser save text as a file.
	Download(name, mediaType, text string)
	// ShowAttention shows in title and icon of the tab how many things need attention.
	ShowAttention(n int)
}

// Window is a window that a page opened. Once it shows a page of this server, it does not
// answer to the one that opened it.
type Window interface {
	Open(href string) // loads a page in it
	Close()
}

// Browser is the Document of a browser.
type Browser struct{}

func (Browser) find(id string, do func(goapp.Value)) {
	if found := goapp.Window().GetElementByID(id); found.Truthy() {
		do(found)
	}
}

func (d Browser) Value(id string) (value string) {
	d.find(id, func(found goapp.Value) { value = found.Get("value").String() })
	return value
}

func (d Browser) SetValue(id, value string) {
	d.find(id, func(found goapp.Value) { found.Set("value", value) })
}

func (d Browser) Focus(id string) {
	d.find(id, func(found goapp.Value) { found.Call("focus") })
}

func (Browser) Focused() string {
	return String(goapp.Window().Get("document").Get("activeElement").Get("id"))
}

func (d Browser) ShowModal(id string) {
	d.find(id, func(found goapp.Value) {
		if !found.Get("open").Bool() {
			found.Call("showModal")
		}
	})
}

func (d Browser) Close(id string) {
	d.find(id, func(found goapp.Value) {
		if found.Get("open").Bool() {
			found.Call("close")
		}
	})
}

func (Browser) Copy(text string, done func(bool)) {
	clipboard := goapp.Window().Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		done(false)
		return
	}
	then(clipboard.Call("writeText", text), func(_ goapp.Value, failed bool) { done(!failed) })
}

func (Browser) Open(href string) { goapp.Window().Get("location").Set("href", Local(href)) }

// OpenWindow implements Document.
func (Browser) OpenWindow() Window {
	opened := goapp.Window().Call("open", "", "_blank", "popup,width=720,height=840")
	if !opened.Truthy() {
		return nil
	}
	return browserWindow{opened}
}

// browserWindow is a Window of a browser.
type browserWindow struct{ goapp.Value }

func (w browserWindow) Open(href string) { w.Get("location").Set("href", href) }

func (w browserWindow) Close() { w.Call("close") }

// OpenWith implements Document.
func (Browser) OpenWith(href, note string) {
	window := goapp.Window()
	history := window.Get("history")
	history.Call("pushState", map[string]any{"note": note}, "", Local(href))
	history.Set("scrollRestoration", "manual") // a reload counts as a new page and starts at the top
	window.Get("location").Call("reload")
}

// TakeNote implements Document.
func (Browser) TakeNote() string {
	window := goapp.Window()
	history := window.Get("history")
	state := history.Get("state")
	if !state.Truthy() {
		return ""
	}
	history.Call("replaceState", nil, "", window.Get("location").Get("href"))
	return String(state.Get("note"))
}

func (Browser) Origin() string {
	return goapp.Window().Get("location").Get("origin").String() + strings.TrimSuffix(Local("/"), "/")
}

func (Browser) Take(parameter string) bool {
	window := goapp.Window()
	address := window.Get("URL").New(window.Get("location").Get("href"))
	parameters := address.Get("searchParams")
	if !parameters.Call("has", parameter).Bool() {
		return false
	}
	parameters.Call("delete", parameter)
	window.Get("history").Call("replaceState", nil, "", address.Get("href"))
	return true
}

// SetAddress implements Document.
func (Browser) SetAddress(href string, history bool) {
	change := "replaceState"
	if history {
		change = "pushState"
	}
	goapp.Window().Get("history").Call(change, nil, "", Local(href))
}

// OnHistory implements Document, for as long as the page lives.
func (Browser) OnHistory(do func(string)) {
	window := goapp.Window()
	window.Call("addEventListener", "popstate", goapp.FuncOf(func(goapp.Value, []goapp.Value) any {
		do(strings.TrimPrefix(window.Get("location").Get("search").String(), "?"))
		return nil
	}))
}

// ShowAttention implements Document.
func (d Browser) ShowAttention(n int) {
	document, icon := goapp.Window().Get("document"), "calm"
	title := document.Get("title").String()
	if strings.HasPrefix(title, "(") {
		_, title, _ = strings.Cut(title, ") ")
	}
	if n > 0 {
		title, icon = "("+strconv.Itoa(n)+") "+title, "attention"
	}
	document.Set("title", title)
	d.find("icon", func(found goapp.Value) { found.Set("href", Local(found.Get("dataset").Get(icon).String())) })
}

// Download implements Document.
func (Browser) Download(name, mediaType, text string) {
	window := goapp.Window()
	blob := window.Get("Blob").New([]any{text}, map[string]any{"type": mediaType})
	address := window.Get("URL").Call("createObjectURL", blob)
	link := window.Get("document").Call("createElement", "a")
	link.Set("href", address)
	link.Set("download", name)
	link.Call("click")
	window.Get("URL").Call("revokeObjectURL", address)
}
