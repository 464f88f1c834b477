package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
)

// The page's program has no sentences of the server, so they arrive as text, in the
// language of the page.
func TestSystemScreenHasTheFindingsAsText(t *testing.T) {
	t.Parallel()
	spanish, ok := locale.ByTag("es")
	require.True(t, ok)
	for path, language := range map[string]*locale.Catalogue{"/system": locale.English, "/system?lang=es": spanish} {
		_, start, body := newTestServer(t).page(path, http.StatusOK)
		require.NotNil(t, start.Health)
		require.Len(t, start.Health.Findings, 2)
		low := language.Text("health.space-low", 7)
		assert.Equal(t, low, start.Health.Findings[0].Message.In(locale.English))
		assert.Equal(t, language.Text("health.space-free"), start.Health.Findings[0].Remedy.In(locale.English))
		assert.Contains(t, body, low)
		assert.Contains(t, body, "<title>"+language.Text("system"))
	}
}

func TestSystemScreenSaysWhyItIsNotShown(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.err = paycor.Errorf(paycor.KindForbidden, "error.health-whole-server", paycor.DefaultWorkspace)
	_, start, body := h.page("/system", http.StatusForbidden)
	assert.Nil(t, start.Health)
	assert.Contains(t, body, locale.English.Text("page.failed"))
}
