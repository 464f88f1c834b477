// Package oidctest runs an independent OpenID Connect provider for tests: the
// example of github.com/zitadel/oidc. It adds groups, a post-logout redirect, key
// rotation and logout tokens.
package oidctest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// The only client and the people at the provider.
const (
	ClientID = "paycorcred"
	Secret   = "invented-secret-of-the-client"
	Password = "verysecure"

	Ann = "test-user@localhost" // in the group payroll-admins
	Bob = "test-user2"          // in no group; email address not verified
	Eve = "eve"                 // with the subject "local"
	Mal = "mal"                 // the userinfo endpoint returns Ann instead
)

// Provider is a running provider.
type Provider struct {
	Issuer string
	keys   *keys
	server *http.Server
	extra  atomic.Pointer[map[string]any] // claims that replace those of every ID token
}

// Start runs a provider on a free loopback port. redirects are the redirect URIs
// of the client, back is its post-logout redirect URI.
func Start(redirects []string, back string) (*Provider, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	issuer := fmt.Sprintf("http://localhost:%d/", listener.Addr().(*net.TCPAddr).Port)
	client := storage.WebClient(ClientID, Secret, redirects...)
	extended := &keys{
		Storage: storage.NewStorageWithClients(people{storage.NewUserStore(issuer)}, map[string]*storage.Client{ClientID: client}), back: back,
	}
	if err := extended.rotate(); err != nil {
		return nil, err
	}
	p := &Provider{Issuer: issuer, keys: extended}
	p.server = &http.Server{
		Handler: p.replaceClaims(exampleop.SetupServer(issuer, extended, slog.New(slog.DiscardHandler), false)), ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// people adds users to those of the example.
type people struct{ storage.UserStore }

func additionalUsers() []storage.User {
	return []storage.User{
		{ID: "local", Username: Eve, Password: Password, Email: "eve@example.com", EmailVerified: true},
		{ID: "id3", Username: Mal, Password: Password, Email: "mal@example.com", EmailVerified: true},
	}
}

// GetUserByID implements storage.UserStore.
func (p people) GetUserByID(id string) *storage.User {
	for _, user := range additionalUsers() {
		if user.ID == id {
			return &user
		}
	}
	return p.UserStore.GetUserByID(id)
}

// GetUserByUsername implements storage.UserStore.
func (p people) GetUserByUsername(name string) *storage.User {
	for _, user := range additionalUsers() {
		if user.Username == name {
			return &user
		}
	}
	return p.UserStore.GetUserByUsername(name)
}

// Close stops the provider.
func (p *Provider) Close() { _ = p.server.Close() }

// Rotate replaces the signing key. Tokens of the old key become invalid.
func (p *Provider) Rotate() error { return p.keys.rotate() }

// OverrideClaims replaces claims in all ID tokens from now on. The tokens are
// signed as usual.
func (p *Provider) OverrideClaims(claims map[string]any) { p.extra.Store(&claims) }

// replaceClaims modifies the ID tokens in responses of the token endpoint.
func (p *Provider) replaceClaims(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		extra := p.extra.Load()
		if extra == nil || r.URL.Path != "/oauth/token" {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		response := map[string]any{}
		if err := json.Unmarshal(recorder.Body.Bytes(), &response); err != nil {
			panic(err)
		}
		token, err := jwt.ParseSigned(response["id_token"].(string), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			panic(err)
		}
		claims := map[string]any{}
		if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
			panic(err)
		}
		maps.Copy(claims, *extra)
		if response["id_token"], err = p.sign(claims); err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(response)
	})
}

// SignIn signs a user in at an authorization URL, as a browser does, and returns the
// redirect to the client.
func (p *Provider) SignIn(authorizationURL, user string) (*url.URL, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.Issuer) {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	page, err := client.Get(authorizationURL)
	if err != nil {
		return nil, err
	}
	_ = page.Body.Close()
	id := page.Request.URL.Query().Get("authRequestID")
	if id == "" {
		return nil, fmt.Errorf("no form at %s", page.Request.URL)
	}
	done, err := client.PostForm(p.Issuer+"login/username", url.Values{"username": {user}, "password": {Password}, "id": {id}})
	if err != nil {
		return nil, err
	}
	_ = done.Body.Close()
	return done.Location()
}

// LogoutToken returns a signed logout token. claims replace those of a valid token;
// a nil claim is omitted.
func (p *Provider) LogoutToken(claims map[string]any) (string, error) {
	now := time.Now()
	all := map[string]any{
		"iss": p.Issuer, "aud": ClientID, "sub": "id1", "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	for name, value := range claims {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return p.sign(all)
}

// sign returns a JWT with the claims.
func (p *Provider) sign(claims map[string]any) (string, error) {
	key, err := p.keys.SigningKey(context.Background())
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.SignatureAlgorithm(), Key: jose.JSONWebKey{Key: key.Key(), KeyID: key.ID()}}, nil)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// keys extends the example's storage.
type keys struct {
	*storage.Storage
	back string

	mu      sync.Mutex
	current key
}

// key is a signing key.
type key struct {
	id  string
	key *rsa.PrivateKey
}

func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k key) Key() any                                    { return k.key }
func (k key) ID() string                                  { return k.id }

// public is the public half of a key.
type public struct{ key }

func (p public) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p public) Use() string                        { return "sig" }
func (p public) Key() any                           { return &p.key.key.PublicKey }

func (k *keys) rotate() error {
	generated, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current = key{rand.Text(), generated}
	return nil
}

// SigningKey implements op.Storage.
func (k *keys) SigningKey(context.Context) (op.SigningKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current, nil
}

// KeySet implements op.Storage.
func (k *keys) KeySet(context.Context) ([]op.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return []op.Key{public{k.current}}, nil
}

// SetUserinfoFromToken implements op.Storage. Ann is in groups, only her address is
// verified, and Mal gets Ann's subject.
func (k *keys) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	err := k.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
	if err == nil && (subject == "id1" || subject == "id3") {
		info.Subject = "id1"
		info.AppendClaims("groups", []string{"everybody", "payroll-admins"})
	}
	info.EmailVerified = info.EmailVerified && subject == "id1"
	return err
}

// client has a post-logout redirect URI.
type client struct {
	op.Client
	back string
}

// PostLogoutRedirectURIs implements op.Client.
func (c client) PostLogoutRedirectURIs() []string { return []string{c.back} }

// GetClientByClientID implements op.Storage.
func (k *keys) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	found, err := k.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{found, k.back}, nil
}
