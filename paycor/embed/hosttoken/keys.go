package hosttoken

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"

	"paycorcred/paycor/message"
)

// algorithms are the accepted signature algorithms. All are asymmetric, so a public
// key cannot be mistaken for a shared secret.
var algorithms = []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.RS256}

// Bounds of a key set.
const (
	maxKeys    = 20
	minRSABits = 2048
)

// KeySet holds the public keys of a site.
type KeySet struct{ list []jose.JSONWebKey }

// ParseKeys parses a JWKS. It skips encryption keys. A private or unusable key is
// an error, so that somebody who pastes a private key learns about it, and so is an
// empty set.
func ParseKeys(text []byte) (KeySet, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return KeySet{}, message.Errorf("jwks.malformed")
	}
	if len(set.Keys) > maxKeys {
		return KeySet{}, message.Errorf("jwks.too-many", maxKeys)
	}
	var keys KeySet
	for i, text := range set.Keys {
		var use struct{ Use string }
		if json.Unmarshal(text, &use) == nil && use.Use != "" && use.Use != "sig" {
			continue
		}
		var key jose.JSONWebKey
		if err := json.Unmarshal(text, &key); err != nil || !key.Valid() {
			return KeySet{}, message.Errorf("jwks.unreadable", i+1)
		}
		if !key.IsPublic() {
			return KeySet{}, message.Errorf("jwks.private", i+1)
		}
		algorithm := algorithmOf(key)
		if algorithm == "" || key.Algorithm != "" && key.Algorithm != string(algorithm) {
			return KeySet{}, message.Errorf("jwks.algorithm", i+1, minRSABits)
		}
		keys.list = append(keys.list, key)
	}
	if len(keys.list) == 0 {
		return KeySet{}, message.Errorf("jwks.empty")
	}
	return keys, nil
}

// algorithmOf returns the algorithm of a key, or "" for an unsupported key.
func algorithmOf(key jose.JSONWebKey) jose.SignatureAlgorithm {
	switch public := key.Key.(type) {
	case ed25519.PublicKey:
		return jose.EdDSA
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return jose.ES256
		}
	case *rsa.PublicKey:
		if public.N.BitLen() >= minRSABits {
			return jose.RS256
		}
	}
	return ""
}

// find returns the keys that may have signed a token: those of its algorithm with its
// kid, those without one and, if it has none, all.
func (k KeySet) find(id, algorithm string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, key := range k.list {
		if (id == "" || key.KeyID == "" || key.KeyID == id) && string(algorithmOf(key)) == algorithm {
			found = append(found, key)
		}
	}
	return found
}
