package app

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// Surface is the document as the components touch it beyond rendering: the
// values of fields, focus, dialogs, the clipboard.
type Surface interface {
	Value(id string) string
	SetValue(id, value string)
	Focus(id string)
	Focused() string     // id of the element that has the focus, or empty
	ShowModal(id string) // opens a dialog; one that is open stays so
	Close(id string)     // closes a dialog
	Copy(text string, done func(copied bool))
	Open(href string) // leaves for another page
	Origin() string   // of the server, empty where it is not known

	// Take takes a parameter out of the address, and reports whether it was
	// there. Loading the page again then does not repeat what it meant.
	Take(parameter string) bool
}

// document is the Surface of a browser.
type document struct{}

func (document) find(id string, do func(goapp.Value)) {
	if found := goapp.Window().GetElementByID(id); found.Truthy() {
		do(found)
	}
}

func (d document) Value(id string) (value string) {
	d.find(id, func(found goapp.Value) { value = found.Get("value").String() })
	return value
}

func (d document) SetValue(id, value string) {
	d.find(id, func(found goapp.Value) { found.Set("value", value) })
}

func (d document) Focus(id string) {
	d.find(id, func(found goapp.Value) { found.Call("focus") })
}

func (document) Focused() string {
	return text(goapp.Window().Get("document").Get("activeElement").Get("id"))
}

func (d document) ShowModal(id string) {
	d.find(id, func(found goapp.Value) {
		if !found.Get("open").Bool() {
			found.Call("showModal")
		}
	})
}

func (d document) Close(id string) {
	d.find(id, func(found goapp.Value) {
		if found.Get("open").Bool() {
			found.Call("close")
		}
	})
}

func (document) Copy(text string, done func(bool)) {
	clipboard := goapp.Window().Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		done(false)
		return
	}
	settle(clipboard.Call("writeText", text), func(_ goapp.Value, failed bool) { done(!failed) })
}

func (document) Open(href string) { goapp.Window().Get("location").Set("href", href) }

func (document) Origin() string { return goapp.Window().Get("location").Get("origin").String() }

func (document) Take(parameter string) bool {
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

// settle calls done once, when the promise is fulfilled or rejected.
func settle(promise goapp.Value, done func(value goapp.Value, failed bool)) {
	var fulfilled, rejected goapp.Func
	finish := func(args []goapp.Value, failed bool) any {
		fulfilled.Release()
		rejected.Release()
		value := goapp.Undefined()
		if len(args) > 0 {
			value = args[0]
		}
		done(value, failed)
		return nil
	}
	fulfilled = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any { return finish(args, false) })
	rejected = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any { return finish(args, true) })
	promise.Call("then", fulfilled, rejected)
}
