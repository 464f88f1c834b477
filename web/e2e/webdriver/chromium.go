package webdriver

import "testing"

// Chromium starts Debian's Chromium without a display.
func Chromium(t testing.TB) *Session {
	t.Helper()
	installed(t, "Chromium", "chromium", "chromedriver")
	home, port := temporary(t), freePort(t)
	p := run(t, home, nil, "chromedriver", "--port="+port, "--allowed-ips=127.0.0.1")
	h, err := dialHTTP("http://127.0.0.1:"+port, map[string]any{"goog:chromeOptions": map[string]any{
		"args": []string{
			"--headless", "--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--test-third-party-cookie-phaseout", "--force-prefers-reduced-motion",
			"--proxy-server=127.0.0.1:9", "--enable-logging=stderr",
		},
	}}, p.stop)
	if err != nil {
		p.stop()
	}
	return open(t, p.output, h, err)
}
