package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
)

// node is an element of the accessibility tree.
type node struct {
	id   cdp.BackendNodeID
	role string
	name string
	ax   *accessibility.Node
}

// property returns a state such as "checked" or "invalid", or "".
func (n node) property(name string) string {
	for _, property := range n.ax.Properties {
		if string(property.Name) == name && property.Value != nil {
			return strings.Trim(string(property.Value.Value), `"`)
		}
	}
	return ""
}

// description returns the accessible description.
func (n node) description() string { return word(n.ax.Description) }

func word(value *accessibility.Value) string {
	var said string
	if value != nil {
		_ = json.Unmarshal(value.Value, &said)
	}
	return said
}

// all returns the nodes of a role that a person can reach now, without those
// that are hidden or behind a modal dialog.
func (b *tab) all(role string) []node {
	root, err := attempt(b, runtime.Evaluate, runtime.EvaluateParams{Expression: "document", ObjectGroup: "e2e"})
	if err != nil || root.Result == nil || root.Result.ObjectID == "" {
		return nil
	}
	found, err := attempt(b, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root.Result.ObjectID, Role: role})
	if err != nil {
		return nil
	}
	nodes := []node{}
	for _, found := range found.Nodes {
		if !found.Ignored {
			nodes = append(nodes, node{found.BackendDOMNodeID, word(found.Role), word(found.Name), found})
		}
	}
	return nodes
}

// named filters nodes by name. A name that starts with "~" matches a part.
func named(nodes []node, name string) []node {
	picked := []node{}
	for _, n := range nodes {
		part, about := strings.CutPrefix(name, "~")
		if n.name == name || about && strings.Contains(n.name, part) {
			picked = append(picked, n)
		}
	}
	return picked
}

// get waits for the only node with that role and name.
func (b *tab) get(role, name string) node {
	b.t.Helper()
	var found []node
	b.until(fmt.Sprintf("one %s named %q", role, name), func() bool {
		found = named(b.all(role), name)
		return len(found) == 1
	})
	return found[0]
}

// has reports whether a node with that role and name exists now.
func (b *tab) has(role, name string) bool { return len(named(b.all(role), name)) > 0 }

// absent waits until no node with that role and name exists.
func (b *tab) absent(role, name string) {
	b.t.Helper()
	b.until(fmt.Sprintf("the %s %q to go", role, name), func() bool { return !b.has(role, name) })
}

// on calls a JavaScript function with the element as this.
func on[T any](b *tab, n node, function string) T {
	b.t.Helper()
	var value T
	object := call(b, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.id, ObjectGroup: "e2e"}).Object
	result := call(b, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: object.ObjectID, ReturnByValue: new(true),
	})
	require.Nil(b.t, result.ExceptionDetails)
	if len(result.Result.Value) > 0 {
		require.NoError(b.t, json.Unmarshal(result.Result.Value, &value))
	}
	return value
}

// spot returns where to click to hit the element or its label. Nothing may
// cover that point, and the element must not be moving.
const spot = `function() {
	let at = this;
	const small = r => r.width < 4 || r.height < 4;
	if (small(at.getBoundingClientRect()) || getComputedStyle(at).opacity === "0") at = (this.labels && this.labels[0]) || at;
	at.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
	const r = at.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	const label = this.labels && [...this.labels].some(l => l.contains(hit));
	return {x, y, over: hit ? hit.outerHTML.slice(0, 80) : "nothing", hit: !!hit && (this.contains(hit) || at.contains(hit) || hit.contains(at) && hit.tagName === "LABEL" || label)};
}`

type point struct {
	X, Y float64
	Hit  bool
	Over string // what covers it, for the failure message
}

// press clicks with the mouse.
func (b *tab) press(role, name string) {
	b.t.Helper()
	b.pressNode(b.get(role, name))
}

// follow presses what leads to another page and waits for that page's program.
func (b *tab) follow(role, name string) {
	b.t.Helper()
	b.nextPage(func() { b.press(role, name) })
}

// pressInAccount presses something in what the header opens for the account.
func (b *tab) pressInAccount(role, name string) {
	b.t.Helper()
	language, known := locale.ByTag(eval[string](b, `document.documentElement.lang`))
	require.True(b.t, known)
	b.press("button", "~"+language.Text("account"))
	b.press(role, name)
}

func (b *tab) pressNode(n node) {
	b.t.Helper()
	b.pressRepeatedly(n, 1)
}

func (b *tab) pressRepeatedly(n node, times int64) {
	b.t.Helper()
	var at, before point
	looked, description := false, n.description()
	defer func() {
		if b.t.Failed() {
			b.t.Logf("the pointer was at %+v, before at %+v", at, before)
		}
	}()
	b.until(fmt.Sprintf("the %s %q to lie free", n.role, n.name), func() bool {
		if looked && at == (point{Over: at.Over}) {
			// No position: the page may just have replaced the element.
			for _, fresh := range b.all(n.role) {
				if fresh.name == n.name && fresh.description() == description {
					n = fresh
					break
				}
			}
		}
		before, at, looked = at, on[point](b, n, spot), true
		return at.Hit && at == before
	})
	if b.outer != nil {
		left := b.place()
		at.X, at.Y = at.X+left.X, at.Y+left.Y
	}
	for i := range times {
		for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
			params := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, ClickCount: i + 1}
			if b.outer != nil && kind == input.DispatchMouseEventTypeMouseReleased {
				go func() { _, _ = attempt(b.hands(), input.DispatchMouseEvent, params) }() // a frame that this removes never responds
				continue
			}
			call(b.hands(), input.DispatchMouseEvent, params)
		}
	}
}

