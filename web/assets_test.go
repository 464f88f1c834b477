package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// staticOnDisk is the directory static, whether embedded or not.
var staticOnDisk = os.DirFS("static")

var program = strings.Repeat("\x00asm", 5000)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func manifestOf(t *testing.T, contents map[string]string) []byte {
	t.Helper()
	list := map[string]map[string]any{}
	for name, content := range contents {
		sum := sha256.Sum256([]byte(content))
		list[name] = map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(content)}
	}
	data, err := json.Marshal(list)
	require.NoError(t, err)
	return data
}

// built returns a file system like that of a build.
func built(t *testing.T) fstest.MapFS {
	return fstest.MapFS{
		"static/app.css":                    {Data: []byte("body{}")},
		"static/boot.js":                    {Data: []byte("'new'")},
		"static/icons/key.svg":              {Data: []byte("<svg/>")},
		"static/packed/.gitignore":          {Data: []byte("*")},
		"static/packed/app.css.br":          {Data: []byte("brotli css")},
		"static/packed/app.css.gz":          {Data: zipped(t, "body{}")},
		"static/packed/boot.js.br":          {Data: []byte("brotli of old boot")},
		"static/packed/boot.js.gz":          {Data: zipped(t, "'old'")},
		"static/packed/credentials.wasm.br": {Data: []byte("brotli wasm")},
		"static/packed/credentials.wasm.gz": {Data: zipped(t, program)},
		"static/packed/packed.json":         {Data: manifestOf(t, map[string]string{"app.css": "body{}", "boot.js": "'old'", "credentials.wasm": program})},
		"static/packed/orphan.css.gz":       {Data: zipped(t, "x")},
	}
}

func get(handler http.Handler, method, path string, headers ...header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	for _, one := range headers {
		request.Header.Add(one.name, one.value)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestAssetEncodings(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	tests := map[string]struct {
		name, accept   string
		encoding, body string
	}{
		"brotli":                   {"app.css", "gzip, deflate, br, zstd", "br", "brotli css"},
		"gzip only":                {"app.css", "gzip", "gzip", string(zipped(t, "body{}"))},
		"nothing":                  {"app.css", "", "", "body{}"},
		"brotli refused":           {"app.css", "br;q=0, gzip;q=0.5", "gzip", string(zipped(t, "body{}"))},
		"gzip preferred":           {"app.css", "br;q=0.1, gzip;q=0.5", "gzip", string(zipped(t, "body{}"))},
		"anything":                 {"app.css", "*", "br", "brotli css"},
		"all refused":              {"app.css", "*;q=0", "", "body{}"},
		"weights that are none":    {"app.css", "br;q=7, gzip;q=x", "", "body{}"},
		"capitals":                 {"app.css", "BR", "br", "brotli css"},
		"identity only":            {"app.css", "identity", "", "body{}"},
		"made of an older file":    {"boot.js", "br, gzip", "", "'new'"},
		"wasm":                     {"credentials.wasm", "br", "br", "brotli wasm"},
		"wasm for who takes plain": {"credentials.wasm", "", "", program},
		"without packed forms":     {"icons/key.svg", "br", "", "<svg/>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var headers []header
			if test.accept != "" {
				headers = append(headers, header{"Accept-Encoding", test.accept})
			}
			got := get(assets.Handler(), "GET", assets.Address(test.name), headers...)
			require.Equal(t, http.StatusOK, got.Code)
			assert.Equal(t, test.encoding, got.Header().Get("Content-Encoding"))
			assert.Equal(t, test.body, got.Body.String())
			assert.Equal(t, strconv.Itoa(len(test.body)), got.Header().Get("Content-Length"))
			assert.Equal(t, "public, max-age=31536000, immutable", got.Header().Get("Cache-Control"))
			assert.NotEmpty(t, got.Header().Get("ETag"))
			if test.encoding != "" {
				assert.Equal(t, "Accept-Encoding", got.Header().Get("Vary"))
			}

			again := get(assets.Handler(), "GET", assets.Address(test.name), append(headers, header{"If-None-Match", got.Header().Get("ETag")})...)
			assert.Equal(t, http.StatusNotModified, again.Code)
			assert.Empty(t, again.Body.String())

			head := get(assets.Handler(), "HEAD", assets.Address(test.name), headers...)
			assert.Equal(t, http.StatusOK, head.Code)
			assert.Empty(t, head.Body.String())
			assert.Equal(t, strconv.Itoa(len(test.body)), head.Header().Get("Content-Length"))
		})
	}
}

func TestEveryEncodingHasItsOwnETag(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, accept := range []string{"br", "gzip", "identity"} {
		seen[get(assets.Handler(), "GET", assets.Address("app.css"), header{"Accept-Encoding", accept}).Header().Get("ETag")] = true
	}
	assert.Len(t, seen, 3)
}

func TestAssetRanges(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	part := get(assets.Handler(), "GET", assets.Address("app.css"), header{"Range", "bytes=0-3"})
	assert.Equal(t, http.StatusPartialContent, part.Code)
	assert.Equal(t, "body", part.Body.String())
	packed := get(assets.Handler(), "GET", assets.Address("app.css"), header{"Range", "bytes=0-5"}, header{"Accept-Encoding", "br"})
	assert.Equal(t, http.StatusPartialContent, packed.Code)
	assert.Equal(t, "brotli", packed.Body.String())
	assert.Equal(t, "6", packed.Header().Get("Content-Length"))
	assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, get(assets.Handler(), "GET", assets.Address("app.css"), header{"Range", "bytes=100-"}).Code)
	assert.Equal(t, http.StatusOK, get(assets.Handler(), "GET", assets.Address("credentials.wasm"), header{"Range", "bytes=0-3"}).Code)
}

