package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// WriteCertificate writes a new self-signed certificate for localhost and its key into
// two files of a directory, over those that are there. Tests tell it by its common name.
func WriteCertificate(t testing.TB, directory, name string) (cert, key string) {
	t.Helper()
	return WriteCertificateAt(t, directory, name, time.Now())
}

// WriteCertificateAt is WriteCertificate for a certificate that is valid from an hour before
// to an hour after a time.
func WriteCertificateAt(t testing.TB, directory, name string, at time.Time) (cert, key string) {
	t.Helper()
	generated, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &generated.PublicKey, generated)
	require.NoError(t, err)
	return writePair(t, directory, der, generated)
}

// writePair writes a certificate and its key into two files of a directory.
func writePair(t testing.TB, directory string, der []byte, key crypto.PrivateKey) (certPath, keyPath string) {
	t.Helper()
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPath, keyPath = filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
	require.NoError(t, os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	return certPath, keyPath
}
