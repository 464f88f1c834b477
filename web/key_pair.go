package web

import (
	"crypto/tls"
	"encoding/pem"

	"paycorcred/paycor/message"
)

// parseKeyPair returns the TLS certificate and the key in two files. The error says what is
// wrong with the files as certificate authorities and administrators hand them out.
func parseKeyPair(certificatePath, keyPath string, certificate, key []byte) (tls.Certificate, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err == nil {
		return pair, nil
	}
	if block, _ := pem.Decode(certificate); block == nil {
		return pair, message.Errorf("cli.tls-not-pem", certificatePath)
	}
	if block, _ := pem.Decode(key); block == nil {
		return pair, message.Errorf("cli.tls-not-pem", keyPath)
	}
	if isEncrypted(key) {
		return pair, message.Errorf("cli.tls-encrypted", keyPath)
	}
	for block, rest := pem.Decode(certificate); block != nil; block, rest = pem.Decode(rest) {
		if _, err := tls.X509KeyPair(pem.EncodeToMemory(block), key); err == nil {
			return pair, message.Errorf("cli.tls-order", certificatePath)
		}
	}
	return pair, message.Errorf("cli.tls-mismatch", certificatePath, keyPath, err)
}

// isEncrypted reports whether a password protects a key.
func isEncrypted(key []byte) bool {
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return true
		}
	}
	return false
}
