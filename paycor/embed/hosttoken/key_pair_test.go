package hosttoken_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
)

// A key pair signs tokens that are valid for the site with the public half.
func TestKeyPairSigns(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		pair, err := hosttoken.NewKeyPair(algorithm)
		require.NoError(t, err)
		keys, err := hosttoken.JWKS(pair.Public)
		require.NoError(t, err)
		host := embed.Host{ID: "console", Workspace: "default", Origins: []string{"https://console.example"}, Rights: paycor.Rights{paycor.RightView}, Keys: []byte(keys)}
		token, err := hosttoken.Sign(pair.Private, hosttoken.Sample{
			Host: "console", Workspace: "default", Audience: "https://ours.example", Origin: "https://console.example", Subject: "ann",
			Rights: paycor.Rights{paycor.RightView}, IssuedAt: now,
		})
		require.NoError(t, err)
		request := embed.Request{Host: "console", Token: token, Origin: "https://console.example", Audience: "https://ours.example"}
		grant, err := hosttoken.New(hosttoken.Config{Clock: func() time.Time { return now }}).Verify(t.Context(), host, own(host), request)
		require.NoError(t, err, algorithm)
		assert.Equal(t, "ann", grant.Person.Subject)

		other, err := hosttoken.NewKeyPair(algorithm)
		require.NoError(t, err)
		keys, err = hosttoken.JWKS(other.Public)
		require.NoError(t, err)
		host.Keys = []byte(keys)
		_, err = hosttoken.New(hosttoken.Config{Clock: func() time.Time { return now }}).Verify(t.Context(), host, own(host), request)
		assert.Equal(t, embed.KindTokenSignature, paycor.KindOf(err), algorithm)
		host.Keys = nil
		_, err = hosttoken.New(hosttoken.Config{Clock: func() time.Time { return now }}).Verify(t.Context(), host, own(host), request)
		assert.Equal(t, embed.KindTokenKey, paycor.KindOf(err), "a site without keys")
	}
	_, err := hosttoken.NewKeyPair("HS256")
	assert.Error(t, err)
	pair, err := hosttoken.NewKeyPair("ES256")
	require.NoError(t, err)
	_, err = hosttoken.Sign(paycor.NewSecret(pair.Public), hosttoken.Sample{})
	assert.Error(t, err, "the public half")
}

func TestPastedKeys(t *testing.T) {
	t.Parallel()
	one, err := hosttoken.NewKeyPair("ES256")
	require.NoError(t, err)
	two, err := hosttoken.NewKeyPair("EdDSA")
	require.NoError(t, err)
	const jwk = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	for name, text := range map[string]string{"one": one.Public, "two": one.Public + "\n" + two.Public, "JWK": jwk, "JWKS": `{"keys":[` + jwk + `]}`} {
		keys, err := hosttoken.JWKS(text)
		require.NoError(t, err, name)
		_, err = hosttoken.ParseKeys([]byte(keys))
		assert.NoError(t, err, name)
	}
	for name, test := range map[string]struct{ text, says string }{
		"private":         {one.Private.Reveal(), "jwks.private"},
		"private, second": {two.Public + one.Private.Reveal(), "jwks.private"},
		"cut off":         {strings.TrimSuffix(one.Public, "-----END PUBLIC KEY-----\n"), "jwks.unreadable"},
		"more behind":     {one.Public + "x", "jwks.unreadable"},
		"a certificate":   {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "jwks.unreadable"},
		"too many":        {strings.Repeat(one.Public, 21), "jwks.too-many"},
	} {
		_, err := hosttoken.JWKS(test.text)
		assert.ErrorContains(t, err, test.says, name)
	}
}
