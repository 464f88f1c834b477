package env

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
)

// SiteOrigin is the origin of a Site.
const SiteOrigin = "https://console.example"

// Site is an embedding site, with the id "console", that signs its tokens.
type Site struct {
	key ed25519.PrivateKey
	now func() time.Time
}

// NewSite returns a site with a new key. now is the clock of its tokens.
func NewSite(t testing.TB, now func() time.Time) Site {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return Site{key, now}
}

// Draft returns the draft that registers the site.
func (s Site) Draft() embed.HostDraft {
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	return embed.HostDraft{
		ID: "console", Name: "Console", Origins: []string{SiteOrigin}, Rights: paycor.Rights{paycor.RightView, paycor.RightEdit},
		Keys: fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}`, x),
	}
}

// Request returns a request with a valid token. claims replace those of the token.
func (s Site) Request(t testing.TB, claims map[string]any) embed.Request {
	t.Helper()
	all := map[string]any{
		"iss": "console", "aud": "https://ours.example", "sub": "ann", "workspace": "default", "origin": SiteOrigin,
		"rights": []string{"view", "edit"}, "jti": rand.Text(), "exp": s.now().Add(time.Minute).Unix(),
	}
	maps.Copy(all, claims)
	text, err := json.Marshal(all)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + encode(text)
	return embed.Request{
		Host: "console", Origin: SiteOrigin, Audience: "https://ours.example", From: "192.0.2.7", ID: "r9",
		Token: paycor.NewSecret(signed + "." + encode(ed25519.Sign(s.key, []byte(signed)))),
	}
}
