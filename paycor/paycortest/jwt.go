package paycortest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The person in an access token. Paycor's tokens name one; tests search logs, pages
// and files for these values.
const (
	PersonName  = "Imogen Nobody-Fictive"
	PersonEmail = "imogen.nobody@person.invalid"
	PersonIP    = "192.0.2.77"
)

func newSigner() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil { // crypto/rand does not fail
		panic(fmt.Sprintf("paycortest: making a signing key: %v", err))
	}
	return key
}

// claims are those seen in Paycor's access tokens.
func (c *call) claims(given *grant) map[string]any {
	now := c.sim.now()
	type client struct {
		ClientID  int `json:"ClientId"`
		CompanyID int `json:"CompanyId"`
	}
	clients := []client{}
	for _, entity := range c.details.Entities {
		narrowed := given.entities != nil && !slices.Contains(given.entities, entity.ID)
		if !narrowed && !entity.NotActivated {
			clients = append(clients, client{entity.ID, entity.TenantID})
		}
	}
	scopes := []string{given.scope.ID}
	if given.offline {
		scopes = append(scopes, "offline_access")
	}
	return map[string]any{
		"iss":            "https://simulator.invalid/sts",
		"jti":            randomHex(16),
		"iat":            now.Unix(),
		"nbf":            now.Add(-time.Hour).Unix(),
		"exp":            now.Add(c.sim.config.TokenLifetime).Unix(),
		"scope":          scopes,
		"client_id":      c.details.ClientID,
		"paycor_clients": map[string]any{"C": clients},
		"name":           PersonName,
		"email":          PersonEmail,
		"ip":             PersonIP,
	}
}

// sign makes an RS256 JWT.
func (s *Simulator) sign(claims map[string]any) string {
	encode := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil { // only values of this package come here
			panic(fmt.Sprintf("paycortest: encoding claims: %v", err))
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	content := encode(map[string]string{"alg": "RS256", "kid": "simulator", "typ": "JWT"}) + "." + encode(claims)
	sum := sha256.Sum256([]byte(content))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.signer(), crypto.SHA256, sum[:])
	if err != nil { // a good key and a right-sized sum
		panic(fmt.Sprintf("paycortest: signing a token: %v", err))
	}
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// PublicKey returns the key to verify access tokens with.
func (s *Simulator) PublicKey() *rsa.PublicKey { return &s.signer().PublicKey }

func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// newID returns a correlation ID in the form of a GUID.
func newID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// challengeOf returns the S256 code challenge of PKCE.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
