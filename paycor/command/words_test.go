package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/command"
)

func TestCommandsExplainProblems(t *testing.T) {
	data, empty := t.TempDir(), filepath.Join(t.TempDir(), "empty.jwks")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	made, code := run(t, "token", "create", "--data", data, "--name", "n", "--lifetime", "30d")
	require.Zero(t, code, made)
	for name, test := range map[string]struct {
		arguments []string
		says      []string
	}{
		"only serve starts":   {[]string{"serve", "--listen", "localhost"}, []string{"paycorcred can’t start. Fix this first:"}},
		"others do nothing":   {[]string{"token", "create", "--name", ""}, []string{"paycorcred token create: nothing was done. Fix this first:"}},
		"without arguments":   {[]string{"token", "revoke", "gone"}, []string{"paycorcred token revoke: nothing was done."}},
		"negative lifetime":   {[]string{"token", "create", "--name", "n", "--lifetime", "-5h"}, []string{"--lifetime is negative", "such as 720h or 30d"}},
		"negative days":       {[]string{"token", "create", "--name", "n", "--lifetime", "-5d"}, []string{"--lifetime is negative"}},
		"no lifetime":         {[]string{"token", "create", "--name", "n", "--lifetime", "soon"}, []string{"--lifetime", "such as 720h or 30d"}},
		"no such credential":  {[]string{"token", "create", "--name", "n", "--credential", "bogus"}, []string{`--credential "bogus"`, "a credential’s page shows its ID"}},
		"no such action":      {[]string{"audit", "export", "--action", "bogus"}, []string{"--action: ", "credential.update"}},
		"flags of a host":     {[]string{"host", "add", "--name", "n"}, []string{"--origin: "}},
		"empty file of keys":  {[]string{"host", "add", "--name", "n", "--key", empty}, []string{"--key", "is empty"}},
		"empty file, changed": {[]string{"host", "set", "some", "--jwks", empty}, []string{"paycorcred host set: ", "is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := run(t, append(test.arguments, "--data", data)...)
			assert.Equal(t, 2, code, out)
			for _, words := range test.says {
				assert.Contains(t, out, words)
			}
			assert.NotContains(t, out, "Paste")
		})
	}
}

func TestCommandsReportTheirResult(t *testing.T) {
	data, exported := t.TempDir(), filepath.Join(t.TempDir(), "exported")
	made, code := run(t, "token", "create", "--data", data, "--name", "n")
	require.Zero(t, code, made)
	out, code := run(t, "audit", "verify", "--data", data)
	assert.Zero(t, code, out)
	assert.Contains(t, out, "intact: 1 entry in "+data)
	out, _ = run(t, "host", "list", "--data", data)
	assert.Contains(t, out, "No embedding site is registered")
	out, _ = run(t, "session", "list", "--data", data)
	assert.Contains(t, out, locale.English.Text("cli.table.last-used"))

	for range 2 {
		_, code = run(t, "token", "create", "--data", data, "--name", "n")
		require.Zero(t, code)
	}
	text, code := run(t, "audit", "export", "--data", data)
	require.Zero(t, code, text)
	lines := slices.Collect(strings.Lines(text))
	require.Len(t, lines, 3)
	require.NoError(t, os.WriteFile(exported, []byte(lines[0]+lines[2]), 0o600))
	out, code = run(t, "audit", "verify", "--file", exported)
	assert.Equal(t, 3, code, out)
	assert.Contains(t, out, "entry 2 is missing")
	assert.Contains(t, out, "--gaps")
	out, code = run(t, "audit", "verify", "--file", exported, "--gaps")
	assert.Zero(t, code, out)
}

func TestRevokeNamesTheToken(t *testing.T) {
	data := t.TempDir()
	hire := func(name string) string {
		made, code := run(t, "token", "create", "--data", data, "--name", name)
		require.Zero(t, code, made)
		listed, _ := run(t, "token", "list", "--data", data)
		return regexp.MustCompile(`(token_\w+) +` + name + ` +active`).FindStringSubmatch(listed)[1] // newest first
	}
	revoke := func(which string) (string, int) { return run(t, "token", "revoke", "--data", data, which) }

	id := hire("nightly import")
	out, code := revoke("nightly import")
	assert.Zero(t, code, out)
	assert.Regexp(t, `^Revoked the token `+id+` of "nightly import", created \d{4}-\S+, last used never\. It no longer works`, out)
	out, code = revoke(id)
	assert.Zero(t, code, out)
	assert.Contains(t, out, "Nothing to do: the token "+id+` of "nightly import"`)
	out, code = revoke("nightly import")
	assert.Equal(t, 2, code, "one that has ended is not meant by its name")
	assert.Contains(t, out, `there is no API token "nightly import" in the workspace "default", and no active one with that name`)

	first, second := hire("nightly import"), hire("nightly import")
	require.NotEqual(t, first, second)
	out, code = revoke("nightly import")
	assert.Equal(t, 2, code, out)
	for _, words := range []string{`2 active tokens have the name "nightly import"; give the ID of one`, first + ", created 20", second + ", created 20"} {
		assert.Contains(t, out, words)
	}
	listed, _ := run(t, "token", "list", "--data", data)
	assert.Equal(t, 2, strings.Count(listed, "active"), "neither was revoked")
	out, code = revoke(second)
	assert.Zero(t, code, out)
	assert.Contains(t, out, "Revoked the token "+second)
	out, code = revoke("nightly import")
	assert.Zero(t, code, "one is left: "+out)
	assert.Contains(t, out, "Revoked the token "+first)
}

// Every command, flag and argument has a text for "--help", and not the key of one.
func TestHelp(t *testing.T) {
	t.Parallel()
	texts := command.HelpTexts()
	assert.Greater(t, len(texts), 100)
	for _, text := range texts {
		assert.NotEmpty(t, text)
		assert.NotContains(t, text, "cli.help.")
	}
}
