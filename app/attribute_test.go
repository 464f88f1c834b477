package app

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// hostile are texts that break out of markup where anything lets them.
var hostile = map[string]string{
	"closing a script":       `"><script>alert(1)</script>`,
	"an event handler":       `" onclick="alert(1)`,
	"single quotes":          `' onfocus='alert(1)`,
	"backslashes":            `\" onclick=\"x\\`,
	"references":             `&quot;&#34; &amp;lt; &notanentity`,
	"lines":                  "first\nsecond\r\n\tthird",
	"NUL":                    "a\x00b",
	"right to left":          "a\u202Eb\u2066c",
	"emoji":                  "👩‍💻 🏦",
	"bytes that are no text": "a\xff\xfeb",
	"the word true":          "true",
	"blanks around":          "  padded  ",
	"a comment":              "<!-- x --!> ]]>",
	"a closing textarea":     "</textarea><img src=x onerror=alert(1)>",
	"a template":             "%s %d %!v(MISSING) {{.}}",
}

// asRead is what a parser gives back of a value at best: HTML knows no NUL and
// no broken UTF-8, and go-app itself trims.
func asRead(value string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(value, "\ufffd"), "\x00", "\ufffd")
}

func TestAttributeKeepsEveryValueInside(t *testing.T) {
	for name, value := range hostile {
		t.Run(name, func(t *testing.T) {
			root := parse(t, goapp.HTMLString(el("div", at("title", value), el("b", "after"))))
			assert.Equal(t, asRead(value), root.attr("title"))
			assert.Len(t, root.Attr, 1)
			assert.Len(t, root.tags("b"), 1)
		})
	}
}

func TestBooleanAttributesAreLeftOutWhenFalse(t *testing.T) {
	for _, name := range []string{"checked", "selected"} {
		_, there := parse(t, goapp.HTMLString(el("input", state(name, false)))).find(name)
		assert.False(t, there, name)
		_, there = parse(t, goapp.HTMLString(el("input", state(name, true)))).find(name)
		assert.True(t, there, name)
	}
	_, there := parse(t, goapp.HTMLString(el("div", flag("hidden", false)))).find("hidden")
	assert.False(t, there)
	assert.Equal(t, "true", parse(t, goapp.HTMLString(el("div", at("aria-busy", "true")))).attr("aria-busy"))
}

func TestHostileDataLeavesThePageAsItIs(t *testing.T) {
	// Nothing but the data may differ from a page of plain data.
	pages := func(value string) []string {
		credential := sample("id1", value)
		credential.Description, credential.ClientID, credential.LegalEntityName, credential.Scope = value, value, value, value
		verdict := paycor.Verdict{Outcome: paycor.OutcomeRejected, Message: value, Remedy: value, Detail: value, CorrelationID: value, CheckedAt: noon,
			Steps: []paycor.Step{{Name: paycor.StepToken, State: paycor.StepFailed, Note: value}}}
		credential.Verdict, credential.Settled, credential.State = &verdict, &verdict, paycor.StateRejected
		list, own := startList(credential), startOwn(credential)
		for _, start := range []*paycor.Start{&list, &own} {
			start.Caller.Name = value
			start.Environments = []paycor.Environment{{Name: "sandbox", Title: value, PortalURL: "https://portal.example/" + value}}
			start.History = []paycor.AuditEntry{{CallerName: value, Action: paycor.ActionCreate, Outcome: value, At: noon}}
		}
		return []string{Body(list), Body(own)}
	}
	plain := pages("plain")
	for name, value := range hostile {
		t.Run(name, func(t *testing.T) {
			for i, markup := range pages(value) {
				assert.Equal(t, parse(t, plain[i]).shape(), parse(t, markup).shape())
			}
			page := parse(t, pages(value)[1])
			if strings.TrimSpace(value) == value && !strings.ContainsAny(value, "\r") {
				assert.Equal(t, asRead(value), page.id(t, inputID(paycor.FieldClientID)).attr("value"))
			}
		})
	}
}

func TestBodyMayBeCalledAtOnce(t *testing.T) {
	start := startList(sample("id1", "One"))
	want := parse(t, Body(start)).shape()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.Equal(t, want, parse(t, Body(start)).shape()) })
	}
	all.Wait()
}

func FuzzAttribute(f *testing.F) {
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		root := parse(t, goapp.HTMLString(el("p", at("title", value), el("input", at("value", value)), el("span", "x"+value))))
		if value == "" {
			return
		}
		require.Equal(t, asRead(value), root.attr("title"))
		require.Len(t, root.tags("input"), 1)
		require.Len(t, root.all(func(tree) bool { return true }), 2)
	})
}
