package app

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func busy() *paycor.Usage {
	hours := paycor.LastHours(noon)
	hours[3].UseCounts = paycor.UseCounts{Done: 1}
	hours[22].UseCounts = paycor.UseCounts{Done: 100, Refused: 20, Throttled: 30, Failed: 50}
	return &paycor.Usage{
		Hours: hours,
		Users: []paycor.User{
			{Kind: paycor.CallerConsumer, ID: "a", Name: "Nightly <b>", LastUsedAt: noon.Add(-2 * time.Minute), Day: hours[22].UseCounts},
			{Kind: paycor.CallerConsumer, ID: "b", Name: "Old", LastUsedAt: noon.AddDate(0, 0, -40)},
		},
		Failures: []paycor.UseFailure{
			{At: noon.Add(-time.Minute), UserName: "Nightly <b>", Method: "GET", Status: 500, CorrelationID: "corr-7", RequestID: "REQ7"},
			{At: noon.Add(-time.Hour), UserName: "Old", Method: "POST", Status: 429, Code: "call_limit"},
		},
	}
}

func TestHowACredentialIsUsed(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = busy()
	p, service, _ := stage(start)
	page := render(t, p)
	text := page.text()
	for _, words := range []string{
		"In the last 24 hours: 201 calls, 100 errors", "Nightly <b>", "In the last 24 hours: 200 calls, 100 errors", "22 January 2026", "0 calls, 0 errors",
		"Nightly <b>: GET, Paycor answered 500", "Correlation ID corr-7", "Request REQ7", "Old: POST, this server answered 429 (call_limit)",
	} {
		assert.Contains(t, text, words)
	}
	assert.Empty(t, page.tags("b"))

	picture := page.tags("svg")[0]
	assert.Equal(t, "img", picture.attr("role"))
	assert.Equal(t, "In the last 24 hours: 201 calls, 100 errors", picture.attr("aria-label"))
	bars := page.tags("rect")
	require.Len(t, bars, 48, "calls and errors of each hour")
	heights := map[string]int{}
	for i, bar := range bars {
		height, err := strconv.Atoi(bar.attr("height"))
		require.NoError(t, err)
		top, err := strconv.Atoi(bar.attr("y"))
		require.NoError(t, err)
		assert.Equal(t, barHeight, top+height, "stands on the ground")
		assert.Empty(t, bar.attr("style"))
		heights[bar.attr("class")+strconv.Itoa(i/2)] = height
	}
	assert.Equal(t, barHeight, heights["bar22"])
	assert.Equal(t, barHeight/2, heights["bar-errors22"])
	assert.Equal(t, 2, heights["bar3"], "one call can be seen beside two hundred")
	assert.Zero(t, heights["bar-errors3"])
	assert.Len(t, page.id(t, "usage-table").tags("tr"), 3, "the head, and the hours in which there was something")
	assert.Contains(t, page.id(t, "usage-table").text(), "200 100")

	// It goes with the times.
	service.one, service.uses = sample("id1", "One"), busy()
	service.uses.Users = service.uses.Users[:1]
	p.own.refresh()
	assert.NotContains(t, render(t, p).text(), "22 January 2026")
}

func TestAnUnusedCredentialSaysSo(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = &paycor.Usage{Hours: paycor.LastHours(noon)}
	p, _, _ := stage(start)
	page := render(t, p)
	assert.Contains(t, page.text(), "Nobody has called Paycor through it in the last 30 days.")
	assert.Empty(t, page.tags("svg"))
	start.Usage = nil
	p, _, _ = stage(start)
	assert.False(t, render(t, p).has("usage"), "who may not know is told nothing")
}

func TestDeletingSaysWhoUsesIt(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = busy()
	p, _, _ := stage(start)
	p.deletion.begin(p.own.credential, "delete")
	assert.Contains(t, render(t, p).id(t, deletionID).text(), "Last used 2 minutes ago by Nightly <b>. In the last 24 hours: 201 calls by 2 consumers.")
}

func TestHowAProgramCallsPaycor(t *testing.T) {
	p, _, _ := stage(startOwn(sample("id1", "One")))
	page := render(t, p)
	assert.Contains(t, page.text(), "edit for “Verify it again”")
	commands := page.tags("pre")
	const address = "https://credentials.example/api/v1/credentials/id1/paycor/v1/legalentities/654321"
	assert.Equal(t, `curl -H "Authorization: Bearer $TOKEN" \ `+address, commands[0].text())
	assert.Contains(t, commands[1].text(), `http.NewRequest("GET", "`+address+`", nil)`)
	assert.Contains(t, commands[1].text(), `os.Getenv("TOKEN")`)
}

// The snippet compiles as it is pasted into a function.
func TestTheSnippetCompiles(t *testing.T) {
	source := "package main\nimport (\"io\"; \"net/http\"; \"os\")\nfunc call() error {\n" + snippet("http://localhost/a") + "\n}\n"
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "main.go", source, 0)
	require.NoError(t, err)
	_, err = (&types.Config{Importer: importer.ForCompiler(files, "source", nil)}).Check("main", files, []*ast.File{file}, nil)
	assert.NoError(t, err)
}
