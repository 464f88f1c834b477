package command_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/command"
)

// writeConfig writes a configuration file.
func writeConfig(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "paycorcred.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestConfigPrecedence(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	path := writeConfig(t, "# ours\ndata: "+data+"\nlisten: localhost:1001\ncall-limit: 11\nchanges-per-minute: 21\nverify-every: 12h\nsimulator: true\nenvironment: [one=http://localhost:1, two=http://localhost:2]\ncounterpart: one=two\n")
	t.Setenv("PAYCORCRED_CALL_LIMIT", "12")
	t.Setenv("PAYCORCRED_CHANGES_PER_MINUTE", "22")
	t.Setenv("PAYCORCRED_CONFIG", path)
	out, code := run(t, "config", "check", "--changes-per-minute", "23")
	require.Zero(t, code, out)
	for _, line := range []string{
		"data: " + data + " # " + path + ":2\n",
		"listen: localhost:1001 # " + path + ":3\n",
		"call-limit: 12 # PAYCORCRED_CALL_LIMIT\n",
		"changes-per-minute: 23 # flag --changes-per-minute\n",
		"verify-every: 12h # " + path + ":6\n",
		"simulator: true # " + path + ":7\n",
		"session-idle: 1h # default\n",
		"environment: # " + path + ":8\n    - one=http://localhost:1\n    - two=http://localhost:2\n",
		"counterpart: # " + path + ":9\n    - one=two\n",
		"# The configuration is valid.\n",
	} {
		assert.Contains(t, out, line)
	}

	for _, name := range []string{"PAYCORCRED_CALL_LIMIT", "PAYCORCRED_CHANGES_PER_MINUTE", "PAYCORCRED_CONFIG"} {
		require.NoError(t, os.Unsetenv(name))
	}
	again, code := run(t, "config", "check", "--config", writeConfig(t, out))
	require.Zero(t, code, again)
	without := func(text string) (values []string) {
		for line := range strings.Lines(text) {
			value, _, _ := strings.Cut(line, " #")
			values = append(values, value)
		}
		return values
	}
	assert.Equal(t, without(out), without(again), "what is printed is a configuration file")
}

func TestServeReadsItsConfigFile(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	path := writeConfig(t, "\ufeffshow-sign-in-link: true\ncall-limit: 5\n") // with a byte order mark
	p := serve(t, data, "--config", path)
	p.stop()
	path = writeConfig(t, "data: "+data+"\nlisten: nowhere\n")
	out, code := run(t, "token", "list", "--config", path)
	require.Zero(t, code, "other commands find the data and read nothing else: %s", out)
	assert.Contains(t, out, "NAME")
	out, code = run(t, "serve", "--config", path)
	assert.Equal(t, 2, code)
	assert.Contains(t, out, `--listen "nowhere" isn’t an address`)
}

func TestConfigReportsEveryProblem(t *testing.T) {
	path := writeConfig(t, strings.Join([]string{
		"lissten: localhost:0", "tls_cert: x", "simulator: maybe", "call-limit: many", "call-limit: '7'", "verify-every: 3 hours",
		"oidc-map: {a: b}", "public-url:", "backup-every: soon", "trusted-proxy: [[a]]", "config: other", "oidc-client-id: yes",
		"data: [a]", "call-limit: 8", "zzz: 1",
	}, "\n"))
	out, code := run(t, "config", "check", "--config", path)
	assert.Equal(t, 2, code, out)
	for line, says := range map[int]string{
		1: `there is no setting "lissten"; did you mean listen?`, 2: `there is no setting "tls_cert"; did you mean tls-cert?`,
		3: "simulator must be true or false", 4: "call-limit must be a whole number", 6: "verify-every must be a duration",
		7: "oidc-map must be a list of strings", 8: "public-url has no value", 9: "backup-every must be a duration", 10: "trusted-proxy must be a list of strings",
		11: `there is no setting "config"`, 13: "data must be a string", 14: "call-limit is there twice", 15: `there is no setting "zzz"; “paycorcred serve --help” lists them`,
	} {
		assert.Contains(t, out, "paycorcred.yaml, line "+strconv.Itoa(line)+": "+says)
	}
	assert.NotContains(t, out, "oidc-client-id must", "YAML 1.2 has no booleans but true and false")
	assert.Contains(t, out, "call-limit: 7 # "+path+":5", "what is right is shown")
	assert.NotContains(t, out, "is valid")

	for text, says := range map[string]string{
		"- a": "must be one list of settings", "a": "must be one list", "listen: localhost:1\n---\nlisten: localhost:2": "must be one list",
		"listen: [": "isn’t YAML: line 1", "\tlisten: a": "isn’t YAML",
		"oidc-map:\n\t- groups=a:view": "not with tabs", "data: ~/data": "write the whole path", "data: ${HOME}/data": "write the whole path",
	} {
		out, code := run(t, "config", "check", "--config", writeConfig(t, text))
		assert.Equal(t, 2, code, text)
		assert.Contains(t, out, says)
	}
	for _, arguments := range [][]string{{"config", "check"}, {"serve"}, {"token", "list"}} {
		out, code := run(t, append(arguments, "--config", path+"x")...)
		assert.Equal(t, 2, code, out)
		assert.Contains(t, out, "can’t be read: no such file or directory")
	}
	out, code = run(t, "config", "check", "--config", writeConfig(t, "# nothing yet\n"))
	assert.Zero(t, code, out)
}

// Whatever a file contains, reading it ends, and each problem can be found in the file.
func FuzzConfigFile(f *testing.F) {
	for _, text := range []string{"", "listen: a", "a: &a [*a]", "<<: {listen: a}", "? [a]\n: b", "listen: *b", "data: !!binary aGk=", "%YAML 9", "oidc-map: [a, !!null ]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, problem := range command.ConfigProblems(text) {
			assert.Regexp(t, `line \d+|one list of settings|isn’t YAML`, problem)
		}
	})
}

// The example of the manual is a valid configuration.
func TestDocumentedConfigIsValid(t *testing.T) {
	manual, err := os.ReadFile("../../web/docs/operating.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(manual), "```yaml\n# /etc/paycorcred/paycorcred.yaml\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "```")
	secret := filepath.Join(t.TempDir(), "client-secret")
	require.NoError(t, os.WriteFile(secret, []byte("\ufeffsecret\r\n"), 0o600))
	text = strings.ReplaceAll(text, "/etc/paycorcred/client-secret", secret)
	out, code := run(t, "config", "check", "--config", writeConfig(t, text))
	assert.Zero(t, code, out)
	assert.NotContains(t, strings.ReplaceAll(out, "secret-file", ""), "secret\n")
}
