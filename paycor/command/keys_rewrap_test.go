package command_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/kms/kmstest"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// The key moves from a file to a KMS and back while a server runs. It goes on with the keys
// that it has, and asks no KMS.
func TestRewrapUnderARunningServer(t *testing.T) {
	vault := kmstest.StartVault(t)
	token := kmstest.TokenFile(t)
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment)
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	verifies := func() {
		t.Helper()
		assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil), `"outcome":"verified"`)
	}
	keys := func(arguments ...string) string {
		t.Helper()
		out, code := run(t, append(append([]string{"keys"}, arguments...), "--data", p.data)...)
		require.Zero(t, code, out)
		return out
	}
	first := strings.Fields(keys("list"))[8]
	require.Regexp(t, `^key-file:[1-9]\d+$`, first)

	address := vault.Key("paycorcred")
	said := keys("rewrap", "--to", address, "--to-token-file", token)
	assert.Contains(t, said, "Start servers and commands with --kek "+address+" from now on")
	assert.Contains(t, said, "still need "+first)
	asked := vault.Requests()
	verifies()
	p.create(paycor.Lookup(paycortest.SummitDental).Details())
	assert.Equal(t, asked, vault.Requests(), "the server asks no KMS")
	assert.Contains(t, p.ask(200, "GET", "/api/v1/audit?action=key.rewrap", nil), `"detail":"`+first+" "+address+`"`)
	text, code := run(t, "keys", "list", "--data", p.data)
	assert.NotZero(t, code)
	assert.Contains(t, text, "Use --kek "+address+" instead.")

	kek := []string{"--kek", address, "--kek-token-file", token}
	assert.Equal(t, address, strings.Fields(keys(append([]string{"list"}, kek...)...))[8])
	backup := filepath.Join(t.TempDir(), "backup.db")
	text, code = run(t, append([]string{"backup", "--data", p.data, "--to", backup}, kek...)...)
	require.Zero(t, code, text)
	assert.Contains(t, text, "To restore it, you need the key "+address+".")
	held := p.token
	p.stop()
	p = serveWithKEK(t, p.data, kek, "--environment", environment)
	p.token = held
	verifies()
	assert.Contains(t, keys(append([]string{"rewrap", "--to", address}, kek...)...), "has encrypted their keys again")
	file := filepath.Join(p.data, "new.key")
	assert.Contains(t, keys(append([]string{"rewrap", "--to", file}, kek...)...), "Start servers and commands with --key-file "+file)
	verifies()
	p.stop()
	vault.Close()
	assert.NotEqual(t, first, strings.Fields(keys("list", "--key-file", file))[8], "a key of its own")
}

// serveWithKEK starts a server whose key is in a KMS. All commands name it.
func serveWithKEK(t *testing.T, data string, kek []string, flags ...string) *program {
	t.Helper()
	t.Setenv("PAYCORCRED_KEK", kek[1])
	t.Setenv("PAYCORCRED_KEK_TOKEN_FILE", kek[3])
	p := serve(t, data, flags...)
	require.NoError(t, os.Unsetenv("PAYCORCRED_KEK"))
	require.NoError(t, os.Unsetenv("PAYCORCRED_KEK_TOKEN_FILE"))
	return p
}

func TestRewrapThatCannotBegin(t *testing.T) {
	vault, other := kmstest.StartVault(t), kmstest.StartVault(t)
	token := kmstest.TokenFile(t)
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data).stop()
	file := filepath.Join(t.TempDir(), "new.key")
	for want, arguments := range map[string][]string{
		"--to is missing": {},
		"--to: Vault needs a token; put it in a file and name that with --to-token-file": {"--to", vault.Key("paycorcred")},
		"--to: the address of a key has the form":                                        {"--to", "https://vault.example.com", "--to-token-file", token},
		"put it in a file and name that with --to-token-file":                            {"--to", other.Key("paycorcred"), "--kek", vault.Key("paycorcred"), "--kek-token-file", token},
		"There is no key mistyped":                                                       {"--to", vault.Key("mistyped"), "--to-token-file", token},
		"isn’t a key file":                                                               {"--to", data},
		"with a key file, not with a key in a KMS":                                       {"--to", file, "--kek", vault.Key("paycorcred"), "--kek-token-file", token},
	} {
		text, code := run(t, append([]string{"keys", "rewrap", "--data", data}, arguments...)...)
		assert.NotZero(t, code, want)
		assert.Contains(t, text, want)
	}
	assert.Zero(t, other.Requests(), "the token of one Vault is not for another")
	assert.NoFileExists(t, file, "no key is created for a database that could not be opened")
	text, code := run(t, "keys", "list", "--data", data)
	assert.Zero(t, code, text)
}

