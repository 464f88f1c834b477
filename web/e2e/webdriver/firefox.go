package webdriver

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// firefoxSettings are the settings of the profile beside those that Firefox uses by itself
// when it is driven.
var firefoxSettings = map[string]any{
	"marionette.port":                                     0, // any free one, which it writes into the profile
	"network.cookie.cookieBehavior":                       1, // no third-party cookies
	"network.proxy.type":                                  1, // everything but this machine goes to a proxy that is not there
	"network.proxy.http":                                  "127.0.0.1",
	"network.proxy.http_port":                             9,
	"network.proxy.ssl":                                   "127.0.0.1",
	"network.proxy.ssl_port":                              9,
	"network.captive-portal-service.enabled":              false,
	"network.connectivity-service.enabled":                false,
	"app.normandy.enabled":                                false,
	"browser.shell.checkDefaultBrowser":                   false,
	"browser.aboutwelcome.enabled":                        false,
	"datareporting.policy.dataSubmissionEnabled":          false,
	"datareporting.healthreport.uploadEnabled":            false,
	"toolkit.telemetry.enabled":                           false,
	"toolkit.legacyUserProfileCustomizations.stylesheets": true, // for chrome/userChrome.css
	"devtools.console.stdout.content":                     true, // the console of pages is printed
	"browser.dom.window.dump.enabled":                     true, // and their uncaught errors
	"intl.accept_languages":                               "en-US, en",
	"intl.locale.requested":                               "en-US",
	"dom.disable_open_during_load":                        true,
	"ui.prefersReducedMotion":                             1,
}

// narrow lets the window be as narrow as a phone.
const narrow = ":root, body { min-width: 0 !important; } #navigator-toolbox { max-width: 100vw; overflow: hidden; }\n"

// Firefox starts Debian's firefox-esr without a display.
func Firefox(t testing.TB) *Session {
	t.Helper()
	installed(t, "Firefox", "firefox-esr")
	home := temporary(t)
	profile := filepath.Join(home, "profile")
	require.NoError(t, os.MkdirAll(filepath.Join(profile, "chrome"), 0o700))
	settings := strings.Builder{}
	for name, value := range firefoxSettings {
		text, err := json.Marshal(value)
		require.NoError(t, err)
		fmt.Fprintf(&settings, "user_pref(%q, %s);\n", name, text)
	}
	require.NoError(t, os.WriteFile(filepath.Join(profile, "user.js"), []byte(settings.String()), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(profile, "chrome", "userChrome.css"), []byte(narrow), 0o600))
	p := run(t, home, []string{"MOZ_CRASHREPORTER_DISABLE=1"}, "firefox-esr", "--headless", "--no-remote", "--marionette", "--profile", profile)
	m, err := func() (*marionette, error) {
		port, err := p.portOf(filepath.Join(profile, "MarionetteActivePort"))
		if err != nil {
			p.stop()
			return nil, err
		}
		return dialMarionette(net.JoinHostPort("127.0.0.1", port), p.stop)
	}()
	return open(t, p.output, m, err)
}

// portOf waits until a file says the port of the browser.
func (p *process) portOf(file string) (string, error) {
	deadline := time.After(commandTimeout)
	for {
		if port, err := os.ReadFile(file); err == nil && len(port) > 0 {
			return strings.TrimSpace(string(port)), nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.ended:
			return "", fmt.Errorf("it ended: %v", p.command.ProcessState)
		case <-deadline:
			return "", fmt.Errorf("it wrote no port to %s", file)
		}
	}
}
