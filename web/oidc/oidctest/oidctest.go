// Package oidctest runs an OpenID Connect provider that nobody of this house
// wrote: the example of github.com/zitadel/oidc. What it adds to that are
// groups, a sign-out that leads back, keys that can be rotated, and logout
// tokens. It is for tests alone and imports nothing of ours.
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
	"net/http/httptest"
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

// The one client and the people that the provider knows.
const (
	ClientID = "paycorcred"
	Secret   = "invented-secret-of-the-client"
	Password = "verysecure"

	Ann = "test-user@localhost" // in the group payroll-admins
	Bob = "test-user2"          // in no group, and his e-mail address is not verified
	Eve = "eve"                 // her subject is "local"
	Mal = "mal"                 // what is told of him at the userinfo endpoint is about Ann
)

// Provider is a running provider.
type Provider struct {
	Issuer string
	keys   *keys
	server *http.Server
	laid   atomic.Pointer[map[string]any] // over the claims of every ID token
}

// Start runs a provider on a free port of this machine. redirects are the
// addresses that are registered for the client, back where a sign-out leads.
func Start(redirects []string, back string) (*Provider, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	issuer := fmt.Sprintf("http://localhost:%d/", listener.Addr().(*net.TCPAddr).Port)
	client := storage.WebClient(ClientID, Secret, redirects...)
	keep := &keys{
		Storage: storage.NewStorageWithClients(people{storage.NewUserStore(issuer)}, map[string]*storage.Client{ClientID: client}), back: back,
	}
	if err := keep.rotate(); err != nil {
		return nil, err
	}
	p := &Provider{Issuer: issuer, keys: keep}
	p.server = &http.Server{
		Handler: p.lay(exampleop.SetupServer(issuer, keep, slog.New(slog.DiscardHandler), false)), ReadHeaderTimeout: 10 * time.Second,
	}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// people adds some to the example's.
type people struct{ storage.UserStore }

func more() []storage.User {
	return []storage.User{
		{ID: "local", Username: Eve, Password: Password, Email: "eve@example.com", EmailVerified: true},
		{ID: "id3", Username: Mal, Password: Password, Email: "mal@example.com", EmailVerified: true},
	}
}

// GetUserByID implements storage.UserStore.
func (p people) GetUserByID(id string) *storage.User {
	for _, one := range more() {
		if one.ID == id {
			return &one
		}
	}
	return p.UserStore.GetUserByID(id)
}

// GetUserByUsername implements storage.UserStore.
func (p people) GetUserByUsername(name string) *storage.User {
	for _, one := range more() {
		if one.Username == name {
			return &one
		}
	}
	return p.UserStore.GetUserByUsername(name)
}

// Close ends it.
func (p *Provider) Close() { _ = p.server.Close() }

// Rotate makes the provider sign with a new key and forget the old one.
func (p *Provider) Rotate() error { return p.keys.rotate() }

// LayOver lays claims over those of every ID token from now on, which the
// provider then signs.
func (p *Provider) LayOver(claims map[string]any) { p.laid.Store(&claims) }

// lay does that to the answers of the token endpoint.
func (p *Provider) lay(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		laid := p.laid.Load()
		if laid == nil || r.URL.Path != "/oauth/token" {
			next.ServeHTTP(w, r)
			return
		}
		given := httptest.NewRecorder()
		next.ServeHTTP(given, r)
		answer := map[string]any{}
		if err := json.Unmarshal(given.Body.Bytes(), &answer); err != nil {
			panic(err)
		}
		token, err := jwt.ParseSigned(answer["id_token"].(string), []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			panic(err)
		}
		claims := map[string]any{}
		if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
			panic(err)
		}
		maps.Copy(claims, *laid)
		if answer["id_token"], err = p.sign(claims); err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})
}

// LogoutToken returns a signed token with claims laid over those of a good one.
// A nil claim is left out.
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

// sign returns claims as a signed token.
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

// keys is the example's storage with what it lacks.
type keys struct {
	*storage.Storage
	back string

	mu  sync.Mutex
	now key
}

// key is one that signs.
type key struct {
	id  string
	key *rsa.PrivateKey
}

func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k key) Key() any                                    { return k.key }
func (k key) ID() string                                  { return k.id }

// public is its other half.
type public struct{ key }

func (p public) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p public) Use() string                        { return "sig" }
func (p public) Key() any                           { return &p.key.key.PublicKey }

func (k *keys) rotate() error {
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = key{rand.Text(), made}
	return nil
}

// SigningKey implements op.Storage.
func (k *keys) SigningKey(context.Context) (op.SigningKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now, nil
}

// KeySet implements op.Storage.
func (k *keys) KeySet(context.Context) ([]op.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return []op.Key{public{k.now}}, nil
}

// SetUserinfoFromToken implements op.Storage: Ann is in a group, and nobody has
// looked whether Bob's address is his.
func (k *keys) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	err := k.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
	if err == nil && (subject == "id1" || subject == "id3") {
		info.Subject = "id1"
		info.AppendClaims("groups", []string{"everybody", "payroll-admins"})
	}
	info.EmailVerified = info.EmailVerified && subject == "id1"
	return err
}

// client is one that a sign-out leads back to.
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
