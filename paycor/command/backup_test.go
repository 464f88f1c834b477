package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/paycortest"
)

// A backup taken while the server runs can be served from another directory
// with a copy of the key, credentials and working secrets included.
func TestBackupCanBeServed(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL
	data, copied := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "copy")
	p := serve(t, data, "--environment", environment)
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	out, code := run(t, "backup", "--data", data, "--to", copied)
	require.Zero(t, code, out)
	assert.Contains(t, out, "Its audit trail is intact")
	token := p.token
	p.ask(204, "DELETE", "/api/v1/credentials/"+id, nil)
	p.stop()

	restored := t.TempDir()
	key, err := os.ReadFile(filepath.Join(data, "paycorcred.key"))
	require.NoError(t, err)
	require.NoError(t, os.Rename(copied, filepath.Join(restored, "paycorcred.db")))
	require.NoError(t, os.WriteFile(filepath.Join(restored, "paycorcred.key"), key, 0o600))
	out, code = run(t, "audit", "verify", "--data", restored)
	assert.Zero(t, code, out)
	p = serve(t, restored, "--environment", environment)
	p.token = token
	assert.Contains(t, p.ask(200, "GET", "/api/v1/credentials/"+id, nil), paycortest.SunriseBakery)
	assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil), `"outcome":"verified"`)
	p.stop()
}

// Every command rejects a copy of a running server's database without its
// write-ahead log, instead of mistaking it for a new database.
func TestCopyWithoutLogIsRejected(t *testing.T) {
	data, copied := filepath.Join(t.TempDir(), "data"), t.TempDir()
	p := serve(t, data)
	defer p.stop()
	for _, file := range []string{"paycorcred.db", "paycorcred.key"} {
		content, err := os.ReadFile(filepath.Join(data, file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(copied, file), content, 0o600))
	}
	for _, arguments := range [][]string{
		{"serve", "--listen", "localhost:0"}, {"sign-in"}, {"token", "list"}, {"token", "create", "--name", "n"}, {"host", "list"},
		{"session", "list"}, {"audit", "verify"}, {"audit", "export"}, {"backup", "--to", filepath.Join(copied, "again")},
	} {
		out, code := run(t, append(arguments, "--data", copied)...)
		assert.NotZero(t, code, "%q: %s", arguments, out)
		assert.Contains(t, out, locale.English.Text("store.empty", filepath.Join(copied, "paycorcred.db"), "paycorcred.db-wal"), "%q", arguments)
		assert.NotContains(t, out, "brought up to date", "%q", arguments)
	}
}

func TestBackupReportsProblems(t *testing.T) {
	data := t.TempDir()
	out, code := run(t, "token", "create", "--data", data, "--name", "n")
	require.Zero(t, code, out)
	taken := filepath.Join(t.TempDir(), "taken")
	require.NoError(t, os.WriteFile(taken, []byte("somebody's"), 0o600))
	for name, test := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"nowhere to":       {[]string{"--data", data}, 2, "--to is missing"},
		"no data":          {[]string{"--data", t.TempDir(), "--to", taken + "2"}, 2, "isn’t a server’s data directory"},
		"nothing at all":   {[]string{"--data", taken}, 2, "is a file"},
		"the file is kept": {[]string{"--data", data, "--to", taken}, 2, "a backup never overwrites"},
		"no directory":     {[]string{"--data", data, "--to", filepath.Join(data, "none", "copy")}, 2, "the directory " + filepath.Join(data, "none") + " doesn’t exist"},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := run(t, append([]string{"backup"}, test.arguments...)...)
			assert.Equal(t, test.code, code, out)
			assert.Contains(t, out, test.says)
			text, err := os.ReadFile(taken)
			require.NoError(t, err)
			assert.Equal(t, "somebody's", string(text))
		})
	}
}

// A restore drill: the server backs up by itself while it is used, its machine is lost, and
// a new one starts from the newest backup and the key. Credentials work there.
func TestRestoreDrill(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	environment, to := "test="+paycor.URL, t.TempDir()
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment)
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	token := p.token
	p.stop()
	p = serve(t, p.data, "--environment", environment, "--backup-every", "1h", "--backup-to", to)
	var made []string
	for len(made) == 0 {
		p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
		p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil)
		var err error
		made, err = filepath.Glob(filepath.Join(to, "paycorcred-*Z.db"))
		require.NoError(t, err)
	}
	p.stop()
	assert.Contains(t, p.output.String(), "backup made and verified")

	restored := t.TempDir()
	for from, name := range map[string]string{made[0]: "paycorcred.db", filepath.Join(p.data, "paycorcred.key"): "paycorcred.key"} {
		content, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(restored, name), content, 0o600))
	}
	require.NoError(t, os.RemoveAll(p.data))
	p = serve(t, restored, "--environment", environment)
	p.token = token
	assert.Contains(t, p.ask(200, "GET", "/api/v1/credentials/"+id, nil), paycortest.SunriseBakery)
	assert.Contains(t, p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil), "501123")
	p.stop()
}

func TestScheduledBackupsReportProblems(t *testing.T) {
	data, to := t.TempDir(), t.TempDir()
	for says, flags := range map[string][]string{
		"--backup-to is given without --backup-every": {"--backup-to", to},
		"name the directory for the backups":          {"--backup-every", "6h"},
		"is the data directory":                       {"--backup-every", "6h", "--backup-to", data},
		"shorter than a minute":                       {"--backup-every", "1s", "--backup-to", to},
		"keeps nothing":                               {"--backup-keep", "0"},
	} {
		out, code := run(t, append([]string{"serve", "--data", data}, flags...)...)
		assert.Equal(t, 2, code, "%q: %s", flags, out)
		assert.Contains(t, out, says)
	}
}
