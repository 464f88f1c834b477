package e2e_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web/e2e/webdriver"
)

// embedExchange exchanges a site's token, as the page in the frame does.
func (p *program) embedExchange(token, origin string, headers map[string]string) answer {
	p.t.Helper()
	return p.do(ask{Method: "POST", Path: "/embed/exchange", Header: headers, Body: map[string]any{"host": "console", "token": token, "origin": origin}})
}

// The running program rejects every invalid token of a site with its own code,
// and none of them starts a session.
func TestHostileTokens(t *testing.T) {
	t.Parallel()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	encode := base64.RawURLEncoding.EncodeToString
	parts := func(token string) []string { return strings.Split(token, ".") }
	tests := map[string]struct {
		token  func() string
		origin string
		code   string
		status int
	}{
		"alg none": {func() string { return encode([]byte(`{"alg":"none"}`)) + "." + parts(c.token(nil))[1] + "." }, "", "token_algorithm", 401},
		"HS256 with the public key": {func() string {
			return hs256(c.key.Public().(ed25519.PublicKey), parts(c.token(nil))[1])
		}, "", "token_algorithm", 401},
		"foreign key": {func() string {
			other := &console{t: t, program: p, id: c.id, address: c.address, sign: map[string]any{}}
			_, other.key, _ = ed25519.GenerateKey(rand.Reader)
			return other.token(nil)
		}, "", "token_signature", 401},
		"claims changed afterwards": {func() string {
			signed := parts(c.token(nil))
			return signed[0] + "." + parts(c.token(map[string]any{"sub": "root"}))[1] + "." + signed[2]
		}, "", "token_signature", 401},
		"expired":               {func() string { return c.token(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}) }, "", "token_expired", 401},
		"too long a life":       {func() string { return c.token(map[string]any{"exp": time.Now().Add(time.Hour).Unix()}) }, "", "token_lifetime", 401},
		"no end":                {func() string { return c.token(map[string]any{"exp": nil}) }, "", "token_lifetime", 401},
		"another audience":      {func() string { return c.token(map[string]any{"aud": "https://other.example"}) }, "", "token_audience", 401},
		"another issuer":        {func() string { return c.token(map[string]any{"iss": "somebody"}) }, "", "token_issuer", 401},
		"another workspace":     {func() string { return c.token(map[string]any{"workspace": "other"}) }, "", "token_workspace", 403},
		"another origin":        {func() string { return c.token(map[string]any{"origin": "https://evil.example"}) }, "", "token_origin", 403},
		"a page not the host's": {func() string { return c.token(nil) }, "https://evil.example", "frame_origin", 403},
		"null origin":           {func() string { return c.token(map[string]any{"origin": "null"}) }, "null", "frame_origin", 403},
		"rights beyond":         {func() string { return c.token(map[string]any{"rights": []string{"view", "admin"}}) }, "", "token_rights", 403},
		"a made-up right":       {func() string { return c.token(map[string]any{"rights": []string{"view", "root"}}) }, "", "token_rights", 403},
		"no rights":             {func() string { return c.token(map[string]any{"rights": []string{}}) }, "", "token_rights", 403},
		"no jti":                {func() string { return c.token(map[string]any{"jti": ""}) }, "", "token_id", 401},
		"not yet":               {func() string { return c.token(map[string]any{"nbf": time.Now().Add(10 * time.Minute).Unix()}) }, "", "token_early", 401},
		"no token":              {func() string { return "token" }, "", "token_malformed", 401},
	}
	for name, test := range tests {
		origin := test.origin
		if origin == "" {
			origin = c.address
		}
		got := p.embedExchange(test.token(), origin, nil)
		assert.Equal(t, test.status, got.Status, "%s: %s", name, got.Body)
		assert.Contains(t, string(got.Body), `"code":"`+test.code+`"`, name)
		assert.NotContains(t, string(got.Body), "pce_", name)
		assert.Empty(t, got.Header.Get("Set-Cookie"), name)
	}

	token := c.token(nil)
	first := p.embedExchange(token, c.address, nil)
	require.Equal(t, http.StatusOK, first.Status, "%s", first.Body)
	assert.Empty(t, first.Header.Get("Set-Cookie"))
	again := p.embedExchange(token, c.address, nil)
	assert.Equal(t, http.StatusUnauthorized, again.Status)
	assert.Contains(t, string(again.Body), `"code":"token_replayed"`)
	p.stop()
	p.restart()
	again = p.embedExchange(token, c.address, nil)
	assert.Contains(t, string(again.Body), `"code":"token_replayed"`, "another process")

	foreign := p.embedExchange(c.token(nil), c.address, map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
	assert.Equal(t, http.StatusForbidden, foreign.Status, "only our own page trades tokens")
}

