package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
)

// leftovers finds visible texts and accessible names with three ASCII letters
// in a row, except names given by people or by Paycor. The pseudo-locale has
// accents on every letter, so these do not come from the catalogue. Arguments
// of sentences are data.
const leftovers = `(data => {
	const found = new Set(), root = document.querySelector("dialog[open]") || document.body;
	const clean = text => {
		for (const value of data) text = text.replaceAll(value, "");
		text = text.replace(/\b[0-9a-f]{64}\b/g, ""); // hashes of the audit trail
		text = text.replace(/[A-Z][a-z]{2} \d+, [\d: ,]+(AM|PM)( [A-Z+\d-]+)?/g, ""); // times: Intl has no pseudo-locale
		return text.replace(/[\w.+-]*[@/:_=][^\s]*/g, ""); // addresses, code and identifiers
	};
	const check = text => { if (/[A-Za-z]{3}/.test(clean(text))) found.add(text.trim().replace(/\s+/g, " ").slice(0, 120)); };
	const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (e.closest("script, noscript, code, pre, time, q, option, textarea, [hreflang], [data-failure]") || !e.checkVisibility()) continue;
		check(texts.currentNode.data);
	}
	for (const e of root.querySelectorAll("[aria-label], [placeholder]"))
		if (e.checkVisibility()) check((e.getAttribute("aria-label") ?? "") + " " + (e.getAttribute("placeholder") ?? ""));
	return [...found];
})`

// cut finds texts that overflow an element that hides the overflow.
const cut = `(() => {
	const found = [], root = document.querySelector("dialog[open]") || document.body;
	for (const e of root.querySelectorAll("*")) {
		const style = getComputedStyle(e);
		if (!e.checkVisibility() || e.closest("pre, code, textarea, input, [class*=unseen], [class*=skip]") || e.clientWidth < 3) continue;
		if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1) found.push(e.tagName + "." + e.className + " “" + e.innerText.slice(0, 60) + "”");
	}
	return found;
})()`

// pseudoScreens are the page's screens. They are found by ID, because names
// differ.
func pseudoScreens(states map[paycor.State]paycor.Credential) []scene {
	visit := func(path string) func(*tab) { return func(b *tab) { b.visit(path) } }
	press := func(ids ...string) func(*tab) {
		return func(b *tab) {
			for _, id := range ids {
				b.until("the button "+id, func() bool {
					return eval[bool](b, fmt.Sprintf(`(e => { e?.click(); return !!e })(document.getElementById(%q))`, id))
				})
				b.awaitPaint()
			}
		}
	}
	then := func(steps ...func(*tab)) func(*tab) {
		return func(b *tab) {
			for _, step := range steps {
				step(b)
			}
		}
	}
	verified := "/credentials/" + states[paycor.StateVerified].ID
	screens := []scene{
		{"list", visit("/")},
		{"list, nothing selected", press("continue")},
		{"overlay", press("add")},
		{"overlay with the guide and all details", func(b *tab) {
			eval[any](b, `document.querySelectorAll("dialog[open] details").forEach(d => d.open = true)`)
		}},
		{"overlay with errors", press("save")},
		{"edit", then(visit(verified), press("edit"))},
		{"rotation", then(visit(verified), press("rotate"))},
		{"delete", then(visit(verified), press("delete"))},
		{"delete with a wrong name", press("deletion-confirm")},
		{"sharing", then(visit(verified), press("sharing-change"), press("sharing-restricted"))},
		{"activation", visit("/credentials/" + states[paycor.StateNeedsActivation].ID + "?activate")},
		{"audit", visit("/audit")},
		{"audit without hits", visit("/audit?caller=nobody-of-that-name")},
		{"consumers", visit("/consumers")},
		{"token dialog", press("add-consumer")},
		{"hosts", visit("/hosts")},
		{"host dialog", press("add-host")},
		{"notifications", visit("/notifications")},
		{"channel dialog", press("add-channel")},
		{"sign-ins", visit("/sign-ins")},
		{"system", visit("/system")},
	}
	for state, credential := range states {
		screens = append(screens, scene{"credential, " + string(state), visit("/credentials/" + credential.ID)})
	}
	return screens
}

// Every screen fits with sentences a third longer than English, and every
// sentence comes from the catalogue.
func TestThePseudoLocaleFitsEveryScreen(t *testing.T) {
	t.Parallel()
	p := start(t)
	states := everyState(t, p)
	b := open(t, p)
	call(b, network.Enable, network.EnableParams{})
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": locale.Pseudo}})
	b.signIn()
	data := []string{"Paycor", "Client ID", "APIM Subscription Key", "Sunrise Bakery LLC", "simulator", "e2e", "view", "use", "edit", "admin"}
	for _, credential := range states {
		data = append(data, credential.Name, credential.Description, credential.LegalEntityName)
	}
	slices.SortFunc(data, func(a, b string) int { return len(b) - len(a) }) // a name may contain another
	encoded, err := json.Marshal(data)
	require.NoError(t, err)
	for _, screen := range pseudoScreens(states) {
		t.Run(screen.name, func(t *testing.T) {
			was := b.t
			b.t = t
			defer func() { b.t = was }()
			screen.set(b)
			for _, width := range []int64{320, 1440} {
				b.size(width, 900)
				b.awaitPaint()
				for _, misfit := range eval[[]string](b, layout) {
					assert.Fail(t, "something does not fit", "%d px: %s", width, misfit)
				}
				for _, text := range eval[[]string](b, cut) {
					assert.Fail(t, "a text is cut off", "%d px: %s", width, text)
				}
			}
			for _, text := range eval[[]string](b, fmt.Sprintf(`%s(%s)`, leftovers, encoded)) {
				assert.Fail(t, "English that is not from the catalogue", text)
			}
		})
	}
}
