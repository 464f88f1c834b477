package hosttoken

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"paycorcred/paycor/message"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are the only ones taken. None of them works with a secret that
// both sides know, so a public key is never mistaken for one.
var algorithms = []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.RS256}

// Bounds of a key set.
const (
	mostKeys    = 20
	leastRSABit = 2048
)

// Keys are the public keys of a host.
type Keys struct{ list []jose.JSONWebKey }

// ParseKeys reads a JWKS. Keys for encryption are passed over; a private or
// unusable key, or no key at all, is an error: whoever pastes a private key
// has to hear of it.
func ParseKeys(text []byte) (Keys, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return Keys{}, message.Errorf("jwks.malformed")
	}
	if len(set.Keys) > mostKeys {
		return Keys{}, message.Errorf("jwks.too-many", mostKeys)
	}
	var keys Keys
	for i, text := range set.Keys {
		var use struct{ Use string }
		if json.Unmarshal(text, &use) == nil && use.Use != "" && use.Use != "sig" {
			continue
		}
		var key jose.JSONWebKey
		if err := json.Unmarshal(text, &key); err != nil || !key.Valid() {
			return Keys{}, message.Errorf("jwks.unreadable", i+1)
		}
		if !key.IsPublic() {
			return Keys{}, message.Errorf("jwks.private", i+1)
		}
		algorithm := algorithmOf(key)
		if algorithm == "" || key.Algorithm != "" && key.Algorithm != string(algorithm) {
			return Keys{}, message.Errorf("jwks.algorithm", i+1, leastRSABit)
		}
		keys.list = append(keys.list, key)
	}
	if len(keys.list) == 0 {
		return Keys{}, message.Errorf("jwks.empty")
	}
	return keys, nil
}

// algorithmOf returns the one algorithm a key is good for, or nothing.
func algorithmOf(key jose.JSONWebKey) jose.SignatureAlgorithm {
	switch public := key.Key.(type) {
	case ed25519.PublicKey:
		return jose.EdDSA
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return jose.ES256
		}
	case *rsa.PublicKey:
		if public.N.BitLen() >= leastRSABit {
			return jose.RS256
		}
	}
	return ""
}

// find returns the keys a token can have been signed with: those of its kid
// or, where it names none, all of its algorithm.
func (k Keys) find(id, algorithm string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, key := range k.list {
		if (id == "" || key.KeyID == id) && string(algorithmOf(key)) == algorithm {
			found = append(found, key)
		}
	}
	return found
}
