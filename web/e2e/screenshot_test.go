package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// TestScreenshots takes the README's screenshots: "make screenshot".
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("only with -screenshots DIR, as make screenshot does")
	}
	p := start(t)
	everyState(t, p)
	b := open(t, p)
	b.media(map[string]string{"prefers-color-scheme": "light", "prefers-reduced-motion": "reduce"})
	b.signIn()
	b.size(1280, 1010)
	b.press("radio", "~Sunrise Bakery Verified")
	b.seesText("Selected: Sunrise Bakery")
	eval[any](b, `document.activeElement.blur(), scrollTo(0, 0), null`)
	b.shoot("screenshot-light.png")
	b.media(map[string]string{"prefers-color-scheme": "dark", "prefers-reduced-motion": "reduce"})
	b.shoot("screenshot-dark.png")

	b.media(map[string]string{"prefers-color-scheme": "light", "prefers-reduced-motion": "reduce"})
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	bakery.Name, bakery.Description = "Sunrise Bakery, warehouse", "Nightly employee export to the warehouse."
	b.complete(bakery)
	eval[any](b, `document.activeElement.blur(), document.querySelectorAll("dialog[open] *").forEach(e => e.scrollTop = 0), null`)
	b.shoot("screenshot-add.png")
}

func (b *tab) shoot(name string) {
	b.t.Helper()
	b.awaitPaint()
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	require.NoError(b.t, os.WriteFile(filepath.Join(*screenshots, name), shot.Data, 0o644))
}
