package web_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
	"paycorcred/paycor/testkit"
	"paycorcred/web"
)

// Each kind of wrong file has a sentence that says what to do.
func TestKeyPairsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	directory, other := t.TempDir(), t.TempDir()
	cert, key := testkit.WriteCertificate(t, directory, "ours")
	issuer, _ := testkit.WriteCertificate(t, other, "issuer")
	content := func(path string) []byte {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return text
	}
	write := func(name string, parts ...[]byte) string {
		path := filepath.Join(directory, name)
		var all []byte
		for _, part := range parts {
			all = append(all, part...)
		}
		require.NoError(t, os.WriteFile(path, all, 0o600))
		return path
	}
	der, _ := pem.Decode(content(cert))
	binary := write("cert.der", der.Bytes)
	turned := write("turned.pem", content(issuer), content(cert))
	encrypted := write("encrypted.pem", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	older := write("older.pem", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: []byte("x")}))
	for name, test := range map[string]struct{ cert, key, says string }{
		"binary certificate":       {binary, key, locale.English.Text("cli.tls-not-pem", binary)},
		"binary key":               {cert, binary, locale.English.Text("cli.tls-not-pem", binary)},
		"encrypted key":            {cert, encrypted, locale.English.Text("cli.tls-encrypted", encrypted)},
		"encrypted key, older":     {cert, older, locale.English.Text("cli.tls-encrypted", older)},
		"issuer first":             {turned, key, locale.English.Text("cli.tls-order", turned)},
		"certificate of other key": {issuer, key, "private key does not match public key"},
		"swapped":                  {key, cert, "may have been switched"},
	} {
		_, err := web.OpenCertificates(test.cert, test.key)
		require.Error(t, err, name)
		assert.Contains(t, message.Of(err).In(locale.English), test.says, name)
	}
	both := write("both.pem", content(key), content(cert), content(issuer))
	_, err := web.OpenCertificates(both, both)
	assert.NoError(t, err, "both may be in one file")
}
