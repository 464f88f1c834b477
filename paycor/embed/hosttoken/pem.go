package hosttoken

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"paycorcred/paycor/message"
)

// JWKS returns pasted public keys as a JWKS: public keys in PEM become one,
// and a single JWK gets a set around it. Any other text stays as it is; ParseKeys says
// what is wrong with it. Keys from PEM have no ID, so tokens may name any.
func JWKS(text string) (string, error) {
	if strings.HasPrefix(text, "-----BEGIN ") {
		return fromPEM([]byte(text))
	}
	var single struct {
		Type string `json:"kty"`
	}
	if json.Unmarshal([]byte(text), &single) == nil && single.Type != "" {
		return `{"keys":[` + text + `]}`, nil
	}
	return text, nil
}

func fromPEM(text []byte) (string, error) {
	var set jose.JSONWebKeySet
	for len(bytes.TrimSpace(text)) > 0 {
		number := len(set.Keys) + 1
		block, rest := pem.Decode(text)
		switch {
		case block == nil:
			return "", message.Errorf("jwks.unreadable", number)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return "", message.Errorf("jwks.private", number)
		case number > maxKeys:
			return "", message.Errorf("jwks.too-many", maxKeys)
		}
		key, err := publicKey(block)
		if err != nil {
			return "", message.Errorf("jwks.unreadable", number)
		}
		set.Keys, text = append(set.Keys, jose.JSONWebKey{Key: key}), rest
	}
	for i, key := range set.Keys {
		if algorithmOf(key) == "" {
			return "", message.Errorf("jwks.algorithm", i+1, minRSABits)
		}
	}
	encoded, err := json.Marshal(set)
	return string(encoded), err
}

// publicKey parses a block "PUBLIC KEY", or "RSA PUBLIC KEY" of older tools.
func publicKey(block *pem.Block) (any, error) {
	if block.Type == "RSA PUBLIC KEY" {
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}
