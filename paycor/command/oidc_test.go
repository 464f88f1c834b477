package command_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/command"
	"paycorcred/paycor/testkit"
	"paycorcred/web"
	"paycorcred/web/oidc/oidctest"
)

// browser is standard input: it signs in at the address that the command has printed, and
// types where it ends.
type browser struct {
	t        *testing.T
	provider *oidctest.Provider
	user     string
	printed  *testkit.Output
	typed    io.Reader
}

var authorization = regexp.MustCompile(`\n  (http://\S+)\n`)

func (b *browser) Read(into []byte) (int, error) {
	if b.typed == nil {
		found := authorization.FindStringSubmatch(b.printed.String())
		require.NotNil(b.t, found, "%s", b.printed)
		to, err := b.provider.SignIn(found[1], b.user)
		require.NoError(b.t, err)
		b.typed = strings.NewReader(to.String() + "\n")
	}
	return b.typed.Read(into)
}

func TestOIDCCheck(t *testing.T) {
	const public = "http://localhost:1"
	provider, err := oidctest.Start([]string{public + web.SignInCallback}, public+web.SignInPath)
	require.NoError(t, err)
	t.Cleanup(provider.Close)
	file := func(secret string) string {
		path := filepath.Join(t.TempDir(), "secret")
		require.NoError(t, os.WriteFile(path, []byte(secret), 0o600))
		return path
	}
	good := []string{"--oidc-issuer", provider.Issuer, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret-file", file(oidctest.Secret),
		"--oidc-map", "groups=payroll-admins:view,use", "--oidc-map", "groups=others:admin", "--public-url", public}
	with := func(pairs ...string) []string {
		arguments := append([]string{}, good...)
		for i := 0; i < len(pairs); i += 2 {
			for j, argument := range arguments {
				if argument == pairs[i] {
					arguments[j+1] = pairs[i+1]
				}
			}
		}
		return arguments
	}
	say := locale.English.Text
	tests := map[string]struct {
		arguments []string
		user      string // empty for somebody who skips the sign-in
		code      int
		says      []string
	}{
		"rules fit": {good, oidctest.Ann, 0, []string{
			`groups +\["everybody","payroll-admins"\]`, `groups=payroll-admins:view,use +yes`, `groups=others:admin +no`, regexp.QuoteMeta(say("oidc.check-rights", "view,use", "default")),
		}},
		"no rule fits":         {good, oidctest.Bob, 1, []string{`groups=payroll-admins:view,use +no`, say("oidc.check-no-rights")}},
		"without a sign-in":    {good, "", 0, []string{"ok +issuer", "ok +keys", "ok +client", "ok +redirect", say("oidc.check-open")}},
		"another secret":       {with("--oidc-client-secret-file", file("wrong")), oidctest.Ann, 1, []string{"ok +keys", say("signin.client")}},
		"another client":       {with("--oidc-client-id", "nobody"), "", 1, []string{"ok +keys", "problem +redirect", "--oidc-client-id"}},
		"another redirect URI": {with("--public-url", "http://localhost:2"), "", 1, []string{"problem +redirect", "http://localhost:2/sign-in/callback"}},
		"nobody there":         {with("--oidc-issuer", "http://localhost:1/"), "", 1, []string{"problem +issuer"}},
		"another issuer":       {with("--oidc-issuer", strings.TrimSuffix(provider.Issuer, "/")+"/x"), "", 2, []string{"oidc-issuer"}},
		"no issuer":            {[]string{"--public-url", public}, "", 2, []string{"--oidc-issuer"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out := &testkit.Output{}
			var in io.Reader = strings.NewReader("")
			if test.user != "" {
				in = &browser{t: t, provider: provider, user: test.user, printed: out}
			}
			defer command.SetStdin(in)()
			code := command.Run("test", append([]string{"oidc", "check"}, test.arguments...), out, out)
			assert.Equal(t, test.code, code, "%s", out)
			for _, said := range test.says {
				assert.Regexp(t, said, out.String())
			}
			assert.NotContains(t, out.String(), oidctest.Secret)
		})
	}

	config := "oidc-issuer: " + provider.Issuer + "\noidc-client-id: " + oidctest.ClientID + "\noidc-client-secret-file: " + file(oidctest.Secret) +
		"\noidc-map: groups=payroll-admins:view\npublic-url: " + public + "\ndata: nowhere\n"
	defer command.SetStdin(strings.NewReader(""))()
	out, code := run(t, "oidc", "check", "--config", writeConfig(t, config))
	assert.Zero(t, code, out)
	assert.Contains(t, out, "redirect URI "+public+web.SignInCallback, "the settings of the file count")
	out, code = run(t, "oidc", "check", "--config", writeConfig(t, config+"oidc-scope: openid\n"))
	assert.Equal(t, 2, code, "what it tries would not be what serve does")
	assert.Contains(t, out, "did you mean oidc-scopes?")

	defer command.SetStdin(strings.NewReader(public + "/sign-in/callback?code=x&state=another\n"))()
	out, code = run(t, append([]string{"oidc", "check"}, good...)...)
	assert.Equal(t, 2, code)
	assert.Contains(t, out, say("oidc.check-other-address"))
}
