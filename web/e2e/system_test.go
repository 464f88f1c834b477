package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/paycortest"
)

// system opens the page System and waits until the server has made every check.
func (b *tab) system() {
	b.t.Helper()
	b.visit("/system")
	b.until("all checks", func() bool { return !strings.Contains(b.textOf(), say("system.running")) })
}

// An administrator is told what is wrong, fixes it and is told that it is fixed.
func TestSystemSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	p.execute(`UPDATE secrets SET sealed = x'01' WHERE field = 'client_secret'`)
	b := open(t, p).signIn()
	b.follow("link", say("nav.system"))
	b.until("all checks", func() bool { return !strings.Contains(b.textOf(), say("system.running")) })
	b.seesText("1 problem and 1 warning", say("system.problem", 1), say("system.check.secrets"), locale.English.Text("health.secret-replace"))
	assert.Regexp(t, `GMT|UTC|[AP]M`, b.textOf(), "times are those of the reader")
	assert.NotRegexp(t, `\d{4}-\d\d-\d\dT`, b.textOf())
	b.sizes("system")

	key := filepath.Join(p.data, "paycorcred.key")
	require.NoError(t, os.Chmod(key, 0o644))
	again := func(summary string) { // by keyboard; results of the last ten seconds are used again
		b.t.Helper()
		b.reach("button", say("system.check"))
		b.until(summary, func() bool {
			b.key(kb.Enter)
			b.get("button", say("system.check"))
			return strings.Contains(b.textOf(), say("system.checked", summary))
		})
	}
	again("2 problems and 1 warning")
	b.seesText("Other users of this machine can use "+key, "chmod")
	b.focusOn("button", say("system.check"))
	require.NoError(t, os.Chmod(key, 0o600))
	again("1 problem and 1 warning")

	b.watch.expect("Failed to load resource")
	b.hold("*/api/v1/doctor")
	b.press("button", say("system.check"))
	b.refuse(b.pausedRequest(), network.ErrorReasonConnectionRefused)
	b.seesText(beginning("system.stale"), say("system.check.secrets"))
	b.sizes("system-failed")
	b.release()
	b.press("button", say("retry"))
	b.until("the results again", func() bool { return !strings.Contains(b.textOf(), beginning("system.stale")) })

	b.visit("/system?lang=es")
	spanish, _ := locale.ByTag("es")
	b.seesText(spanish.Text("system.means.problem"), spanish.Text("health.secret-replace"), spanish.Text("health.integrity-ok"))
	b.sizes("system-es")
}
