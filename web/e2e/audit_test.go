package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// A person searches the audit trail back to the first denial, with and without
// the page's program.
func TestAPersonSearchesTheAuditTrail(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	viewer := map[string]string{"Authorization": "Bearer " + p.newToken("--name", "curious-viewer", "--rights", "view")}
	for range 55 {
		got := p.do(ask{Method: "DELETE", Path: "/api/v1/credentials/" + saved.ID, Header: viewer})
		require.Equal(t, http.StatusForbidden, got.Status)
	}
	b := open(t, p).signIn()
	b.follow("link", say("nav.audit"))
	b.get("heading", say("nav.audit"))
	b.seesText("signed in", say("audit.refused", "curious-viewer", say("action.credential.delete"), say("audit.reason.missing_right", "admin")))
	first := strings.Index(b.textOf(), "signed in")
	assert.Less(t, first, strings.Index(b.textOf(), "was denied"), "the newest comes first")

	looks := func(scene string) {
		for _, view := range []view{{"light", 1440}, {"dark", 320}, {"light", 320}, {"dark", 1440}} {
			b.media(map[string]string{"prefers-color-scheme": view.theme, "prefers-reduced-motion": "reduce"})
			b.size(view.width, 900)
			b.awaitPaint()
			for _, violation := range b.axe(string(source)) {
				assert.Fail(t, "axe found something", "%s, %s, %d px: %s", scene, view.theme, view.width, violation)
			}
			for _, misfit := range eval[[]string](b, layout) {
				assert.Fail(t, "something does not fit", "%s, %s, %d px: %s", scene, view.theme, view.width, misfit)
			}
			if *screenshots != "" {
				b.shoot("audit-" + strings.ReplaceAll(scene, " ", "-") + "-" + view.theme + map[bool]string{true: "-narrow", false: ""}[view.width < 400] + ".png")
			}
		}
		b.size(1280, 900)
	}
	looks("entries")

	shown := len(b.all("listitem"))
	b.press("button", say("more"))
	b.until("more entries", func() bool { return len(b.all("listitem")) > shown })
	b.seesText("added", say("state.verified"))

	b.fill(say("audit.caller"), "nightly")
	b.follow("button", say("audit.search"))
	b.seesText(say("audit.no-hit"))
	looks("no hit")
	b.follow("link", say("audit.clear"))
	b.press("DisclosureTriangle", say("audit.further"))
	b.fill(say("audit.credential"), saved.ID)
	b.press("combobox", say("audit.outcome"))
	b.key("Do")
	b.key(kb.Enter)
	b.follow("button", say("audit.search"))
	b.until("only what is asked for", func() bool { return !strings.Contains(b.textOf(), "was denied") })
	assert.Equal(t, saved.ID, b.value(say("audit.credential")), "the filters stay")
	b.nextPage(func() { b.pressNode(named(b.all("link"), "Sunrise Bakery")[0]) })
	b.follow("link", say("history.all"))
	b.seesText("curious-viewer was denied “" + say("action.credential.delete") + "”")
}

func TestTheAuditTrailIsForAdministrators(t *testing.T) {
	t.Parallel()
	p := start(t)
	editor := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view,use,edit")}
	for _, path := range []string{"/api/v1/audit", "/api/v1/audit/export"} {
		assert.Equal(t, http.StatusForbidden, p.do(ask{Method: "GET", Path: path, Header: editor}).Status, path)
		assert.Equal(t, http.StatusUnauthorized, p.do(ask{Method: "GET", Path: path}).Status, path)
	}
	assert.Equal(t, http.StatusSeeOther, p.do(ask{Method: "GET", Path: "/audit"}).Status, "a page leads to the sign-in")
	var mine struct {
		Entries []struct{ CallerName, Detail string }
	}
	p.api("GET", "/audit?outcome=refused", nil).into(t, &mine)
	assert.Len(t, mine.Entries, 4, "all of these are written down")
}