// fill clicks a field and replaces its content by pasting.
func (b *tab) fill(label, value string) {
	b.t.Helper()
	field := b.get("textbox", label)
	b.pressNode(field)
	if !on[bool](b, field, `function() { return this === document.activeElement }`) {
		b.press("textbox", label) // something appeared above it and moved it away
	}
	b.paste(value)
}

// paste replaces the content of the focused field.
func (b *tab) paste(value string) {
	b.t.Helper()
	eval[bool](b, `(() => { const a = document.activeElement; if (a.select) a.select(); return true })()`)
	if value == "" {
		b.key("\b")
		return
	}
	call(b.hands(), input.InsertText, input.InsertTextParams{Text: value})
	at := eval[string](b, `(() => { const a = document.activeElement;
		return a.value === undefined || a.readOnly || a.disabled ? a.outerHTML.slice(0, 200) : "" })()`)
	if at != "" {
		b.t.Logf("pasted into what takes no text: %s", at)
	}
}

// complete fills in the overlay.
func (b *tab) complete(f form) {
	b.t.Helper()
	for _, entry := range [][2]string{
		{"~Credential Name", f.Name}, {"~Credential Description", f.Description}, {"Client ID", f.ClientID},
		{"Client Secret", f.ClientSecret}, {"APIM Subscription Key", f.Key}, {"Legal Entity ID", f.LEI},
	} {
		if entry[1] != "" {
			b.fill(entry[0], entry[1])
		}
	}
}

// value returns the content of a field.
func (b *tab) value(label string) string {
	b.t.Helper()
	return on[string](b, b.get("textbox", label), `function() { return this.value }`)
}

// key presses keys in order.
func (b *tab) key(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	if b.outer != nil && keys == kb.Escape {
		go func() { _ = chromedp.Do(b.hands().ctx, chromedp.KeyEvent(keys, options...)) }() // a frame that this removes never responds
		return
	}
	require.NoError(b.t, chromedp.Do(b.hands().ctx, chromedp.KeyEvent(keys, options...)))
}

// seesText waits until the page shows the text.
func (b *tab) seesText(words ...string) {
	b.t.Helper()
	for _, one := range words {
		b.until(fmt.Sprintf("the words %q", one), func() bool { return strings.Contains(b.textOf(), one) })
	}
}

// textOf returns all visible text of the page, with white space collapsed.
func (b *tab) textOf() string {
	words, _ := tryEval[string](b, `document.body ? document.body.innerText : ""`, 0)
	return strings.Join(strings.Fields(words), " ")
}

// status waits until a status region contains the text.
func (b *tab) status(words string) { b.t.Helper(); b.region("status", words) }

// alert waits until an alert contains the text.
func (b *tab) alert(words string) { b.t.Helper(); b.region("alert", words) }

func (b *tab) region(role, words string) {
	b.t.Helper()
	b.until(fmt.Sprintf("a region of role %s that says %q", role, words), func() bool {
		for _, n := range b.all(role) {
			if said, err := b.inner(n); err == nil && strings.Contains(said, words) {
				return true
			}
		}
		return false
	})
}

// inner returns the text of an element that may be gone already.
func (b *tab) inner(n node) (string, error) {
	resolved, err := attempt(b, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.id, ObjectGroup: "e2e"})
	if err != nil {
		return "", err
	}
	result, err := attempt(b, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: `function() { return this.innerText || this.textContent }`, ObjectID: resolved.Object.ObjectID, ReturnByValue: new(true),
	})
	if err != nil {
		return "", err
	}
	return strings.Join(strings.Fields(text(result.Result)), " "), nil
}

// focused returns the role and name of the focused element.
func (b *tab) focused() node {
	b.t.Helper()
	result := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.activeElement || document.body", ObjectGroup: "e2e"})
	nodes := call(b, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{
		ObjectID: result.Result.ObjectID, FetchRelatives: new(false),
	}).Nodes
	require.NotEmpty(b.t, nodes)
	return node{nodes[0].BackendDOMNodeID, word(nodes[0].Role), word(nodes[0].Name), nodes[0]}
}

// focusOn waits until an element with that role and name has the focus.
func (b *tab) focusOn(role, name string) {
	b.t.Helper()
	var last node
	defer func() {
		if b.t.Failed() {
			b.t.Logf("the focus was on the %s %q", last.role, last.name)
		}
	}()
	b.until(fmt.Sprintf("the focus on the %s %q", role, name), func() bool {
		last = b.focused()
		return last.role == role && len(named([]node{last}, name)) == 1
	})
}
