package dom

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// attribute is an attribute of an element.
type attribute struct {
	name, value string
	set         bool
}

// listener is an event handler of an element.
type listener struct {
	event, scope string
	handle       func(goapp.Event)
	unrendered   bool // the page is not rendered after it
}

// The builders below return any and are never inlined. Elements are made in
// hundreds of places, and each would otherwise carry the boxing of its parts into
// the program.

// Attr sets an attribute. An empty value leaves it out. Local addresses start with a slash,
// wherever the server is.
//
//go:noinline
func Attr(name, value string) any { return attribute{name, localAddress(name, value), value != ""} }

// Class sets the classes of an element.
//
//go:noinline
func Class(names ...string) any {
	return Attr("class", strings.Join(strings.Fields(strings.Join(names, " ")), " "))
}

// Flag sets a boolean attribute if on is true.
//
//go:noinline
func Flag(name string, on bool) any { return attribute{name, "true", on} }

// Property sets a boolean attribute that a person can change too, such as checked.
//
//go:noinline
func Property(name string, on bool) any {
	value, set := booleanValue(on)
	return attribute{name, value, set}
}

// On calls handle when an event occurs. go-app treats handlers of the same
// event with the same scope as the same handler and keeps the first, so scope
// must name what the handler does and to which item.
//
//go:noinline
func On(event, scope string, handle func(goapp.Event)) any {
	return listener{event: event, scope: scope, handle: handle}
}

// Typed calls take with the text of a field at each letter. The page is not rendered for
// it: what take changes is shown by the next Update.
//
//go:noinline
func Typed(scope string, take func(string)) any {
	return listener{event: "input", scope: scope, unrendered: true, handle: func(event goapp.Event) {
		take(String(event.Get("target").Get("value")))
	}}
}

// Click calls do when the element is clicked.
//
//go:noinline
func Click(scope string, do func()) any {
	return On("click", scope, func(goapp.Event) { do() })
}

// Follow calls do when a link is clicked, in place of loading it. A link that is opened
// in another tab or window is loaded there.
//
//go:noinline
func Follow(scope string, do func()) any {
	return On("click", scope, func(event goapp.Event) {
		for _, key := range []string{"ctrlKey", "metaKey", "shiftKey", "altKey"} {
			if event.Get(key).Truthy() {
				return
			}
		}
		event.PreventDefault()
		do()
	})
}

// OnCancel calls leave when a person asks to close a dialog, by the Escape key or
// by a gesture such as "back". boot.js keeps the browser from closing it.
func OnCancel(scope string, leave func()) []any {
	return []any{
		On("keydown", scope, func(event goapp.Event) {
			if event.Get("key").String() == "Escape" && !event.Get("isComposing").Truthy() {
				leave()
			}
		}),
		On("cancel", scope, func(goapp.Event) { leave() }),
	}
}

// element is the common part of full and void.
type element interface {
	set(attribute)
	listen(listener)
	contain([]goapp.UI) goapp.UI
}

type full struct{ goapp.HTMLElem }

func (e *full) set(a attribute)                      { e.HTMLElem = e.Attr(a.name, a.value) }
func (e *full) contain(children []goapp.UI) goapp.UI { return e.Body(children...) }
func (e *full) listen(l listener) {
	e.HTMLElem = e.On(l.event, l.guarded, goapp.EventScope(l.scope))
}

type void struct{ goapp.HTMLElemSelfClosing }

func (e *void) set(a attribute)             { e.HTMLElemSelfClosing = e.Attr(a.name, a.value) }
func (e *void) contain([]goapp.UI) goapp.UI { return e.HTMLElemSelfClosing }
func (e *void) listen(l listener) {
	e.HTMLElemSelfClosing = e.On(l.event, l.guarded, goapp.EventScope(l.scope))
}

func (l listener) guarded(ctx goapp.Context, event goapp.Event) {
	if l.unrendered {
		ctx.PreventUpdate()
	}
	Protect(func() { l.handle(event) })
}

// El builds an element from attributes, listeners, texts and children. All
// elements are built here, so that every attribute value is escaped and every
// handler recovers from panics. go-app's typed elements are not used, because
// each adds a hundred methods to the program.
func El(tag string, parts ...any) goapp.UI {
	var e element
	switch tag {
	case "input", "br", "hr", "img":
		e = &void{goapp.ElemSelfClosing(tag)}
	case "svg", "rect", "pattern":
		e = &full{goapp.Elem(tag).XMLNS("http://www.w3.org/2000/svg")}
	default:
		e = &full{goapp.Elem(tag)}
	}
	var children []goapp.UI
	for _, part := range parts {
		children = add(e, children, part)
	}
	return e.contain(children)
}

// add adds one part to an element, or appends it to its children. It panics for
// other types, which would otherwise be missing from the page silently.
func add(e element, children []goapp.UI, part any) []goapp.UI {
	switch part := part.(type) {
	case nil:
	case attribute:
		if part.set {
			part.value = encoded(part)
			e.set(part)
		}
	case listener:
		e.listen(part)
	case string:
		if part != "" {
			children = append(children, goapp.Text(part))
		}
	case goapp.UI:
		children = append(children, part)
	case []goapp.UI:
		children = append(children, part...)
	case []any:
		for _, inner := range part {
			children = add(e, children, inner)
		}
	default:
		panic("dom.El: a part of an unknown type")
	}
	return children
}

// encoded returns an attribute's value in the form that go-app needs.
func encoded(a attribute) string {
	switch a.name {
	case "hidden", "open", "checked", "selected", "novalidate", "readonly", "required":
		return a.value
	}
	return attributeValue(a.value)
}

// Slot is an element that is always in the document, empty or not. go-app
// identifies children by their position, so anything that comes and goes before
// an input needs a slot. Otherwise the input would be replaced, and typed text
// lost.
func Slot(parts ...any) goapp.UI { return El("div", append([]any{Class("slot")}, parts...)...) }

// Icon is an icon drawn by the stylesheet, hidden from assistive technology.
func Icon(name string) goapp.UI {
	return El("span", Class("icon", "icon-"+name), Attr("aria-hidden", "true"))
}

// VisuallyHidden is text for assistive technology only.
func VisuallyHidden(text string) goapp.UI { return El("span", Class("visually-hidden"), text) }

// Button is a button that does not submit a form. look is its class.
func Button(style, id, label string, parts ...any) goapp.UI {
	return El("button", append([]any{Attr("type", "button"), Attr("id", id), Class("button", style), El("span", label)}, parts...)...)
}

// AriaBool returns the value of an ARIA attribute that is left out when false.
func AriaBool(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// InitiallySelected marks the selected option in the server's HTML. In the browser,
// the list is set through Document.
func InitiallySelected(on bool) any {
	if InitialValue("x") == nil {
		return nil
	}
	return Flag("selected", on)
}

// String returns a JavaScript string, or "" for null and undefined.
func String(value goapp.Value) string {
	if !value.Truthy() {
		return ""
	}
	return value.String()
}
