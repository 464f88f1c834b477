package webdriver

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// WebKit starts Debian's WebKitGTK in its MiniBrowser, on a display of its own.
func WebKit(t testing.TB) *Session {
	t.Helper()
	installed(t, "WebKit", "WebKitWebDriver", "Xvfb")
	browsers, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
	require.NoError(t, err)
	if len(browsers) == 0 {
		t.Skip("WebKit is not installed (MiniBrowser is missing): run make tools")
	}
	home := temporary(t)
	port := freePort(t)
	p := run(t, home, []string{
		"DISPLAY=" + display(t, home), "GDK_BACKEND=x11", "WEBKIT_DISABLE_COMPOSITING_MODE=1", "WEBKIT_DISABLE_DMABUF_RENDERER=1", "LIBGL_ALWAYS_SOFTWARE=1",
	}, "WebKitWebDriver", "--host=127.0.0.1", "--port="+port)
	h, err := dialHTTP("http://127.0.0.1:"+port, map[string]any{"webkitgtk:browserOptions": map[string]any{
		"binary": browsers[len(browsers)-1],
		"args": []string{
			"--automation", "--cookies-policy=no-third-party", "--enable-write-console-messages-to-stdout=true",
			"--ignore-host=localhost", "--proxy=http://127.0.0.1:9", "--ignore-host=127.0.0.1",
		},
	}}, p.stop)
	if err != nil {
		p.stop()
	}
	return open(t, p.output, h, err)
}

// display starts an X server without a screen and returns its name.
func display(t testing.TB, home string) string {
	t.Helper()
	p := run(t, home, nil, "Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp")
	t.Cleanup(p.stop)
	number, found := p.output.Await(regexp.MustCompile(`(?m)^(\d+)$`), p.ended)
	require.True(t, found, "starting Xvfb: %s", p.output)
	return ":" + number
}

// freePort returns a port that nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}
