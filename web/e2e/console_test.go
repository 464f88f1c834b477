package e2e_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// console is a site that embeds the page. Its host is 127.0.0.1, which is
// another site than the program's localhost.
type console struct {
	t       testing.TB
	program *program
	id      string // of the embedding site, in the program
	address string
	key     ed25519.PrivateKey
	script  []byte // served as /bundle.js

	mu    sync.Mutex
	sign  map[string]any // claims to override
	given int            // tokens issued
}

// consolePolicy is the strictest policy under which a site can embed the page.
func consolePolicy(p *program) string {
	return "default-src 'none'; script-src 'self' " + p.origin() + "; frame-src " + p.origin() +
		"; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// consoleScript loads the module and records its events.
const consoleScript = `
const credentials = document.documentElement.dataset.credentials, host = document.documentElement.dataset.host;
const said = [];
const hear = (name) => (detail) => said.push({name, detail: detail instanceof Error ? {code: detail.code, message: detail.message} : detail ?? {}});
const options = (more = {}) => ({
	hostId: host, timeout: 55000,
	getToken: async () => (await fetch("/token", {method: "POST"})).text(),
	onReady: hear("ready"), onSelect: hear("selected"), onCreated: hear("created"), onUpdated: hear("updated"), onDeleted: hear("deleted"),
	onVerified: hear("verified"), onDirty: hear("dirty"), onClose: hear("close"), onError: hear("error"), ...more,
});
const sdk = await import(credentials + "/embed/sdk.js");
const place = document.getElementById("place");
Object.assign(window, {sdk, options, said, place, mounted: null});
`

// newConsole starts a site and registers it.
func newConsole(t testing.TB, p *program, rights string) *console {
	t.Helper()
	c := startConsole(t, p, "console")
	c.register(rights)
	return c
}

func startConsole(t testing.TB, p *program, id string) *console {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	c := &console{t: t, program: p, id: id, key: key, sign: map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", consolePolicy(p))
		c.page(w, "/console.js")
	})
	mux.HandleFunc("GET /bare", func(w http.ResponseWriter, r *http.Request) { c.page(w, "") })
	mux.HandleFunc("GET /around", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><iframe width=700 height=500 src=%q></iframe>`, r.URL.Query().Get("of"))
	})
	mux.HandleFunc("GET /console.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, consoleScript)
	})
	mux.HandleFunc("GET /bundle.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(c.script)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, c.token(nil)) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c.address = server.URL
	return c
}

func (c *console) page(w http.ResponseWriter, script string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en" data-credentials=%q data-host=%q><head><meta name="viewport" content="width=device-width"><title>Console</title><link rel="icon" href="data:,">`, c.program.address, c.id)
	if script != "" {
		fmt.Fprintf(w, `<script type="module" src=%q></script>`, script)
	}
	fmt.Fprint(w, `</head><body><h1>Console</h1><button id="before">Before</button><div id="place"></div><button id="behind">Behind</button></body></html>`)
}

// jwks returns the site's public key.
func (c *console) jwks() string {
	x := base64.RawURLEncoding.EncodeToString(c.key.Public().(ed25519.PublicKey))
	return fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}`, x)
}

// register registers the site with the program.
func (c *console) register(rights string, more ...string) {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "jwks.json")
	require.NoError(c.t, os.WriteFile(file, []byte(c.jwks()), 0o600))
	arguments := []string{"host", "add", "--data", c.program.data, "--id", c.id, "--name", "Test console", "--origin", c.address, "--jwks", file, "--rights", rights}
	made := command(c.t, nil, append(arguments, more...)...)
	require.Zero(c.t, made.code, made.err)
	require.Equal(c.t, c.id, strings.TrimSpace(made.out))
}

// registerAgain removes the site, which ends its sessions, and registers it again with
// the next request, so that its frames find it removed for a moment only.
func (c *console) registerAgain(rights ...string) {
	c.t.Helper()
	p := c.program
	admin := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view,edit,admin")}
	site := body{"id": c.id, "name": "Test console", "origins": []string{c.address}, "rights": rights, "keys": json.RawMessage(c.jwks())}
	require.Equal(c.t, http.StatusNoContent, p.do(ask{Method: "DELETE", Path: "/api/v1/hosts/" + c.id, Header: admin}).Status)
	made := p.do(ask{Method: "POST", Path: "/api/v1/hosts", Header: admin, Body: site})
	require.Equal(c.t, http.StatusCreated, made.Status, string(made.Body))
}

// differ overrides claims of all tokens from now on.
func (c *console) differ(claims map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sign = claims
}

// renewed checks that the frame has asked for another token after registerAgain: once, or twice
// if it found the site removed.
func (c *console) renewed() {
	c.t.Helper()
	require.Contains(c.t, []int{2, 3}, c.tokens())
}

func (c *console) tokens() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.given
}

// token signs a token with the overridden claims.
func (c *console) token(different map[string]any) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given++
	claims := map[string]any{
		"iss": c.id, "aud": c.program.origin(), "sub": "ann", "workspace": "default", "origin": c.address,
		"rights": []string{"view", "edit"}, "jti": rand.Text(), "exp": time.Now().Add(2 * time.Minute).Unix(),
	}
	maps.Copy(claims, c.sign)
	maps.Copy(claims, different)
	encode := base64.RawURLEncoding.EncodeToString
	text, err := json.Marshal(claims)
	require.NoError(c.t, err)
	signed := encode([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + encode(text)
	return signed + "." + encode(ed25519.Sign(c.key, []byte(signed)))
}

// message is an event that the module reported to the site.
type message struct {
	Name   string
	Detail map[string]any
}

// messages returns all events so far.
func (b *tab) messages() []message {
	messages, _ := tryEval[[]message](b, `window.said`, 0)
	return messages
}

// waitForMessage waits for an event with that name.
func (b *tab) waitForMessage(name string) map[string]any {
	b.t.Helper()
	var detail map[string]any
	b.until("the module to tell "+name, func() bool {
		for _, m := range b.messages() {
			if m.Name == name {
				detail = m.Detail
				return true
			}
		}
		return false
	})
	return detail
}

// hasModule waits until the site's page has loaded our module.
func (b *tab) hasModule() {
	b.t.Helper()
	b.until("the module", func() bool { loaded, _ := tryEval[bool](b, `!!window.sdk`, 0); return loaded })
}

// pick makes the site's page open the credential picker.
func (b *tab) pick() {
	b.t.Helper()
	b.hasModule()
	eval[any](b, `sdk.pick(options()).catch(() => {}), null`)
}

// mount waits for the module and mounts the page.
func (b *tab) mount(options string) {
	b.t.Helper()
	b.hasModule()
	eval[any](b, `window.mounted = sdk.mount(place, options(`+options+`)), null`)
}
