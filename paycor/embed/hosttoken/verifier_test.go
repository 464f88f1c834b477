package hosttoken_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/testkit"
)

var noon = time.Date(2031, 5, 4, 12, 0, 0, 0, time.UTC)

const ours = "https://credentials.example"

// signer is an embedding site's key.
type signer struct {
	id        string
	algorithm jose.SignatureAlgorithm
	private   crypto.Signer
}

func newSigner(t testing.TB, id string, algorithm jose.SignatureAlgorithm) signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch algorithm {
	case jose.EdDSA:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.ES384:
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	require.NoError(t, err)
	return signer{id, algorithm, key}
}

func (s signer) jwk() jose.JSONWebKey {
	return jose.JSONWebKey{Key: s.private.Public(), KeyID: s.id, Algorithm: string(s.algorithm), Use: "sig"}
}

func jwks(t testing.TB, keys ...jose.JSONWebKey) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	require.NoError(t, err)
	return text
}

// own is the scope of a site without tenants.
func own(host embed.Host) hosttoken.ScopeOf {
	return func(tenant string) (embed.Scope, error) {
		if tenant != "" {
			return embed.Scope{}, paycor.Errorf(embed.KindTokenTenant, "site.error.tenant-unknown", tenant, host.ID)
		}
		return host.Scope(), nil
	}
}

// claims returns the claims of a valid token.
func claims(different map[string]any) map[string]any {
	good := map[string]any{
		"iss": "console", "aud": ours, "sub": "ann", "workspace": "w", "origin": "https://console.example",
		"rights": []string{"view", "edit"}, "jti": "once", "exp": noon.Add(2 * time.Minute).Unix(), "iat": noon.Unix(),
	}
	maps.Copy(good, different)
	for name, value := range good {
		if value == nil {
			delete(good, name)
		}
	}
	return good
}

func (s signer) sign(t testing.TB, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if s.id != "" {
		options = options.WithHeader("kid", s.id)
	}
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: s.algorithm, Key: s.private}, options)
	require.NoError(t, err)
	token, err := jwt.Signed(made).Claims(claims).Serialize()
	require.NoError(t, err)
	return token
}

func hostWith(keys json.RawMessage) embed.Host {
	return embed.Host{ID: "console", Name: "Console", Workspace: "w", Origins: []string{"https://console.example", "https://two.example"},
		Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}, Keys: keys}
}

func newVerifier() *hosttoken.Verifier {
	return hosttoken.New(hosttoken.Config{Clock: func() time.Time { return noon }})
}

func request(token string) embed.Request {
	return embed.Request{Host: "console", Token: paycor.NewSecret(token), Origin: "https://console.example", Audience: ours}
}

func TestValidTokenOfEveryAlgorithm(t *testing.T) {
	for _, algorithm := range []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.RS256} {
		t.Run(string(algorithm), func(t *testing.T) {
			s := newSigner(t, "k1", algorithm)
			host := hostWith(jwks(t, newSigner(t, "k0", jose.EdDSA).jwk(), s.jwk()))
			grant, err := newVerifier().Verify(t.Context(), host, own(host), request(s.sign(t, claims(nil))))
			require.NoError(t, err)
			assert.Equal(t, hosttoken.Grant{Person: embed.Person{Subject: "ann"}, ID: "once", Rights: paycor.Rights{paycor.RightView, paycor.RightEdit},
				ExpiresAt: noon.Add(2*time.Minute + hosttoken.Leeway)}, hosttoken.Grant{Person: grant.Person, ID: grant.ID, Rights: grant.Rights, ExpiresAt: grant.ExpiresAt.UTC()})
			nameless := s
			nameless.id = ""
			_, err = newVerifier().Verify(t.Context(), host, own(host), request(nameless.sign(t, claims(map[string]any{"aud": []string{"x", ours}}))))
			assert.NoError(t, err, "without a kid every key of the algorithm is tried")
		})
	}
}

