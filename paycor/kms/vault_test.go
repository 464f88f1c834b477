package kms_test

import (
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/kms"
	"paycorcred/paycor/kms/kmstest"
	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
)

func open(t *testing.T, address string) seal.KEK {
	t.Helper()
	kek, err := kms.Open(address, kms.Options{TokenFile: kmstest.TokenFile(t), Namespace: "payroll"})
	require.NoError(t, err)
	return kek
}

func TestVaultEncrypts(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	kek := open(t, vault.Key("paycorcred"))
	assert.Equal(t, vault.Key("paycorcred"), kek.Name())
	sealed, err := kek.Encrypt([]byte("keys"), []byte("for values"))
	require.NoError(t, err)
	assert.NotContains(t, string(sealed), "keys")
	text, err := kek.Decrypt(sealed, []byte("for values"))
	require.NoError(t, err)
	assert.Equal(t, "keys", string(text))
	request := vault.LastRequest()
	assert.Equal(t, "payroll", request.Header.Get("X-Vault-Namespace"))
	assert.Equal(t, "true", request.Header.Get("X-Vault-Request"))

	_, err = kek.Decrypt(sealed, []byte("for fingerprints"))
	require.ErrorIs(t, err, seal.ErrRejected)
	vault.CreateKey("other")
	_, err = open(t, vault.Key("other")).Decrypt(sealed, []byte("for values"))
	require.ErrorIs(t, err, seal.ErrRejected)
	before := vault.Requests()
	_, err = kek.Decrypt([]byte("\x01of a key file"), nil)
	require.ErrorIs(t, err, seal.ErrRejected)
	assert.Equal(t, before, vault.Requests(), "it isn't asked for what a key file has encrypted")
}

// A server's keys come back after a restart, and a wrong key is told from a KMS that is away.
func TestKeysUnderVault(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	_, wrapped, err := seal.New(open(t, vault.Key("paycorcred")))
	require.NoError(t, err)
	assert.Equal(t, seal.Wrapping{KMS: vault.Key("paycorcred")}, wrapped.Wrapping())
	_, err = seal.Load(open(t, vault.Key("paycorcred")), wrapped)
	require.NoError(t, err)
	swapped := seal.Wrapped{Values: wrapped.Fingerprints, Fingerprints: wrapped.Values}
	_, err = seal.Load(open(t, vault.Key("paycorcred")), swapped)
	require.ErrorIs(t, err, seal.ErrWrongKey)
	vault.Fail(http.StatusServiceUnavailable, "Vault is sealed")
	_, err = seal.Load(open(t, vault.Key("paycorcred")), wrapped)
	require.ErrorAs(t, err, new(*seal.UnavailableError))
	assert.Equal(t, "kms.vault-sealed", message.Of(err).Key)
	vault.Answer(nil)
	vault.CreateKey("paycorcred")
	_, err = seal.Load(open(t, vault.Key("paycorcred")), wrapped)
	require.ErrorIs(t, err, seal.ErrWrongKey)
}

func TestVaultSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*kmstest.Vault)
		key     string // of the key
		want    string
		tries   int // of the same request; 0 means any number
	}{
		"denied":       {func(v *kmstest.Vault) { v.Fail(403, "permission denied") }, "paycorcred", "kms.vault-denied", 1},
		"sealed":       {func(v *kmstest.Vault) { v.Fail(503, "Vault is sealed") }, "paycorcred", "kms.vault-sealed", 3},
		"no such key":  {func(*kmstest.Vault) {}, "mistyped", "kms.vault-key", 1},
		"another kind": {func(v *kmstest.Vault) { v.CreateKeyOfKind("rsa", "rsa-4096") }, "rsa", "kms.vault-kind", 1},
		"wrong mount":  {func(*kmstest.Vault) {}, "deeper/paycorcred", "kms.vault-mount", 1},
		"a standby":    {func(v *kmstest.Vault) { v.Fail(307, "") }, "paycorcred", "kms.vault-standby", 1},
		"overloaded":   {func(v *kmstest.Vault) { v.Fail(429, "quota") }, "paycorcred", "kms.vault-failed", 3},
		"no Vault": {func(v *kmstest.Vault) {
			v.Answer(func(w http.ResponseWriter) bool { _, _ = w.Write([]byte("<html>")); return true })
		}, "paycorcred", "kms.malformed", 1},
		"no result": {func(v *kmstest.Vault) {
			v.Answer(func(w http.ResponseWriter) bool { _, _ = w.Write([]byte(`{"data":{}}`)); return true })
		}, "paycorcred", "kms.malformed", 1},
		"too much": {func(v *kmstest.Vault) {
			v.Answer(func(w http.ResponseWriter) bool {
				_, _ = w.Write([]byte(`{"data":{"plaintext":"` + strings.Repeat("AAAA", 1<<19) + `"}}`))
				return true
			})
		}, "paycorcred", "kms.malformed", 1},
		"a long error": {func(v *kmstest.Vault) { v.Fail(400, strings.Repeat("\x1b[31m no\n", 10000)) }, "paycorcred", "kms.vault-failed", 1},
		"internal":     {func(v *kmstest.Vault) { v.Fail(500, "internal error") }, "paycorcred", "kms.vault-failed", 3},
		"unreachable":  {func(v *kmstest.Vault) { v.Close() }, "paycorcred", "kms.unreachable", 0},
		"cut off":      {func(v *kmstest.Vault) { v.Answer(func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }) }, "paycorcred", "kms.unreachable", 0},
		"a short limit": {func(v *kmstest.Vault) {
			v.Fail(400, "ciphertext or signature version is disallowed by policy (too old)")
		}, "paycorcred", "kms.vault-version", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vault := kmstest.StartVault(t)
			kek := open(t, vault.Key(test.key))
			test.prepare(vault)
			_, err := kek.Encrypt([]byte("keys"), []byte("for values"))
			require.Error(t, err)
			require.ErrorAs(t, err, new(*seal.UnavailableError))
			said := message.Of(err)
			assert.Equal(t, test.want, said.Key)
			text := said.In(locale.English)
			assert.NotContains(t, text, "%!", "the sentence gets its arguments")
			assert.NotContains(t, text, kmstest.Token)
			assert.NotContains(t, text, "\x1b")
			assert.Less(t, len(text), 1000)
			if test.tries > 0 {
				assert.Equal(t, test.tries, vault.Requests())
			}
			if test.key == "mistyped" {
				assert.False(t, vault.Has("mistyped"), "a mistyped name makes no key")
			}
		})
	}
}

