package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// anchors returns the ids in a page.
func anchors(page Page) []string {
	var ids []string
	for _, match := range regexp.MustCompile(` id="([^"]+)"`).FindAllSubmatch(page.HTML, -1) {
		ids = append(ids, string(match[1]))
	}
	return ids
}

func rendered(t *testing.T) map[string]Page {
	t.Helper()
	pages, err := Render()
	require.NoError(t, err)
	byName := map[string]Page{}
	for _, page := range pages {
		byName[page.Name] = page
	}
	return byName
}

func TestPagesHaveATitleAndUniqueAnchors(t *testing.T) {
	t.Parallel()
	for name, page := range rendered(t) {
		assert.NotEmpty(t, page.Title, name)
		assert.Equal(t, 1, bytes.Count(page.HTML, []byte("<h1")), name)
		seen := map[string]bool{}
		for _, id := range anchors(page) {
			assert.False(t, seen[id], "%s has the anchor %s twice", name, id)
			seen[id] = true
		}
		assert.NotContains(t, string(page.HTML), "<!--", "%s: a comment was not replaced", name)
	}
}

func TestIndexIsFirstInTheNavigation(t *testing.T) {
	t.Parallel()
	pages, err := Render()
	require.NoError(t, err)
	assert.Equal(t, "index", pages[0].Name)
	assert.Equal(t, "using", pages[1].Name)
}

// Every error response links to the documentation of its code. Package web tests the
// kinds of errors that have a status.
func TestEveryProblemCodeIsExplained(t *testing.T) {
	t.Parallel()
	pages := rendered(t)
	problems := anchors(pages["problems"])
	assert.Contains(t, problems, "internal")
	for _, code := range usage.CallCodes() {
		assert.Contains(t, problems, string(code))
	}
	verification := anchors(pages["verification"])
	for _, code := range verdicts.Codes() {
		assert.Contains(t, verification, string(code))
	}
}

func TestRenderRejectsWhatCannotBeServed(t *testing.T) {
	t.Parallel()
	_, err := render("page", "# Title\n\n[code](../../paycor/doc.go)\n")
	assert.ErrorContains(t, err, "../../paycor/doc.go")
	_, err = render("page", "No title.\n")
	assert.ErrorContains(t, err, "level 1")
	page, err := render("page", "# Title\n\n<script>alert(1)</script>\n")
	require.NoError(t, err)
	assert.NotContains(t, string(page.HTML), "<script")
}

func TestLinks(t *testing.T) {
	t.Parallel()
	page, err := render("page", "# T\n\n[a](operating.md#data) [b](index.md) [c](../openapi.yaml) [d](#here) [e](https://example.com)\n")
	require.NoError(t, err)
	for _, address := range []string{`"/docs/operating#data"`, `"/docs"`, `"/api/v1/openapi.yaml"`, `"#here"`, `"https://example.com"`} {
		assert.Contains(t, string(page.HTML), "href="+address)
	}
}

func TestHeadingIDsMatchTheForge(t *testing.T) {
	t.Parallel()
	ids := headingIDs{}
	for heading, id := range map[string]string{
		"Data, backup and restore": "data-backup-and-restore", "call_path": "call_path", "GET /api/v1/tokens": "get-apiv1tokens", "Über uns": "über-uns",
	} {
		assert.Equal(t, id, string(ids.Generate([]byte(heading), 0)))
	}
	assert.Equal(t, "call_path-1", string(ids.Generate([]byte("call_path"), 0)))
}

func TestWriteRemovesDeletedPages(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "docs")
	require.NoError(t, os.MkdirAll(directory, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(directory, "deleted.html"), nil, 0o644))
	require.NoError(t, Write(directory))
	assert.NoFileExists(t, filepath.Join(directory, "deleted.html"))
	assert.FileExists(t, filepath.Join(directory, "index.html"))
	list, err := os.ReadFile(filepath.Join(directory, "pages.json"))
	require.NoError(t, err)
	assert.Contains(t, string(list), `"title": "Operating"`)
}