func TestInvalidTokens(t *testing.T) {
	s := newSigner(t, "k", jose.EdDSA)
	encode := base64.RawURLEncoding.EncodeToString
	with := func(different map[string]any) func() string {
		return func() string { return s.sign(t, claims(different)) }
	}
	hs := func(key []byte) string {
		made, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
		require.NoError(t, err)
		token, err := jwt.Signed(made).Claims(claims(nil)).Serialize()
		require.NoError(t, err)
		return token
	}
	good := with(nil)
	tests := map[string]struct {
		token func() string
		kind  paycor.Kind
	}{
		"nothing":                  {func() string { return "" }, embed.KindTokenMalformed},
		"no JWT":                   {func() string { return "a.b.c" }, embed.KindTokenMalformed},
		"far too long":             {func() string { return good() + strings.Repeat("x", 9000) }, embed.KindTokenMalformed},
		"encrypted":                {func() string { return good() + ".a.b" }, embed.KindTokenMalformed},
		"alg none":                 {func() string { return encode([]byte(`{"alg":"none"}`)) + "." + strings.Split(good(), ".")[1] + "." }, embed.KindTokenAlgorithm},
		"alg None":                 {func() string { return encode([]byte(`{"alg":"None"}`)) + "." + strings.Split(good(), ".")[1] + "." }, embed.KindTokenAlgorithm},
		"HS256 with the key":       {func() string { return hs(s.private.Public().(ed25519.PublicKey)) }, embed.KindTokenAlgorithm},
		"HS256 with the key set":   {func() string { return hs(jwks(t, s.jwk())) }, embed.KindTokenAlgorithm},
		"ES384":                    {func() string { return newSigner(t, "k", jose.ES384).sign(t, claims(nil)) }, embed.KindTokenAlgorithm},
		"PS256":                    {func() string { return newSigner(t, "k", jose.PS256).sign(t, claims(nil)) }, embed.KindTokenAlgorithm},
		"unknown kid":              {func() string { return newSigner(t, "other", jose.EdDSA).sign(t, claims(nil)) }, embed.KindTokenKey},
		"kid of another kind":      {func() string { return newSigner(t, "k", jose.ES256).sign(t, claims(nil)) }, embed.KindTokenKey},
		"foreign key, known kid":   {func() string { return newSigner(t, "k", jose.EdDSA).sign(t, claims(nil)) }, embed.KindTokenSignature},
		"foreign key brought":      {func() string { return tokenWithOwnKey(t) }, embed.KindTokenSignature},
		"claims of another":        {func() string { return mixed(good(), with(map[string]any{"sub": "root"})()) }, embed.KindTokenSignature},
		"another issuer":           {with(map[string]any{"iss": "other"}), embed.KindTokenIssuer},
		"no issuer":                {with(map[string]any{"iss": nil}), embed.KindTokenIssuer},
		"another audience":         {with(map[string]any{"aud": ours + "/"}), embed.KindTokenAudience},
		"no audience":              {with(map[string]any{"aud": nil}), embed.KindTokenAudience},
		"expired":                  {with(map[string]any{"exp": noon.Add(-31 * time.Second).Unix()}), embed.KindTokenExpired},
		"no end":                   {with(map[string]any{"exp": nil}), embed.KindTokenLifetime},
		"milliseconds":             {with(map[string]any{"exp": noon.Add(2 * time.Minute).UnixMilli()}), embed.KindTokenLifetime},
		"lasts six minutes":        {with(map[string]any{"exp": noon.Add(6 * time.Minute).Unix()}), embed.KindTokenLifetime},
		"begins later":             {with(map[string]any{"nbf": noon.Add(time.Minute).Unix()}), embed.KindTokenEarly},
		"made later":               {with(map[string]any{"iat": noon.Add(time.Minute).Unix()}), embed.KindTokenEarly},
		"no subject":               {with(map[string]any{"sub": nil}), embed.KindTokenSubject},
		"blank subject":            {with(map[string]any{"sub": "  "}), embed.KindTokenSubject},
		"subject of two lines":     {with(map[string]any{"sub": "ann\nroot"}), embed.KindTokenSubject},
		"endless subject":          {with(map[string]any{"sub": strings.Repeat("a", 129)}), embed.KindTokenSubject},
		"no jti":                   {with(map[string]any{"jti": nil}), embed.KindTokenID},
		"another workspace":        {with(map[string]any{"workspace": "other"}), embed.KindTokenWorkspace},
		"no workspace":             {with(map[string]any{"workspace": nil}), embed.KindTokenWorkspace},
		"unknown tenant":           {with(map[string]any{"tenant": "acme"}), embed.KindTokenTenant},
		"tenant as number":         {with(map[string]any{"tenant": 7}), embed.KindTokenMalformed},
		"an origin not the host's": {with(map[string]any{"origin": "https://evil.example"}), embed.KindTokenOrigin},
		"the host's other origin":  {with(map[string]any{"origin": "https://two.example"}), embed.KindTokenOrigin},
		"rights beyond":            {with(map[string]any{"rights": []string{"view", "admin"}}), embed.KindTokenRights},
		"no right there is":        {with(map[string]any{"rights": []string{"root"}}), embed.KindTokenRights},
		"no rights":                {with(map[string]any{"rights": []string{}}), embed.KindTokenRights},
		"rights as text":           {with(map[string]any{"rights": "view,edit"}), embed.KindTokenMalformed},
		"subject as number":        {with(map[string]any{"sub": 7}), embed.KindTokenMalformed},
	}
	host := hostWith(jwks(t, s.jwk()))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			grant, err := newVerifier().Verify(t.Context(), host, own(host), request(test.token()))
			assert.Equal(t, test.kind, paycor.KindOf(err), "%v", err)
			assert.Equal(t, hosttoken.Grant{}, grant)
		})
	}
}

