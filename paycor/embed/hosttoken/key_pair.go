package hosttoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"paycorcred/paycor"
)

// KeyPair is a key pair of a site, both halves in PEM.
type KeyPair struct {
	Private paycor.Secret
	Public  string
}

// NewKeyPair generates a key pair for EdDSA, ES256 or RS256.
func NewKeyPair(algorithm string) (KeyPair, error) {
	var private crypto.Signer
	var err error
	switch jose.SignatureAlgorithm(algorithm) {
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.RS256:
		private, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		err = fmt.Errorf("%q is none of the algorithms", algorithm)
	}
	if err != nil {
		return KeyPair{}, err
	}
	privateKey, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return KeyPair{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{
		Private: paycor.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateKey}))),
		Public:  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
	}, nil
}

// Sample is what a token of Sign says.
type Sample struct {
	Host, Workspace string // id of the site, and its workspace
	Tenant          string // of the site; then the token names no workspace
	Audience        string // our own origin
	Origin          string // of the page around the frame
	Subject         string
	Rights          paycor.Rights
	IssuedAt        time.Time
}

// errNoPrivateKey means that a text is no private key that tokens can be signed with.
var errNoPrivateKey = errors.New("not a private key in PEM for EdDSA, ES256 or RS256")

// Sign signs a token as a site's server does, with a private key in PEM, to try a site. It
// lasts as long as a token may.
func Sign(private paycor.Secret, sample Sample) (paycor.Secret, error) {
	block, _ := pem.Decode([]byte(private.Reveal()))
	if block == nil {
		return paycor.Secret{}, errNoPrivateKey
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return paycor.Secret{}, errNoPrivateKey
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return paycor.Secret{}, errNoPrivateKey
	}
	algorithm := algorithmOf(jose.JSONWebKey{Key: signer.Public()})
	if algorithm == "" {
		return paycor.Secret{}, errNoPrivateKey
	}
	signing, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return paycor.Secret{}, err
	}
	rights := make([]string, len(sample.Rights))
	for i, right := range sample.Rights {
		rights[i] = string(right)
	}
	if sample.Tenant != "" {
		sample.Workspace = ""
	}
	text, err := jwt.Signed(signing).Claims(claims{
		Claims: jwt.Claims{
			Issuer: sample.Host, Audience: jwt.Audience{sample.Audience}, Subject: sample.Subject, ID: rand.Text(),
			Expiry: jwt.NewNumericDate(sample.IssuedAt.Add(Lifetime)),
		},
		Workspace: sample.Workspace, Tenant: sample.Tenant, Origin: sample.Origin, Rights: rights,
	}).Serialize()
	return paycor.NewSecret(text), err
}