func TestAssetTypes(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"app.css": "text/css; charset=utf-8", "boot.js": "text/javascript; charset=utf-8", "credentials.wasm": "application/wasm", "icons/key.svg": "image/svg+xml",
	} {
		assert.Equal(t, want, get(assets.Handler(), "GET", assets.Address(name)).Header().Get("Content-Type"))
	}
}

func TestAssetNotFound(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	base := strings.TrimSuffix(assets.Address(""), "/")
	for _, path := range []string{
		base + "/", base + "/icons", base + "/icons/", base + "/packed/packed.json", base + "/packed/app.css.br", base + "/app.css.br",
		base + "/packed/.gitignore", base + "/orphan.css", base + "/%2e%2e/go.mod", "/assets/0000000000000000/app.css", base + "/APP.CSS",
	} {
		got := get(assets.Handler(), "GET", path)
		assert.Equal(t, http.StatusNotFound, got.Code, path)
		assert.NotContains(t, got.Body.String(), "key.svg", path)
		assert.NotContains(t, got.Header().Get("Cache-Control"), "immutable", path)
	}
}

func TestAssetSetChangesWithContent(t *testing.T) {
	t.Parallel()
	before, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	again, err := web.OpenAssets(built(t))
	require.NoError(t, err)
	assert.Equal(t, before.Address("app.css"), again.Address("app.css"))
	changed := built(t)
	changed["static/boot.js"] = &fstest.MapFile{Data: []byte("'newer'")}
	after, err := web.OpenAssets(changed)
	require.NoError(t, err)
	assert.NotEqual(t, before.Address("app.css"), after.Address("app.css"))
}

func TestInvalidManifest(t *testing.T) {
	t.Parallel()
	broken := built(t)
	broken["static/packed/packed.json"] = &fstest.MapFile{Data: []byte("[]")}
	_, err := web.OpenAssets(broken)
	assert.ErrorContains(t, err, "packed.json")
}

// A new file in static that no embed pattern matches would be missing from the
// server.
func TestEveryStaticFileIsEmbedded(t *testing.T) {
	t.Parallel()
	assets, err := web.OpenAssets(web.Embedded)
	require.NoError(t, err)
	for _, name := range []string{"app.css", "boot.js", "icons/favicon.svg"} {
		assert.True(t, assets.Has(name), name)
	}
	err = fs.WalkDir(staticOnDisk, ".", func(name string, entry fs.DirEntry, err error) error {
		built := path.Ext(name) == ".wasm" || strings.HasPrefix(name, "packed/") || strings.HasPrefix(name, "docs/") || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz")
		if err == nil && !entry.IsDir() && !built {
			assert.True(t, assets.Has(name), "%s matches no pattern of the embedding in static_files.go", name)
		}
		return err
	})
	require.NoError(t, err)
}

func TestFaviconAndRobots(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	icon := h.send("GET", "/favicon.ico", "")
	assert.Equal(t, http.StatusOK, icon.StatusCode)
	assert.Equal(t, "image/svg+xml", icon.Header.Get("Content-Type"))
	assert.Equal(t, "User-agent: *\nDisallow: /\n", h.send("GET", "/robots.txt", "").body)
}
