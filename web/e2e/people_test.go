package e2e_test

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
	"paycorcred/web"
	"paycorcred/web/oidc/oidctest"
)

// freeAddress returns a local address that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return "localhost:" + port
}

// TestSigningInWithAProvider signs in and out in a browser with an independent
// OpenID Connect provider.
func TestSigningInWithAProvider(t *testing.T) {
	t.Parallel()
	at := freeAddress(t)
	there, err := oidctest.Start([]string{"http://" + at + web.SignInCallback}, "http://"+at+web.SignInPath)
	require.NoError(t, err)
	t.Cleanup(there.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte(oidctest.Secret+"\n"), 0o600))
	data := t.TempDir()
	placeDatabase(t, data)
	p := &program{t: t, binary: raced, data: data, output: &testkit.Output{}, ready: regexp.MustCompile(`People sign in with \S+ at\s+(http://\S+)\s`),
		flags: []string{"--simulator", "--oidc-issuer", there.Issuer, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret-file", secret,
			"--oidc-map", "groups=payroll-admins:view,use,edit,admin"}}
	p.run(at)
	t.Cleanup(p.stop)

	b := open(t, p)
	b.watch.expect(`asked another origin: ` + regexp.QuoteMeta(there.Issuer))
	b.watch.expect(`log network: Failed to load resource`) // the provider has no favicon
	b.navigate(p.address + "/sign-ins")
	b.press("link", "Sign in with localhost")
	b.until("the provider's page", func() bool { return strings.HasPrefix(b.address(), there.Issuer) && b.has("button", "Login") })
	eval[any](b, `(document.querySelector("[name=username]").value = "`+oidctest.Ann+`", document.querySelector("[name=password]").value = "`+oidctest.Password+`", null)`)
	b.follow("button", "Login")
	assert.Equal(t, p.address+"/sign-ins", b.address(), "back to where they were going")
	b.seesText(say("sign-ins.all-words"), "Chrome on Linux", say("sign-ins.current"), "test-user@zitadel.ch")

	b.pressInAccount("button", say("sign-out"))
	b.until("the page after both sign-outs", func() bool { return b.address() == p.address+"/sign-in" && b.has("link", "Sign in with localhost") })
	assert.Equal(t, "401", eval[string](b, `fetch("/api/v1/session").then(a => String(a.status))`))
	assert.NotContains(t, p.output.String(), oidctest.Secret)
}

// TestASessionEndsAndNothingTypedIsLost covers the warning before a session
// ends, staying signed in, a session that ends while the overlay is open, and a
// sign-in in another tab.
func TestASessionEndsAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	p := start(t, "--session-idle", "50s") // long enough to type something on a busy machine
	b := open(t, p).signIn()
	b.watch.expect(`log network: Failed to load resource`) // 401 responses are expected
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	b.fill("~Credential Name", bakery.Name)
	b.fill("Client Secret", bakery.ClientSecret)
	b.alert(beginning("session.idle"))
	b.press("button", say("session.stay"))
	b.status(beginning("session.stayed"))
	b.alert(say("session.ended"))
	assert.Equal(t, bakery.Name, b.value(say(fields.Name.Label().Key)))
	assert.Equal(t, bakery.ClientSecret, b.value(say(fields.ClientSecret.Label().Key)), "secrets too")

	link := command(t, nil, "sign-in", "--data", p.data, "--listen", strings.TrimPrefix(p.address, "http://"))
	second := b.another()
	second.navigate(linkPattern.FindStringSubmatch(link.out + " ")[1])
	second.mounted()
	b.status(say("session.again"))
	b.complete(bakery)
	b.press("button", say("save"))
	b.status(say("saved.verified", bakery.Name))
}

// TestWhoMayUseACredentialIsChosenOnItsPage restricts a credential and lifts
// the restriction.
func TestWhoMayUseACredentialIsChosenOnItsPage(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.complete(sample(t, paycortest.SunriseBakery))
	b.press("button", say("save"))
	b.status(say("saved.verified", "Sunrise Bakery"))
	b.press("radio", "~Sunrise Bakery Verified")
	b.press("button", say("continue"))
	b.seesText(say("sharing"), say("sharing.everybody"))
	b.size(320, 640)
	b.press("button", "~"+say("sharing.change"))
	b.press("radio", "~"+say("sharing.some"))
	b.fill(say("sharing.people"), "Ann@example.com")
	b.fill(say("sharing.groups"), "payroll")
	b.press("button", say("save"))
	b.status(say("sharing.saved", "Sunrise Bakery"))
	b.seesText(say("sharing.restricted"), "ann@example.com", "payroll", "changed who may use it")
	b.focusOn("button", "~"+say("sharing.change"))
	assert.True(t, eval[bool](b, `(() => { const at = document.getElementById("sharing-status").getBoundingClientRect(); return at.top >= 0 && at.bottom <= innerHeight })()`),
		"the result is next to what was changed, not somewhere above")
	b.press("button", "~"+say("sharing.change"))
	b.press("radio", say("sharing.everybody"))
	b.press("button", say("save"))
	b.seesText(say("sharing.everybody"))
}