func TestVaultIsAskedAgain(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	failures := 2
	vault.Answer(func(w http.ResponseWriter) bool {
		if failures--; failures < 0 {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	_, err := open(t, vault.Key("paycorcred")).Encrypt([]byte("keys"), nil)
	assert.NoError(t, err)
}

// A token that may encrypt and not decrypt would lose the keys of a database.
func TestVaultThatOnlyEncrypts(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	asked := 0
	vault.Answer(func(w http.ResponseWriter) bool {
		if asked++; asked != 3 { // after the question whether there is a key, and the encryption
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	_, err := open(t, vault.Key("paycorcred")).Encrypt([]byte("keys"), nil)
	assert.Equal(t, "kms.vault-denied", message.Of(err).Key)
}

// A key that changes between an encryption and the decryption that follows would lose the
// keys of a database.
func TestVaultWhoseKeyIsReplaced(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	vault.CreateKey("other")
	other := open(t, vault.Key("other"))
	sealed, err := other.Encrypt([]byte("keys"), nil)
	require.NoError(t, err)
	header := len(sealed) - len(sealed[strings.Index(string(sealed), "vault:v1:"):])
	asked := 0
	vault.Answer(func(w http.ResponseWriter) bool {
		if asked++; asked != 2 { // the encryption
			return false
		}
		_, _ = w.Write([]byte(`{"data":{"ciphertext":"` + string(sealed[header:]) + `"}}`))
		return true
	})
	_, _, err = seal.New(open(t, vault.Key("paycorcred")))
	require.ErrorAs(t, err, new(*seal.UnavailableError))
	assert.Equal(t, "kms.differs", message.Of(err).Key)
}

// A proxy in front of Vault that answers everything is no proof that the key is wrong.
func TestEmptyAnswerIsNoWrongKey(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	kek := open(t, vault.Key("paycorcred"))
	_, wrapped, err := seal.New(kek)
	require.NoError(t, err)
	vault.Answer(func(w http.ResponseWriter) bool { _, _ = w.Write([]byte(`{}`)); return true })
	_, err = seal.Load(kek, wrapped)
	require.NotErrorIs(t, err, seal.ErrWrongKey)
	assert.Equal(t, "kms.malformed", message.Of(err).Key)
}

func TestVaultToken(t *testing.T) {
	t.Parallel()
	vault := kmstest.StartVault(t)
	path := filepath.Join(t.TempDir(), "token")
	kek, err := kms.Open(vault.Key("paycorcred"), kms.Options{TokenFile: path})
	require.NoError(t, err, "Vault Agent may write it later")
	for content, want := range map[string]string{"": "kms.token-form", "two\nlines": "kms.token-form", "hvs.expired": "kms.vault-denied"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err = kek.Encrypt(nil, nil)
		assert.Equal(t, want, message.Of(err).Key, "%q", content)
	}
	require.NoError(t, os.Remove(path))
	_, err = kek.Encrypt(nil, nil)
	assert.Equal(t, "kms.token-unreadable", message.Of(err).Key)
	require.NoError(t, os.WriteFile(path, []byte(kmstest.Token+"\r\n"), 0o600))
	_, err = kek.Encrypt(nil, nil)
	assert.NoError(t, err, "a new token is used without a restart")
}

func TestVaultWithTLS(t *testing.T) {
	t.Parallel()
	vault := kmstest.NewVault()
	vault.Server = httptest.NewTLSServer(vault)
	t.Cleanup(vault.Close)
	address := "vault-transit://" + vault.Listener.Addr().String() + "/transit/paycorcred"
	_, err := open(t, address).Encrypt([]byte("keys"), nil)
	require.ErrorContains(t, err, "unknown authority")
	assert.Equal(t, "kms.unreachable", message.Of(err).Key)

	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: vault.Certificate().Raw}), 0o600))
	rule, mistakes := egress.Options{CAFile: []string{file}}.Rule(func(string) string { return "" })
	require.Empty(t, mistakes)
	kek, err := kms.Open(address, kms.Options{TokenFile: kmstest.TokenFile(t), Egress: rule})
	require.NoError(t, err)
	_, err = kek.Encrypt([]byte("keys"), nil)
	assert.NoError(t, err)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	token := kmstest.TokenFile(t)
	for address, want := range map[string]string{
		"vault-transit://vault.example.com/transit/creds":                       "vault-transit://vault.example.com:8200/transit/creds",
		"vault-transit://vault.example.com:443/infra/transit/creds/":            "vault-transit://vault.example.com:443/infra/transit/creds",
		"vault-transit://[2001:db8::1]/transit/creds":                           "vault-transit://[2001:db8::1]:8200/transit/creds",
		"vault-transit+http://localhost/transit/creds":                          "vault-transit+http://localhost:8200/transit/creds",
		"vault-transit+http://[::1]:1/transit/creds":                            "vault-transit+http://[::1]:1/transit/creds",
		"vault-transit+http://vault.example.com/transit/creds":                  "kms.plain",
		"vault-transit+http://" + net.IPv4(10, 0, 0, 1).String() + "/t/c":       "kms.plain",
		"vault-transit://vault.example.com/creds":                               "kms.address",
		"vault-transit://vault.example.com":                                     "kms.address",
		"vault-transit:///transit/creds":                                        "kms.address",
		"vault-transit://ann:canary@vault.example.com/transit/creds":            "kms.address",
		"vault-transit://vault.example.com/transit/creds?token=canary":          "kms.address",
		"vault-transit://vault.example.com/transit/../creds":                    "kms.address",
		"vault-transit://vault.example.com/transit/./creds":                     "kms.address",
		"vault-transit://vault.example.com/transit//creds":                      "kms.address",
		"vault-transit://vault.example.com/transit/%2e%2e/creds":                "kms.address",
		"vault-transit://vault.example.com/transit/%252e%252e/creds":            "kms.address",
		"vault-transit://vault.example.com/transit/a%2Fb":                       "kms.address",
		"vault-transit://vault.example.com/transit/a%0Ab":                       "kms.address",
		"vault-transit://Vault.Example.com/transit/Creds":                       "vault-transit://vault.example.com:8200/transit/Creds",
		"vault://vault.example.com/transit/creds":                               "kms.address",
		"https://vault.example.com/v1/transit/creds":                            "kms.address",
		"/etc/paycorcred/key":                                                   "kms.address",
		"vault-transit://vault.example.com/" + strings.Repeat("a/", 2000) + "c": "",
	} {
		kek, err := kms.Open(address, kms.Options{TokenFile: token})
		switch {
		case want == "":
			assert.Error(t, err)
		case strings.HasPrefix(want, "kms."):
			assert.Equal(t, want, message.Of(err).Key, address)
			assert.NotContains(t, err.Error(), "canary")
		default:
			if assert.NoError(t, err, address) {
				assert.Equal(t, want, kek.Name())
			}
		}
	}
	_, err := kms.Open("vault-transit://vault.example.com/transit/creds", kms.Options{})
	assert.Equal(t, message.New("kms.token-missing", "--kek-token-file"), message.Of(err))
	_, err = kms.Open("vault-transit://vault.example.com/transit/creds", kms.Options{Flags: "--to"})
	assert.Equal(t, message.New("kms.token-missing", "--to-token-file"), message.Of(err))
}
