package command_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/kms/kmstest"
	"paycorcred/paycor/paycortest"
)

// useVault names the key in a Vault to every command.
func useVault(t *testing.T, vault *kmstest.Vault) {
	t.Helper()
	t.Setenv("PAYCORCRED_KEK", vault.Key("paycorcred"))
	t.Setenv("PAYCORCRED_KEK_TOKEN_FILE", kmstest.TokenFile(t))
}

// A server asks a KMS when it starts, and never for a call. It goes on while the KMS is
// away and says so; a start without the KMS fails, and says what to do.
func TestServerWithAKeyInAKMS(t *testing.T) {
	vault := kmstest.StartVault(t)
	useVault(t, vault)
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment)
	assert.NoFileExists(t, filepath.Join(p.data, "paycorcred.key"))
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	calls := func() {
		t.Helper()
		assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil), `"outcome":"verified"`)
	}
	started := vault.Requests()
	calls()
	assert.Equal(t, started, vault.Requests(), "calls and saves ask no KMS")
	text, _ := run(t, "doctor", "--data", p.data)
	assert.Contains(t, text, "The key "+vault.Key("paycorcred")+" can be used.")

	vault.Fail(http.StatusServiceUnavailable, "Vault is sealed")
	calls()
	p.create(paycor.Lookup(paycortest.SummitDental).Details())
	require.Eventually(t, func() bool {
		return strings.Contains(p.ask(200, "GET", "/api/v1/doctor", nil), "is sealed. Unseal it")
	}, time.Minute, 50*time.Millisecond)
	assert.Contains(t, p.output.String(), "the KMS can't be used: this server goes on")
	text, code := run(t, "token", "list", "--data", p.data)
	assert.NotZero(t, code)
	assert.Contains(t, text, "is sealed. Unseal it, then try again.")
	p.stop()
	text, code = run(t, "serve", "--listen", "localhost:0", "--data", p.data)
	assert.NotZero(t, code)
	assert.Contains(t, text, "is sealed. Unseal it, then try again.")

	vault.Answer(nil)
	token := p.token
	p = serve(t, p.data, "--environment", environment)
	p.token = token
	calls()
	p.stop()
}

// What encrypts a database and what the flags name may differ. The message says which key
// it is.
func TestAnotherKEKThanTheDatabaseNeeds(t *testing.T) {
	vault := kmstest.StartVault(t)
	vault.CreateKey("other")
	files, managed := filepath.Join(t.TempDir(), "files"), filepath.Join(t.TempDir(), "managed")
	serve(t, files).stop()
	token := kmstest.TokenFile(t)
	kek := func(name string) []string { return []string{"--kek", vault.Key(name), "--kek-token-file", token} }
	list := func(data string, flags ...string) string {
		t.Helper()
		text, code := run(t, append([]string{"token", "list", "--data", data}, flags...)...)
		assert.NotZero(t, code, text)
		return text
	}
	assert.Regexp(t, `are encrypted with a key file, not with a key in a KMS. Leave out --kek, or name the file with --key-file. It contains "primaryKeyId":[1-9]\d+\.`, list(files, kek("paycorcred")...))
	require.NoError(t, os.Rename(filepath.Join(files, "paycorcred.key"), filepath.Join(files, "away")))
	assert.Regexp(t, `their key file .* is missing.* It contains "primaryKeyId":[1-9]\d+\.`, list(files))

	t.Run("", func(t *testing.T) {
		useVault(t, vault)
		serve(t, managed).stop()
	})
	needed := "are encrypted with the key " + vault.Key("paycorcred")
	assert.Contains(t, list(managed), needed+" in a KMS, not with a key file.")
	assert.Contains(t, list(managed, "--key-file", filepath.Join(files, "away")), needed+" in a KMS, not with a key file.")
	assert.Contains(t, list(managed, kek("other")...), needed+", and "+vault.Key("other")+" can’t decrypt them.")
	vault.CreateKey("paycorcred")
	assert.Contains(t, list(managed, kek("paycorcred")...), "Perhaps someone created it again under the same name.")
}

func TestKEKFlags(t *testing.T) {
	vault := kmstest.StartVault(t)
	token := kmstest.TokenFile(t)
	for want, flags := range map[string][]string{
		"--kek is missing":                       {"--kek-token-file", token},
		"--kek and --key-file each name the key": {"--kek", vault.Key("paycorcred"), "--kek-token-file", token, "--key-file", "x"},
		"put it in a file and name that with":    {"--kek", vault.Key("paycorcred")},
		"for a Vault on this machine only":       {"--kek", "vault-transit+http://vault.example.com/transit/x", "--kek-token-file", token},
		"the address of a key has the form":      {"--kek", "https://vault.example.com", "--kek-token-file", token},
	} {
		text, code := run(t, append([]string{"config", "check", "--data", t.TempDir()}, flags...)...)
		assert.Equal(t, 2, code, text)
		assert.Contains(t, text, want)
		text, code = run(t, append([]string{"serve", "--listen", "localhost:0", "--data", t.TempDir()}, flags...)...)
		assert.Equal(t, 2, code, text)
		assert.Contains(t, text, want)
	}
	data := filepath.Join(t.TempDir(), "data")
	text, code := run(t, "serve", "--listen", "localhost:0", "--data", data, "--kek", vault.Key("mistyped"), "--kek-token-file", token)
	assert.NotZero(t, code)
	assert.Contains(t, text, "There is no key mistyped in transit of Vault")
}
