package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// The theme that a person chooses stays on every page, and in no frame.
func TestTheChosenThemeStays(t *testing.T) {
	t.Parallel()
	h, _ := newEmbeddingServer(t)
	theme := func(path string, headers ...header) string {
		document, err := html.Parse(strings.NewReader(h.send("GET", path, "", headers...).body))
		require.NoError(t, err)
		return attribute(tag(document, "html"), "data-theme")
	}
	assert.Empty(t, theme("/", cookie), "the browser chooses")
	chosen := h.send("GET", "/?theme=dark", "", cookie)
	assert.Contains(t, chosen.body, ` data-theme="dark"`)
	var stored string
	for _, set := range chosen.Header.Values("Set-Cookie") {
		if strings.HasPrefix(set, "paycorcred-theme=dark;") {
			stored = set
		}
	}
	require.NotEmpty(t, stored)
	assert.Contains(t, stored, "Max-Age=34560000", "past the end of the browser")

	dark := header{"Cookie", cookie.value + "; paycorcred-theme=dark"}
	for _, path := range []string{"/", "/audit", "/docs", "/nowhere"} {
		assert.Equal(t, "dark", theme(path, dark, header{"Accept", "text/html"}), path)
	}
	assert.Equal(t, "light", theme("/?theme=light", dark))
	assert.Empty(t, theme("/?theme=system", dark))
	assert.Equal(t, "dark", theme("/?theme=plaid", dark), "an unknown theme changes nothing")
	assert.Empty(t, theme("/", header{"Cookie", cookie.value + `; paycorcred-theme="><script>`}))
	assert.Empty(t, theme("/", header{"Cookie", cookie.value + "; paycorcred-theme=plaid"}))
	assert.Equal(t, "dark", theme("/embed?host=console&theme=dark"), "before its site's first message")
	assert.Empty(t, theme("/embed?host=console&theme=auto"))
	assert.Empty(t, theme("/embed?host=none", dark), "a site says the theme of its frame")
}

// A browser that keeps a page of the manual does not keep it in another theme.
func TestAPageOfTheManualChangesWithTheTheme(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	light := h.send("GET", "/docs", "")
	require.Equal(t, 200, light.StatusCode)
	dark := h.send("GET", "/docs", "", header{"Cookie", "paycorcred-theme=dark"}, header{"If-None-Match", light.Header.Get("ETag")})
	assert.Equal(t, 200, dark.StatusCode)
	assert.Contains(t, dark.body, ` data-theme="dark"`)
}
