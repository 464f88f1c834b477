package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
	"paycorcred/web/docs"
)

// manual serves the manual as the build renders it.
func manual(t *testing.T) func(path string, headers ...header) *httptest.ResponseRecorder {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, docs.Write(filepath.Join(root, "static/docs")))
	var config web.Config
	newTestServer(t, func(c *web.Config) { config = *c })
	handler, err := web.NewWithDocs(config, os.DirFS(root))
	require.NoError(t, err)
	return func(path string, headers ...header) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Host = "localhost"
		for _, h := range headers {
			request.Header.Set(h.name, h.value)
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder
	}
}

func TestManual(t *testing.T) {
	t.Parallel()
	get := manual(t)
	pages, err := docs.Render()
	require.NoError(t, err)
	bodies := map[string]string{}
	for _, page := range pages {
		address := docs.Address(page.Name)
		got := get(address)
		require.Equal(t, http.StatusOK, got.Code, address)
		body := got.Body.String()
		bodies[address] = body
		assert.NotContains(t, body, "<script", "%s has no script", address)
		assert.NotRegexp(t, `<[^>]+ (style|on[a-z]+)=`, body, "%s needs nothing that the policy forbids", address)
		assert.Contains(t, got.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'")
		assert.Contains(t, body, `<a href="`+address+`" aria-current="page">`, "%s is marked in the navigation", address)
		assert.Contains(t, body, "/app.css", "it looks like the page")
	}
	for address, body := range bodies {
		for _, match := range regexp.MustCompile(` href="([^"]+)"`).FindAllStringSubmatch(body, -1) {
			path, anchor, hasAnchor := strings.Cut(match[1], "#")
			if path == "" {
				path = address
			}
			if strings.HasPrefix(path, "https://") || strings.HasPrefix(path, "/assets/") || path == "/" {
				continue
			}
			target, known := bodies[path]
			if !known {
				assert.Equal(t, http.StatusOK, get(path).Code, "%s links to %s", address, match[1])
				continue
			}
			if hasAnchor {
				assert.Contains(t, target, ` id="`+anchor+`"`, "%s links to %s", address, match[1])
			}
		}
	}
}

// The manual explains every kind of error, and says its status.
func TestManualExplainsEveryProblem(t *testing.T) {
	t.Parallel()
	page := manual(t)("/docs/problems").Body.String()
	for kind, status := range web.ProblemStatuses {
		section := regexp.MustCompile(`(?s)<h3 id="` + string(kind) + `">.*?</h3>\s*<p>Status (\d+)\.`).FindStringSubmatch(page)
		require.NotNil(t, section, "%s: the explanation has to start with the status", kind)
		assert.Equal(t, strconv.Itoa(status), section[1], kind)
	}
}

func TestManualOffersFiles(t *testing.T) {
	t.Parallel()
	get := manual(t)
	for path, want := range map[string][2]string{
		"/docs/alerts.yaml":    {"application/yaml", "alert: PaycorcredDown"},
		"/docs/dashboard.json": {"application/json", `"uid": "paycorcred"`},
	} {
		got := get(path)
		assert.Equal(t, http.StatusOK, got.Code)
		assert.Equal(t, want[0], got.Header().Get("Content-Type"))
		assert.Contains(t, got.Body.String(), want[1])
	}
}

func TestManualIsCachedByETag(t *testing.T) {
	t.Parallel()
	get := manual(t)
	first := get("/docs/operating")
	assert.Equal(t, "no-cache", first.Header().Get("Cache-Control"))
	again := get("/docs/operating", header{"If-None-Match", first.Header().Get("ETag")})
	assert.Equal(t, http.StatusNotModified, again.Code)
	assert.Zero(t, again.Body.Len())
}

func TestManualPagesThatDoNotExist(t *testing.T) {
	t.Parallel()
	get := manual(t)
	for _, path := range []string{"/docs/none", "/docs/index", "/docs/", "/docs/..%2fpages", "/docs/pages.json"} {
		assert.Equal(t, http.StatusNotFound, get(path).Code, path)
	}
	var config web.Config
	newTestServer(t, func(c *web.Config) { config = *c })
	handler, err := web.NewWithDocs(config, os.DirFS(t.TempDir()))
	require.NoError(t, err, "a server built without the manual starts")
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodGet, "/docs", nil)
	request.Host = "localhost"
	handler.ServeHTTP(recorder, request)
	assert.Equal(t, http.StatusNotFound, recorder.Code)
}