// tokenWithOwnKey returns a token whose header contains the key to verify it
// with.
func tokenWithOwnKey(t *testing.T) string {
	other := newSigner(t, "k", jose.EdDSA)
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: other.private},
		(&jose.SignerOptions{EmbedJWK: false}).WithHeader("kid", "k").WithHeader("jwk", other.jwk()))
	require.NoError(t, err)
	token, err := jwt.Signed(made).Claims(claims(nil)).Serialize()
	require.NoError(t, err)
	return token
}

// mixed returns the first token's signature with the second token's claims.
func mixed(first, second string) string {
	a, b := strings.Split(first, "."), strings.Split(second, ".")
	return a[0] + "." + b[1] + "." + a[2]
}

func TestParseKeysRejects(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // intentionally
	if err != nil {
		t.Logf("this Go makes no weak keys: %v", err)
	}
	private := jose.JSONWebKey{Key: newSigner(t, "", jose.EdDSA).private, KeyID: "k"}
	tests := map[string]string{
		"no JSON": "keys", "no set": `{}`, "empty": `{"keys":[]}`, "one key alone": string(mustJSON(t, newSigner(t, "k", jose.EdDSA).jwk())),
		"a secret":        `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`,
		"a private key":   string(jwks(t, private)),
		"another curve":   string(jwks(t, newSigner(t, "k", jose.ES384).jwk())),
		"off the curve":   `{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`,
		"encryption only": `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
		"too many":        string(jwks(t, many(t, 21)...)),
	}
	if weak != nil {
		tests["weak"] = string(jwks(t, jose.JSONWebKey{Key: weak.Public(), KeyID: "k"}))
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := hosttoken.ParseKeys([]byte(text))
			assert.Error(t, err)
		})
	}
	_, err = hosttoken.ParseKeys(jwks(t, many(t, 20)...))
	assert.NoError(t, err)
}

func many(t *testing.T, n int) []jose.JSONWebKey {
	var keys []jose.JSONWebKey
	for i := range n {
		keys = append(keys, newSigner(t, fmt.Sprint(i), jose.EdDSA).jwk())
	}
	return keys
}

func mustJSON(t *testing.T, value any) []byte {
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}

// keyServer serves an embedding site's JWKS.
type keyServer struct {
	*httptest.Server
	mu     sync.Mutex
	body   []byte
	status int
	asked  int
}

func newKeyServer(t *testing.T, body []byte) *keyServer {
	k := &keyServer{body: body, status: http.StatusOK}
	k.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.asked++
		w.WriteHeader(k.status)
		_, _ = w.Write(k.body)
	}))
	t.Cleanup(k.Close)
	return k
}

func (k *keyServer) respond(body []byte, status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.body, k.status = body, status
}

func (k *keyServer) requests() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.asked
}

func TestKeysAreFetchedAndCached(t *testing.T) {
	first, second := newSigner(t, "one", jose.EdDSA), newSigner(t, "two", jose.EdDSA)
	server := newKeyServer(t, jwks(t, first.jwk()))
	now := noon
	j := hosttoken.New(hosttoken.Config{Clock: func() time.Time { return now }, Client: server.Client()})
	host := hostWith(nil)
	host.KeysURL = server.URL
	try := func(s signer) paycor.Kind {
		_, err := j.Verify(t.Context(), host, own(host), request(s.sign(t, claims(map[string]any{"exp": now.Add(time.Minute).Unix(), "iat": now.Unix()}))))
		return paycor.KindOf(err)
	}
	for range 3 {
		assert.Empty(t, try(first))
	}
	assert.Equal(t, 1, server.requests(), "read once for all")

	server.respond(jwks(t, first.jwk(), second.jwk()), 200)
	assert.Equal(t, embed.KindTokenKey, try(second), "just read: not again at once")
	assert.Equal(t, 1, server.requests())
	now = now.Add(31 * time.Second)
	assert.Empty(t, try(second), "a new key is found by itself")
	assert.Equal(t, 2, server.requests())
	for range 20 {
		assert.Equal(t, embed.KindTokenKey, try(newSigner(t, "made up", jose.EdDSA)))
	}
	assert.Equal(t, 2, server.requests(), "made-up keys do not make us ask")

	now = now.Add(11 * time.Minute)
	server.respond(nil, 500)
	assert.Empty(t, try(first), "what was read is good for a while")
	now = now.Add(time.Hour)
	assert.Equal(t, embed.KindKeysUnreachable, try(first))
	now = now.Add(time.Minute)
	server.respond(jwks(t, second.jwk()), 200)
	assert.Equal(t, embed.KindTokenKey, try(first), "a key that was taken away opens nothing")
	assert.Empty(t, try(second))
}

func TestFetchRejectsResponses(t *testing.T) {
	s := newSigner(t, "k", jose.EdDSA)
	for name, test := range map[string]struct {
		body   []byte
		status int
	}{
		"redirect": {nil, 302}, "not found": {jwks(t, s.jwk()), 404}, "no JSON": {[]byte("<html>"), 200},
		"endless": {append(jwks(t, s.jwk()), make([]byte, 70<<10)...), 200},
	} {
		t.Run(name, func(t *testing.T) {
			server := newKeyServer(t, nil)
			server.respond(test.body, test.status)
			j := hosttoken.New(hosttoken.Config{Clock: func() time.Time { return noon }, Client: server.Client()})
			host := hostWith(nil)
			host.KeysURL = server.URL
			_, err := j.Verify(t.Context(), host, own(host), request(s.sign(t, claims(nil))))
			assert.Equal(t, embed.KindKeysUnreachable, paycor.KindOf(err))
		})
	}
}

// A registered address must not make the server send requests to hosts that
// only it can reach.
func TestKeysAreNotFetchedFromInternalAddresses(t *testing.T) {
	s := newSigner(t, "k", jose.EdDSA)
	server := newKeyServer(t, jwks(t, s.jwk()))
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	for _, address := range []string{server.URL, "https://localhost:" + port, "https://[::1]:" + port, "https://0.0.0.0:" + port,
		"https://169.254.169.254/", "https://10.0.0.1/", "https://[::ffff:127.0.0.1]:" + port, "https://[64:ff9b::7f00:1]/", "https://100.64.0.1/"} {
		host := hostWith(nil)
		host.KeysURL = address
		_, err := newVerifier().Verify(t.Context(), host, own(host), request(s.sign(t, claims(nil))))
		assert.Equal(t, embed.KindKeysUnreachable, paycor.KindOf(err), address)
		assert.ErrorContains(t, err, "jwks.forbidden", address)
	}
	assert.Zero(t, server.requests())
}

// Where there is no direct way out, the keys come through the proxy, which does not lead to
// internal addresses either.
func TestKeysAreFetchedThroughTheProxy(t *testing.T) {
	t.Parallel()
	s, authority := newSigner(t, "k", jose.EdDSA), testkit.NewAuthority(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jwks(t, s.jwk())) }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate("203.0.113.7")}}
	server.StartTLS()
	defer server.Close()
	proxy, opened := testkit.NewTunnelProxy(t, server.Listener.Addr().String())
	rule, mistakes := egress.Options{CAFile: []string{authority.File()}}.Rule(func(name string) string { return map[string]string{"HTTPS_PROXY": proxy}[name] })
	require.Empty(t, mistakes)
	verifier := hosttoken.New(hosttoken.Config{Clock: func() time.Time { return noon }, Egress: rule})
	host := hostWith(nil)
	host.KeysURL = "https://203.0.113.7/jwks"
	_, err := verifier.Verify(t.Context(), host, own(host), request(s.sign(t, claims(nil))))
	require.NoError(t, err)
	assert.EqualValues(t, 1, opened.Load())

	for _, address := range []string{"https://10.0.0.1/", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://localhost/", "https://0.0.0.0/"} {
		host.KeysURL = address
		_, err := verifier.Verify(t.Context(), host, own(host), request(s.sign(t, claims(nil))))
		assert.Equal(t, embed.KindKeysUnreachable, paycor.KindOf(err), address)
		assert.ErrorContains(t, err, "jwks.forbidden", address)
	}
	assert.EqualValues(t, 1, opened.Load())
}

func FuzzVerify(f *testing.F) {
	s := newSigner(f, "k", jose.EdDSA)
	host := hostWith(jwks(f, s.jwk()))
	f.Add(s.sign(f, claims(nil)))
	f.Add("a.b.c")
	good := s.sign(f, claims(nil))
	f.Fuzz(func(t *testing.T, token string) {
		_, err := newVerifier().Verify(t.Context(), host, own(host), request(token))
		if err == nil && token != good && !strings.HasPrefix(token, strings.SplitAfterN(good, ".", 3)[0]) {
			t.Fatal("a token nobody signed is good")
		}
		if err != nil && paycor.KindOf(err) == "" {
			t.Fatalf("an error without a kind: %v", err)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) { _, _ = hosttoken.ParseKeys(text) })
}

func TestDiagnose(t *testing.T) {
	s := newSigner(t, "k", jose.EdDSA)
	host := hostWith(jwks(t, s.jwk()))
	good := embed.Symptoms{
		Host: "console", Origin: "https://console.example", Sandbox: "allow-scripts allow-same-origin allow-forms",
		Policy: "default-src 'none'; script-src 'self' " + ours + "; frame-src " + ours, Token: paycor.NewSecret(s.sign(t, claims(nil))), Audience: ours,
	}
	tests := map[string]struct {
		change func(*embed.Symptoms)
		bad    []string
	}{
		"healthy":           {func(*embed.Symptoms) {}, nil},
		"another origin":    {func(s *embed.Symptoms) { s.Origin = "https://console.example:8443" }, []string{"origin", "claim origin"}},
		"null origin":       {func(s *embed.Symptoms) { s.Origin = "null"; s.Token = paycor.Secret{} }, []string{"origin"}},
		"an address":        {func(s *embed.Symptoms) { s.Origin = "https://console.example/page"; s.Token = paycor.Secret{} }, []string{"origin"}},
		"sandbox too tight": {func(s *embed.Symptoms) { s.Sandbox = "allow-scripts allow-forms" }, []string{"sandbox"}},
		"no referrer":       {func(s *embed.Symptoms) { s.Referrer = "no-referrer" }, []string{"referrer"}},
		"same-origin only":  {func(s *embed.Symptoms) { s.Referrer = "Same-Origin" }, []string{"referrer"}},
		"strict-origin":     {func(s *embed.Symptoms) { s.Referrer = "strict-origin" }, nil},
		"no frame-src":      {func(s *embed.Symptoms) { s.Policy = "default-src 'self'; script-src " + ours }, []string{"headers"}},
		"no script-src":     {func(s *embed.Symptoms) { s.Policy = "script-src 'self'; frame-src https:" }, []string{"headers"}},
		"any port lets in":  {func(s *embed.Symptoms) { s.Policy = "script-src " + ours + ":*; frame-src " + ours + ":*" }, nil},
		"another's ports":   {func(s *embed.Symptoms) { s.Policy = "script-src *; frame-src https://other.example:*" }, []string{"headers"}},
		"strict-dynamic":    {func(s *embed.Symptoms) { s.Policy = "script-src 'nonce-x' 'strict-dynamic'; frame-src " + ours }, nil},
		"wildcards let in":  {func(s *embed.Symptoms) { s.Policy = "script-src *; frame-src *.example" }, nil},
		"several claims wrong": {func(p *embed.Symptoms) {
			p.Token = paycor.NewSecret(s.sign(t, claims(map[string]any{"aud": "x", "exp": noon.Add(-time.Hour).Unix(), "rights": []string{"admin"}})))
		}, []string{"claim aud", "claim exp", "claim rights"}},
		"signature wrong": {func(p *embed.Symptoms) {
			p.Token = paycor.NewSecret(newSigner(t, "k", jose.EdDSA).sign(t, claims(nil)))
		}, []string{"signature"}},
		"no token at all": {func(p *embed.Symptoms) { p.Token = paycor.NewSecret("hello") }, []string{"token"}},
		"nothing shown":   {func(p *embed.Symptoms) { *p = embed.Symptoms{Host: "console", Audience: ours} }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			symptoms := good
			test.change(&symptoms)
			var bad []string
			for _, result := range newVerifier().Diagnose(t.Context(), host, own(host), symptoms) {
				assert.NotEmpty(t, result.Message)
				if result.State == embed.CheckBad {
					bad = append(bad, result.Name)
					assert.NotEmpty(t, result.Remedy)
				}
			}
			assert.Equal(t, test.bad, bad)
		})
	}
}

// A token of a tenant is for the tenant's workspace, with the rights there.
func TestVerifyTenant(t *testing.T) {
	s := newSigner(t, "k", jose.EdDSA)
	host := hostWith(jwks(t, s.jwk()))
	scope := embed.Scope{Tenant: "acme", Workspace: "acme payroll", Rights: paycor.Rights{paycor.RightView}}
	asked := ""
	scopeOf := func(tenant string) (embed.Scope, error) { asked = tenant; return scope, nil }
	for name, test := range map[string]struct {
		claims map[string]any
		kind   paycor.Kind
	}{
		"no workspace":            {map[string]any{"workspace": nil, "rights": []string{"view"}}, ""},
		"its workspace":           {map[string]any{"workspace": "acme payroll", "rights": []string{"view"}}, ""},
		"the site's workspace":    {map[string]any{"workspace": host.Workspace, "rights": []string{"view"}}, embed.KindTokenWorkspace},
		"rights of the site":      {map[string]any{"workspace": nil, "rights": []string{"view", "edit"}}, embed.KindTokenRights},
		"a token of someone else": {map[string]any{"workspace": nil, "rights": []string{"view"}, "iss": "other"}, embed.KindTokenIssuer},
	} {
		test.claims["tenant"] = "acme"
		grant, err := newVerifier().Verify(t.Context(), host, scopeOf, request(s.sign(t, claims(test.claims))))
		assert.Equal(t, "acme", asked, name)
		if test.kind != "" {
			assert.Equal(t, test.kind, paycor.KindOf(err), name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, scope, grant.Scope, name)
	}
	asked = ""
	other := newSigner(t, "k", jose.EdDSA)
	results := newVerifier().Diagnose(t.Context(), host, scopeOf, embed.Symptoms{Token: paycor.NewSecret(other.sign(t, claims(map[string]any{"tenant": "acme"})))})
	assert.Empty(t, asked, "only a signer of the site may learn its tenants")
	for _, result := range results {
		assert.NotContains(t, []string{"claim tenant", "claim workspace", "claim rights"}, result.Name)
	}
}