// Whenever the command is killed, the database needs the old key or the new one, and says
// which. The command finishes when it is run again.
func TestRewrapIsKilledAtEveryStep(t *testing.T) {
	vault := kmstest.StartVault(t)
	data, token := filepath.Join(t.TempDir(), "data"), kmstest.TokenFile(t)
	serve(t, data).stop()
	kek := []string{"--kek", vault.Key("paycorcred"), "--kek-token-file", token}
	file := func(name string) []string { return []string{"--key-file", filepath.Join(data, name)} }

	// opens reports which of two keys the database needs.
	opens := func(one, other []string) (first bool) {
		t.Helper()
		text, code := run(t, append([]string{"token", "list", "--data", data}, one...)...)
		otherText, otherCode := run(t, append([]string{"token", "list", "--data", data}, other...)...)
		require.NotEqual(t, code == 0, otherCode == 0, "exactly one key opens it: %s%s", text, otherText)
		if code != 0 {
			text, otherText = otherText, text
		}
		assert.Regexp(t, `(are encrypted with|doesn’t belong to|is missing)`, otherText)
		return code == 0
	}
	start := func(arguments ...string) *exec.Cmd {
		t.Helper()
		command := process(t, append([]string{"keys", "rewrap", "--data", data}, arguments...)...)
		return command
	}

	// From the file to the KMS, killed while it waits for each answer of the KMS.
	from, finished := file("paycorcred.key"), false
	for step := 1; !finished; step++ {
		require.Less(t, step, 30)
		command := start(append([]string{"--to", kek[1], "--to-token-file", token}, from...)...)
		asked, reached, killed := 0, make(chan struct{}), make(chan struct{})
		vault.Answer(func(http.ResponseWriter) bool {
			if asked++; asked == step {
				close(reached)
				<-killed
				panic(http.ErrAbortHandler)
			}
			return false
		})
		require.NoError(t, command.Start())
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		select {
		case err := <-ended:
			finished = err == nil
		case <-reached:
			_ = command.Process.Kill()
			<-ended
		}
		close(killed)
		vault.Answer(nil)
		assert.Equal(t, !finished, opens(from, kek), "after %d requests", step)
	}

	// From the KMS to a file, killed at some moment after the file is there.
	for attempt := range 6 {
		to := file("new" + strings.Repeat("w", attempt) + ".key")
		require.NoError(t, os.WriteFile(to[1]+".new-1", nil, 0o600)) // as if killed while it wrote the key
		command := start(append([]string{"--to", to[1]}, kek...)...)
		require.NoError(t, command.Start())
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			if _, err := os.Stat(to[1]); err == nil {
				break
			}
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(time.Duration(attempt) * 2 * time.Millisecond)
		_ = command.Process.Kill()
		<-ended
		if opens(kek, to) {
			text, code := run(t, append([]string{"keys", "rewrap", "--data", data, "--to", to[1]}, kek...)...)
			require.Zero(t, code, text)
			assert.Contains(t, text, "protects the secrets now")
		} else { // the same command finds that it was finished
			text, code := run(t, append([]string{"keys", "rewrap", "--data", data, "--to", to[1]}, kek...)...)
			require.Zero(t, code, text)
			assert.Contains(t, text, "has encrypted their keys again")
		}
		require.True(t, opens(to, kek))
		assert.NoFileExists(t, to[1]+".new-1", "it may contain the key")
		text, code := run(t, append([]string{"keys", "rewrap", "--data", data, "--to", kek[1], "--to-token-file", token}, to...)...)
		require.Zero(t, code, text)
	}
}

// On PostgreSQL, too: killed while it waits for the KMS, while it waits for the database, and
// as soon as the keys are stored.
func TestRewrapOnPostgresIsKilled(t *testing.T) {
	vault := kmstest.StartVault(t)
	database := testkit.Postgres(t)
	t.Setenv("PAYCORCRED_DATABASE", database)
	data, kek := filepath.Join(t.TempDir(), "data"), []string{"--kek", vault.Key("paycorcred"), "--kek-token-file", kmstest.TokenFile(t)}
	text, code := run(t, "migrate", "--data", data)
	require.Zero(t, code, text)
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer conn.Close(t.Context())

	opens := func(flags ...string) bool {
		t.Helper()
		text, code := run(t, append([]string{"token", "list", "--data", data}, flags...)...)
		if code != 0 {
			assert.Contains(t, text, "are encrypted with")
		}
		return code == 0
	}
	rewrap := []string{"keys", "rewrap", "--data", data, "--to", kek[1], "--to-token-file", kek[3]}
	start := func() (kill func()) {
		t.Helper()
		command := process(t, rewrap...)
		require.NoError(t, command.Start())
		return func() { _ = command.Process.Kill(); _ = command.Wait() }
	}
	becomes := func(query string, arguments ...any) {
		t.Helper()
		require.Eventually(t, func() (is bool) {
			return assert.NoError(t, conn.QueryRow(t.Context(), query, arguments...).Scan(&is)) && is
		}, time.Minute, time.Millisecond)
	}

	asked, reached, killed := 0, make(chan struct{}), make(chan struct{})
	vault.Answer(func(http.ResponseWriter) bool {
		if asked++; asked == 6 { // after it was tried
			close(reached)
			<-killed
			panic(http.ErrAbortHandler)
		}
		return false
	})
	kill := start()
	<-reached
	kill()
	close(killed)
	vault.Answer(nil)
	assert.True(t, opens())
	assert.False(t, opens(kek...))

	var before []byte
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT sealing FROM keysets`).Scan(&before))
	other, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer other.Close(t.Context())
	_, err = other.Exec(t.Context(), `BEGIN; UPDATE store_state SET change = change`)
	require.NoError(t, err)
	kill = start()
	becomes(`SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	kill()
	_, err = other.Exec(t.Context(), `ROLLBACK`)
	require.NoError(t, err)
	assert.True(t, opens())
	assert.False(t, opens(kek...))

	kill = start()
	becomes(`SELECT sealing <> $1 FROM keysets`, before)
	kill()
	assert.False(t, opens())
	assert.True(t, opens(kek...))
	text, code = run(t, rewrap...)
	require.Zero(t, code, text)
	assert.Contains(t, text, "has encrypted their keys again")
}
