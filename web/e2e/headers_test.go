package e2e_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// strict is the expected policy of every response, word for word, so that a
// change of the policy needs a change here.
const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// session signs in without a browser and returns the cookie.
func (p *program) session() map[string]string {
	p.t.Helper()
	got := p.do(ask{Method: "GET", Path: strings.TrimPrefix(p.link, p.address)})
	require.Equal(p.t, http.StatusSeeOther, got.Status)
	cookie, _, _ := strings.Cut(got.Header.Get("Set-Cookie"), ";")
	return map[string]string{"Cookie": cookie}
}

func TestEveryAnswerHasTheStrictHeaders(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.session()
	for _, a := range []ask{
		{Method: "GET", Path: "/", Header: session}, {Method: "GET", Path: "/"}, {Method: "GET", Path: "/sign-in"}, {Method: "GET", Path: "/nowhere"},
		{Method: "GET", Path: "/credentials/cred_none", Header: session}, {Method: "GET", Path: "/api/v1/credentials", Header: session},
		{Method: "GET", Path: "/api/v1/credentials"}, {Method: "GET", Path: "/healthz"}, {Method: "GET", Path: "/", Host: "elsewhere.example"},
	} {
		got := p.do(a)
		assert.Equal(t, strict, got.Header.Get("Content-Security-Policy"), a.Path)
		assert.Equal(t, "nosniff", got.Header.Get("X-Content-Type-Options"), a.Path)
		assert.Equal(t, "no-referrer", got.Header.Get("Referrer-Policy"), a.Path)
		assert.Equal(t, "no-store", got.Header.Get("Cache-Control"), a.Path)
		assert.Equal(t, "same-origin", got.Header.Get("Cross-Origin-Opener-Policy"), a.Path)
	}
}

// Assets of the page have content-based names, are immutable, and are the same
// in every encoding.
func TestAssetsAreImmutableAndTheSameInEveryEncoding(t *testing.T) {
	t.Parallel()
	p := start(t)
	page := p.do(ask{Method: "GET", Path: "/", Header: p.session()})
	require.Equal(t, http.StatusOK, page.Status)
	assets := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllSubmatch(page.Body, -1)
	seen := []string{}
	for _, match := range assets {
		path := string(match[1])
		seen = append(seen, path[strings.LastIndex(path, "/")+1:])
		identity := p.do(ask{Method: "GET", Path: path, Header: map[string]string{"Accept-Encoding": "identity"}})
		require.Equal(t, http.StatusOK, identity.Status, path)
		assert.Equal(t, "public, max-age=31536000, immutable", identity.Header.Get("Cache-Control"), path)
		assert.Empty(t, identity.Header.Get("Content-Encoding"), path)
		for encoding, open := range map[string]func([]byte) (io.Reader, error){
			"br":   func(b []byte) (io.Reader, error) { return brotli.NewReader(bytes.NewReader(b)), nil },
			"gzip": func(b []byte) (io.Reader, error) { return gzip.NewReader(bytes.NewReader(b)) },
		} {
			got := p.do(ask{Method: "GET", Path: path, Header: map[string]string{"Accept-Encoding": encoding}})
			require.Equal(t, encoding, got.Header.Get("Content-Encoding"), path)
			assert.Contains(t, got.Header.Get("Vary"), "Accept-Encoding", path)
			assert.Equal(t, identity.Header.Get("Content-Type"), got.Header.Get("Content-Type"), path)
			reader, err := open(got.Body)
			require.NoError(t, err)
			plain, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(identity.Body, plain), "%s is the same in %s", path, encoding)
		}
		parts := strings.SplitN(path, "/", 4)
		other := p.do(ask{Method: "GET", Path: "/assets/0000000000000000/" + parts[3]})
		assert.Equal(t, http.StatusNotFound, other.Status, "another version's name is not answered with this one")
	}
	assert.ElementsMatch(t, []string{"favicon.svg", "app.css", "credentials.wasm", "wasm_exec.js", "boot.js", "en.json"}, seen)
	assert.Equal(t, http.StatusNotFound, p.do(ask{Method: "GET", Path: "/assets/"}).Status)
}