// Only the registered site can show the frame. The browser blocks all others,
// however the frame is nested.
func TestOnlyTheHostCanFrameThePageInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p := start(t)
		w := open(p)
		c := newConsole(t, p, "view")
		evil := startConsole(t, p, "console") // claims to be the same site, on another port
		embed := p.address + "/embed?host=console"
		nullOrigin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", "sandbox allow-scripts")
			fmt.Fprintf(w, `<!doctype html><link rel=icon href="data:,"><iframe src=%q></iframe>`, embed)
		}))
		t.Cleanup(nullOrigin.Close)
		w.expect(".*") // browsers log what they block
		asked := func() int { return strings.Count(p.output.String(), "msg=request") }
		shown := func(address string) bool {
			before := asked()
			w.navigate(address) // waits for the frames, too
			w.until("the browser to ask for the page", func() bool { return asked() > before })
			return w.innermost(`link[href*="/assets/"]`) // every page of ours has one
		}
		require.True(t, shown(c.address+"/around?of="+embed), "the host itself frames the page")
		for name, address := range map[string]string{
			"another port of the same machine": evil.address + "/around?of=" + embed,
			"null origin":                      nullOrigin.URL,
			"the host inside another site":     evil.address + "/around?of=" + c.address + "/around?of=" + embed,
			"our own page":                     c.address + "/around?of=" + p.address + "/",
			"the sign-in":                      c.address + "/around?of=" + p.address + "/sign-in",
			"the doctor":                       c.address + "/around?of=" + p.address + "/embed/doctor",
		} {
			assert.False(t, shown(address), name)
		}
	})
}

// innermost reports whether the innermost frame has an element.
func (w *window) innermost(selector string) bool {
	w.t.Helper()
	require.NoError(w.t, w.session.LeaveFrames())
	*w.at = ""
	defer func() { *w.at = "innermost" }()
	for {
		var at struct {
			Frame *webdriver.Element
			Has   bool
		}
		// The page that a browser shows for a frame that it blocked may run no scripts.
		err := w.session.Execute(&at, `return {Frame: document.querySelector("iframe"), Has: !!document.querySelector(arguments[0])}`, selector)
		if err != nil || at.Frame == nil {
			return err == nil && at.Has
		}
		if w.session.EnterFrame(*at.Frame) != nil {
			return false
		}
	}
}

// forgery is a page of the registered site that violates the protocol, as an
// injected script might.
const forgery = `
window.got = [];
const frame = document.createElement("iframe");
const source = "paycor-credentials", server = document.documentElement.dataset.credentials;
frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
frame.width = 700;
frame.height = 700;
frame.src = server + "/embed?host=console";
window.ready = new Promise((done) => addEventListener("message", (e) => { if (e.source === frame.contentWindow) { got.push(e.data); done(e.data.payload.nonce); } }));
window.init = (payload, more = {}, ports = 1) => {
	const list = Array.from({length: ports}, () => new MessageChannel());
	const heard = [];
	for (const one of list) one.port1.onmessage = (e) => heard.push(e.data);
	frame.contentWindow.postMessage({source, v: 1, id: "1", type: "init", payload, ...more}, server, list.map((one) => one.port2));
	return window.last = {ports: list.map((one) => one.port1), heard};
};
Object.assign(window, {source});
document.getElementById("place").append(frame);`

// forging opens that page, and returns it and its frame.
func forging(t *testing.T, open func(*program) *window) (*program, *console, *window, *window) {
	t.Helper()
	p := start(t)
	c := newConsole(t, p, "view,edit")
	w := open(p)
	w.navigate(c.address + "/bare")
	require.NoError(t, w.here().Execute(nil, forgery))
	f := w.framedWithoutProgram(p)
	look[string](w, `ready`)
	return p, c, w, f
}

func TestForgedMessagesInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		p, c, w, f := forging(t, open)
		assert.Equal(t, `[["source","v","id","type","payload"]]`, look[string](w, `JSON.stringify(got.map(Object.keys))`))
		for name, forged := range map[string]string{
			"wrong nonce":    `init({nonce: "0".repeat(32), token: "T"})`,
			"no nonce":       `init({token: "T"})`,
			"wrong version":  `ready.then(nonce => init({nonce, token: "T"}, {v: 2}))`,
			"wrong source":   `ready.then(nonce => init({nonce, token: "T"}, {source: "somebody"}))`,
			"no port":        `ready.then(nonce => init({nonce, token: "T"}, {}, 0))`,
			"two ports":      `ready.then(nonce => init({nonce, token: "T"}, {}, 2))`,
			"token no text":  `ready.then(nonce => init({nonce, token: {}}))`,
			"too large":      `ready.then(nonce => init({nonce, token: "T", more: "x".repeat(20000)}))`,
			"payload no map": `init("payload")`,
			"ready, back":    `ready.then(nonce => init({nonce}, {type: "ready"}))`,
		} {
			before := len(p.output.String())
			look[any](w, `Promise.resolve(`+strings.ReplaceAll(forged, `"T"`, "`"+c.token(nil)+"`")+`).then(() => null)`)
			look[any](w, `new Promise(done => setTimeout(done, 100))`)
			assert.NotContains(t, p.output.String()[before:], "/embed/exchange", name)
		}
		// From inside the frame's own window and from another window.
		look[any](f, `(window.postMessage({source: "paycor-credentials", v: 1, id: "1", type: "init", payload: {nonce: "x", token: "x"}}, "*"), null)`)

		// The valid init is accepted, and a second one is ignored.
		look[any](w, `ready.then(nonce => (window.first = init({nonce, token: "`+c.token(nil)+`"}), null))`)
		f.get("button", say("add"))
		before := strings.Count(p.output.String(), "/embed/exchange")
		look[any](w, `ready.then(nonce => (window.second = init({nonce, token: "`+c.token(nil)+`"}), null))`)
		look[any](w, `second.ports[0].postMessage({source, v: 1, id: "2", type: "open", payload: {view: "add"}}), new Promise(done => setTimeout(done, 300))`)
		assert.Equal(t, before, strings.Count(p.output.String(), "/embed/exchange"), "a second init")
		assert.False(t, f.has("dialog", say("add.title")), "the second port is nobody's")
		assert.Equal(t, 0, look[int](w, `second.heard.length`))

		// Unknown messages and unknown fields are ignored.
		look[any](w, `(first.ports[0].postMessage({source, v: 1, id: "3", type: "reveal", payload: {}}), first.ports[0].postMessage("text"), first.ports[0].postMessage({source, v: 1, id: "4", type: "token", payload: {token: "unasked"}}), null)`)
		look[any](w, `(first.ports[0].postMessage({source, v: 1, id: "5", type: "open", payload: {view: "add"}}), null)`)
		f.get("dialog", say("add.title"))

		// No message to the site contains a secret.
		f.press("textbox", "~Credential Name") // the frame has no focus yet
		f.complete(form{Name: "n", ClientSecret: "a-secret-that-is-typed"})
		messages := look[string](w, `JSON.stringify([got, first.heard])`)
		assert.Contains(t, messages, "dirty")
		for _, secret := range []string{"a-secret-that-is-typed", "pce_", "eyJ"} {
			assert.NotContains(t, messages, secret)
		}
	})
}

func TestMessageFloodInEveryBrowser(t *testing.T) {
	inEveryBrowser(t, func(t *testing.T, open func(*program) *window) {
		_, c, w, f := forging(t, open)
		look[any](w, `ready.then(nonce => (window.first = init({nonce, token: "`+c.token(nil)+`"}), null))`)
		f.get("button", say("add"))
		look[any](w, `((() => { for (let i = 0; i < 2000; i++) first.ports[0].postMessage({source, v: 1, id: "x", type: "theme", payload: {theme: "dark"}}); })(), null)`)
		w.until("the frame to say that it was flooded", func() bool {
			return strings.Contains(look[string](w, `JSON.stringify(first.heard)`), `"code":"flood"`)
		})
		f.press("button", say("add"))
		f.get("dialog", say("add.title"))
	})
}

// hs256 signs claims with a public key as if it were a shared secret.
func hs256(key []byte, claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","kid":"k"}`)) + "." + claims
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
