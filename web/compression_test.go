package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// A page is the same in gzip, below a path too.
func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/creds"} {
		h := newTestServer(t, func(c *web.Config) { c.Base = base })
		for _, path := range []string{"/", "/docs/operating", "/unknown"} {
			asks := []header{cookie, {"Accept", "text/html"}}
			plain := h.send("GET", base+path, "", append(asks, header{"Accept-Encoding", "identity"})...)
			assert.Empty(t, plain.Header.Get("Content-Encoding"), path)
			packed := h.send("GET", base+path, "", append(asks, header{"Accept-Encoding", "gzip, deflate, br"})...)
			assert.Equal(t, plain.StatusCode, packed.StatusCode, path)
			require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"), path)
			for _, got := range []string{plain.Header.Get("Vary"), packed.Header.Get("Vary")} {
				assert.Contains(t, got, "Accept-Encoding", path)
			}
			reader, err := gzip.NewReader(strings.NewReader(packed.body))
			require.NoError(t, err)
			page, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.Contains(t, string(page), "</html>", path)
			assert.InDelta(t, len(plain.body), len(page), 40, "%s: only IDs and times differ", path)
			if path != "/unknown" { // too short
				assert.Less(t, 2*len(packed.body), len(page), path)
			}
		}
	}
}

func TestWhatIsNotCompressed(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	gzipped := header{"Accept-Encoding", "gzip"}
	for path, status := range map[string]int{"/api/v1/credentials": http.StatusUnauthorized, "/healthz": http.StatusOK, "/audit": http.StatusSeeOther} {
		got := h.send("GET", path, "", gzipped)
		assert.Equal(t, status, got.StatusCode, path)
		assert.Empty(t, got.Header.Get("Content-Encoding"), path)
	}
	assert.Empty(t, h.send("GET", "/api/v1/credentials", "", bearer, gzipped).Header.Get("Content-Encoding"))
	head := h.send("HEAD", "/docs/operating", "", gzipped)
	assert.Empty(t, head.Header.Get("Content-Encoding"))
	refused := h.send("GET", "/docs/operating", "", header{"Accept-Encoding", "gzip;q=0"})
	assert.Empty(t, refused.Header.Get("Content-Encoding"))
	assert.Contains(t, refused.body, "</html>")

	strong, weak := refused.Header.Get("ETag"), h.send("GET", "/docs/operating", "", gzipped).Header.Get("ETag")
	assert.Equal(t, "W/"+strong, weak)
	for _, tag := range []string{strong, weak} {
		again := h.send("GET", "/docs/operating", "", gzipped, header{"If-None-Match", tag})
		assert.Equal(t, http.StatusNotModified, again.StatusCode)
		assert.Empty(t, again.Header.Get("Content-Encoding"))
	}
}

// What Paycor answers is passed on byte by byte, and a file keeps its length.
func TestPagesOfOthersAreNotCompressed(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"Via": "1.1 paycorcred", "Content-Encoding": "br", "Content-Length": "6"} {
		recorded := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/paycor/cred_a/page", nil)
		request.Header.Set("Accept-Encoding", "gzip")
		web.CompressPages(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set(name, value)
			w.WriteHeader(http.StatusOK)
			_, err := io.WriteString(w, "<html>")
			assert.NoError(t, err)
		})).ServeHTTP(recorded, request)
		assert.Equal(t, "<html>", recorded.Body.String(), name)
		assert.Empty(t, recorded.Header().Get("Vary"), name)
		assert.Equal(t, value, recorded.Header().Get(name))
	}
}