// auditHead finds the head of a trail in what a command printed.
var auditHead = regexp.MustCompile(`\d+:[0-9a-f]{64}`)

// The commands verify and export the trail of a running and of a stopped
// server, and report the result by exit code.
func TestTheAuditTrailIsCheckedByCommand(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	whole := command(t, nil, "audit", "verify", "--data", p.data)
	require.Zero(t, whole.code, whole.err)
	require.Contains(t, whole.out, "The audit trail is intact")
	head := auditHead.FindString(whole.out)
	assert.Zero(t, command(t, nil, "audit", "verify", "--data", p.data, "--expect-head", head).code)

	exported := command(t, nil, "audit", "export", "--data", p.data)
	require.Zero(t, exported.code, exported.err)
	file := p.data + "/exported"
	require.NoError(t, os.WriteFile(file, []byte(exported.out), 0o600))
	assert.Zero(t, command(t, nil, "audit", "verify", "--file", file).code)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(exported.out, `"outcome":"done"`, `"outcome":"none"`, 1)), 0o600))
	broken := command(t, nil, "audit", "verify", "--file", file)
	assert.Equal(t, 3, broken.code)
	assert.Contains(t, broken.err, "entry 1 was changed")

	p.stop()
	assert.Contains(t, p.output.String(), "head="+strings.Split(head, ":")[0]+":", "the server logged the head when it stopped")
	assert.Zero(t, command(t, nil, "audit", "verify", "--data", p.data, "--expect-head", head).code)
	cut := command(t, nil, "audit", "verify", "--data", p.data, "--expect-head", "9999:"+strings.Repeat("0", 64))
	assert.Equal(t, 3, cut.code)
	assert.Contains(t, cut.err, "cut off")
	for _, wrong := range [][]string{
		{"--data", t.TempDir()}, {"--data", p.data, "--expect-head", "nonsense"}, {"--data", p.data, "--gaps"}, {"--file", "/nowhere/at/all"},
	} {
		got := command(t, nil, append([]string{"audit", "verify"}, wrong...)...)
		assert.Contains(t, []int{1, 2}, got.code, "%v", wrong)
	}
	assert.Equal(t, 2, command(t, nil, "audit", "export", "--data", p.data, "--from", "yesterday").code)
}

// The days of the filter are the person's own, as every time on the page is.
func TestAuditDaysAreLocal(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p)
	// Kiribati is 14 hours ahead, so that its day is another one than UTC's more
	// than half of the time.
	call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Pacific/Kiritimati"})
	b.signIn()
	search := func(shift int) {
		b.visit("/audit")
		eval[any](b, fmt.Sprintf(`(() => {
			const day = new Date(); day.setDate(day.getDate() + %d);
			window.wanted = day.toLocaleDateString("en-CA");
			document.getElementById("audit-further").open = true;
			for (const name of ["from", "to"]) document.getElementById("audit-" + name).value = wanted;
			return null;
		})()`, shift))
		wanted := eval[string](b, `wanted`)
		b.press("button", say("audit.search"))
		b.until("the filtered page", func() bool { return strings.Contains(b.address(), "from=") })
		b.mounted()
		for _, name := range []string{"from", "to"} {
			assert.Equal(t, wanted, eval[string](b, `document.getElementById("audit-`+name+`").value`), "the filters stay")
		}
	}
	search(0)
	b.seesText("signed in")
	assert.Equal(t, []any{true, true}, eval[[]any](b, `(() => {
		const query = new URL(location).searchParams, [year, month, day] = document.getElementById("audit-from").value.split("-").map(Number);
		return [Date.parse(query.get("from")) === +new Date(year, month - 1, day), Date.parse(query.get("to")) === +new Date(year, month - 1, day + 1)];
	})()`))
	assert.Contains(t, eval[string](b, `document.getElementById("audit-export").getAttribute("href")`), "T00%3A00%3A00%2B14%3A00", "the export has the same filters")
	search(1)
	b.seesText(say("audit.no-hit"))
	search(-1)
	b.seesText(say("audit.no-hit"))
}
