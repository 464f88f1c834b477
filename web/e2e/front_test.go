package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// documentedBlock returns a block of the page Operating.
func documentedBlock(t testing.TB, language string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/operating.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "```"+language+"\n")
	require.True(t, found, "the block for %s", language)
	block, _, _ := strings.Cut(rest, "```")
	return block
}

// front is a proxy in front of the program.
type front struct {
	program, language string
	change            *strings.Replacer // applied to the documented block
	arguments         func(f frontFiles, block string) []string
	completes         bool // it ends responses that broke off as if they were complete
}

// frontFiles are what a proxy is started with.
type frontFiles struct {
	t           testing.TB
	dir         string
	address     string // to listen on
	server      string // the program's address
	certificate string
	key         string
}

// write writes a file and returns its path.
func (f frontFiles) write(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	require.NoError(f.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// replaced replaces what every installation replaces in a documented block. Each must be
// there.
func (f frontFiles) replaced(block string, pairs ...string) string {
	f.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(f.t, block, pairs[i])
		block = strings.ReplaceAll(block, pairs[i], pairs[i+1])
	}
	return block
}

func nginx(f frontFiles, block string) []string {
	_, port, _ := net.SplitHostPort(f.address)
	block = f.replaced(block, "listen [::]:443 ssl;", "", "listen 443 ssl;", "listen 127.0.0.1:"+port+" ssl;", "creds.example.com;", "localhost;",
		"/etc/ssl/creds.example.com.pem", f.certificate, "/etc/ssl/creds.example.com.key", f.key, "localhost:8080", f.server)
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	text := user + "daemon off;\nworker_processes 1;\npid " + f.dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		text += kind + "_temp_path " + filepath.Join(f.dir, kind) + ";\n"
	}
	return []string{"-e", "stderr", "-p", f.dir, "-c", f.write("nginx.conf", text+block+"}\n")}
}

func caddy(f frontFiles, block string) []string {
	block = f.replaced(block, "creds.example.com {", "https://"+f.address+" {\n  bind 127.0.0.1\n  tls "+f.certificate+" "+f.key, "localhost:8080", f.server)
	return []string{"run", "--adapter", "caddyfile", "--config", f.write("Caddyfile", "{\n  admin off\n  auto_https disable_redirects\n  storage file_system "+f.dir+"\n}\n"+block)}
}

func haproxy(f frontFiles, block string) []string {
	_, port, _ := net.SplitHostPort(f.address)
	certificate, err := os.ReadFile(f.certificate)
	require.NoError(f.t, err)
	key, err := os.ReadFile(f.key)
	require.NoError(f.t, err)
	both := f.write("both.pem", string(certificate)+string(key))
	return []string{"-db", "-f", f.write("haproxy.cfg", f.replaced(block, ":443,[::]:443", "127.0.0.1:"+port, "/etc/ssl/creds.example.com.pem", both, "127.0.0.1:8080", f.server))}
}

// startFront starts a proxy in front of a server and returns its address.
func startFront(t *testing.T, f front, server string) string {
	t.Helper()
	path, err := exec.LookPath(f.program)
	require.NoError(t, err, "%s is missing: run make tools", f.program)
	block := documentedBlock(t, f.language)
	if f.change != nil {
		changed := f.change.Replace(block)
		require.NotEqual(t, block, changed)
		block = changed
	}
	files := frontFiles{t: t, dir: t.TempDir(), address: freeAddress(t), server: server}
	files.certificate, files.key = testkit.NewAuthority(t).CertificateFiles("localhost", "127.0.0.1")
	output := &testkit.Output{}
	run := exec.Command(path, f.arguments(files, block)...)
	run.Env = append(os.Environ(), "HOME="+files.dir, "XDG_DATA_HOME="+files.dir, "XDG_CONFIG_HOME="+files.dir)
	run.Stdout, run.Stderr = output, output
	require.NoError(t, run.Start())
	t.Cleanup(func() {
		_ = run.Process.Signal(os.Interrupt)
		_ = run.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", f.program, tail(output.String(), 3000))
		}
	})
	require.Eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp", files.address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, timeout, 20*time.Millisecond, "%s: %s", f.program, output)
	return files.address
}

var secureLink = regexp.MustCompile(`(https://\S+/sign-in\?code=\S+)\s`)

// trusting starts a separate browser that accepts every certificate.
func trusting(t testing.TB) context.Context {
	t.Helper()
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(browserFlags(), chromedp.Flag("ignore-certificate-errors", true))...)
	t.Cleanup(stopAllocator)
	browser, stopBrowser := chromedp.NewContext(allocator)
	t.Cleanup(stopBrowser)
	require.NoError(t, chromedp.Do(browser))
	return browser
}

// streaming is a Paycor with responses that break off, arrive in parts, or come before the
// end of the request.
type streaming struct {
	*paycortest.Simulator
	more chan struct{} // sends the second part
}

func (s streaming) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch strings.ToLower(r.URL.Path) {
	case "/v1/upload":
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, `{"received":%d,"complete":%t}`, n, err == nil)
	case "/v1/early":
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		fmt.Fprint(w, `{"title":"Too large"}`)
	case "/v1/parts":
		fmt.Fprintln(w, "first")
		w.(http.Flusher).Flush()
		select {
		case <-s.more:
			fmt.Fprintln(w, "second")
		case <-r.Context().Done():
		}
	case "/v1/cut":
		fmt.Fprintln(w, "a part")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	default:
		s.Simulator.ServeHTTP(w, r)
	}
}

// completesBroken reports whether Caddy is one from before 2.8, as Debian 12 has it. The
// manual warns of it.
func completesBroken(t testing.TB) bool {
	t.Helper()
	said, err := exec.Command("caddy", "version").Output()
	require.NoError(t, err, "caddy is missing: run make tools")
	var major, minor int
	_, err = fmt.Sscanf(strings.TrimPrefix(string(said), "v"), "%d.%d", &major, &minor)
	require.NoError(t, err, "%s", said)
	return major < 2 || major == 2 && minor < 8
}

// The blocks in the manual for proxies in front of the program work with those programs:
// page, events, embedding, and calls with uploads and early responses.
func TestFronts(t *testing.T) {
	t.Parallel()
	withHTTP10 := strings.NewReplacer("proxy_http_version 1.1;", "", `proxy_set_header Connection "";`, "")
	for name, f := range map[string]front{
		"nginx":               {"nginx", "nginx", nil, nginx, false},
		"nginx with HTTP 1.0": {"nginx", "nginx", withHTTP10, nginx, false},
		"Caddy":               {"caddy", "caddyfile", nil, caddy, completesBroken(t)},
		"HAProxy":             {"haproxy", "haproxy", nil, haproxy, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paycor := streaming{paycortest.New(paycortest.Config{}), make(chan struct{}, 1)}
			t.Cleanup(paycor.Close)
			api := httptest.NewServer(paycor)
			t.Cleanup(api.Close)
			listen := freeAddress(t)
			address := startFront(t, f, listen)
			p := &program{t: t, binary: raced, data: t.TempDir(), output: &testkit.Output{}, ready: secureLink, flags: []string{
				"--public-url", "https://" + address, "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1", "--environment", "test=" + api.URL,
			}}
			p.run(listen)
			t.Cleanup(p.stop)
			bakery := sample(t, paycortest.SunriseBakery)
			id := p.save(bakery.body(t).with("environment", "test"), "").ID
			callsThroughFront(t, p, f, id, paycor.more)
			pageThroughFront(t, p, bakery.body(t).with("environment", "test"))
		})
	}
}

// The program works below a path, behind a proxy that passes the path on.
func TestBelowAPath(t *testing.T) {
	t.Parallel()
	listen := freeAddress(t)
	address := startFront(t, front{"nginx", "nginx", strings.NewReplacer("location / {", "location /creds/ {"), nginx, false}, listen)
	p := &program{t: t, binary: raced, data: t.TempDir(), output: &testkit.Output{}, ready: secureLink, flags: []string{
		"--simulator", "--public-url", "https://" + address + "/creds/", "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1",
	}}
	p.run(listen)
	t.Cleanup(p.stop)
	assert.Contains(t, p.link, "https://"+address+"/creds/sign-in?code=")
	p.address += "/creds"

	browser := trusting(t)
	b := newTab(t, p, browser)
	b.signIn()
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
	bakery := sample(t, paycortest.SunriseBakery)
	b.complete(bakery)
	b.press("button", say("save"))
	b.absent("dialog", say("add.title"))
	p.save(bakery.body(t).with("name", "Second Bakery"), "?verify=false")
	b.get("radio", "~Second Bakery") // by the event stream
	b.press("link", "~Details for "+bakery.Name)
	b.get("heading", bakery.Name)
	b.until("the details below the path", func() bool { return strings.HasPrefix(eval[string](b, "location.pathname"), "/creds/credentials/") })
	b.until("the calls to copy", func() bool {
		return strings.Contains(eval[string](b, "document.body.textContent"), p.address+"/api/v1/credentials/")
	})
	for _, path := range []string{"/audit", "/consumers", "/hosts", "/sign-ins", "/system", "/docs", "/docs/operating"} {
		b.navigate(p.address + path)
		b.until("the page "+path, func() bool { return eval[int](b, "document.querySelectorAll('h1').length") > 0 })
		outside := eval[[]string](b, `[...document.querySelectorAll("[href], [src], form")].map(e => new URL(e.getAttribute("href") ?? e.getAttribute("src") ?? e.getAttribute("action") ?? "", location.href).href).filter(a => a.startsWith(location.origin) && !a.startsWith(location.origin + "/creds/"))`)
		assert.Empty(t, outside, path)
	}

	c := newConsole(t, p, "view,edit")
	host := visitHost(t, p, browser, c.address)
	host.mount(``)
	host.waitForMessage("ready")
	f := host.frame(p)
	f.press("radio", "~Second Bakery")
	f.press("button", say("continue"))

	b.visit("/")
	b.pressInAccount("button", say("sign-out"))
	b.until("the page to sign in", func() bool { return eval[string](b, "location.pathname") == "/creds/sign-in" })
}

func callsThroughFront(t *testing.T, p *program, f front, id string, more chan<- struct{}) {
	t.Helper()
	send := func(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
		request, err := http.NewRequestWithContext(ctx, method, p.address+"/api/v1/credentials/"+id+"/paycor/v1/"+path, body)
		require.NoError(t, err)
		request.Header.Set("Authorization", p.bearer()["Authorization"])
		return plainClient.Do(request)
	}
	read := func(response *http.Response, err error) (int, string, error) {
		if err != nil {
			return 0, "", err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return response.StatusCode, string(text), err
	}
	upload := bytes.Repeat([]byte("0123456789abcdef"), 5<<20/16)
	status, text, err := read(send(t.Context(), "GET", "legalentities/501123", nil))
	require.NoError(t, err)
	assert.Equal(t, 200, status, text)
	status, text, err = read(send(t.Context(), "POST", "upload", bytes.NewReader(upload)))
	require.NoError(t, err)
	assert.Equal(t, 200, status)
	assert.Equal(t, fmt.Sprintf(`{"received":%d,"complete":true}`, len(upload)), text)
	status, text, err = read(send(t.Context(), "POST", "early", bytes.NewReader(upload)))
	require.NoError(t, err)
	assert.Equal(t, 413, status, text)
	assert.Equal(t, `{"title":"Too large"}`, text, "Paycor's answer, not the proxy's")

	response, err := send(t.Context(), "GET", "parts", nil)
	require.NoError(t, err)
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "first\n", line, "arrives at once")
	more <- struct{}{}
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	assert.Equal(t, "second\n", string(rest))

	_, text, err = read(send(t.Context(), "GET", "cut", nil))
	if !f.completes {
		assert.Error(t, err, "what was cut off is not complete: %q", text)
	}
	entries := p.api("GET", "/audit?action=credential.create", nil)
	assert.Contains(t, string(entries.Body), `"from":"127.0.0.1"`)
}

func pageThroughFront(t *testing.T, p *program, second body) {
	t.Helper()
	browser := trusting(t)
	b := newTab(t, p, browser)
	b.signIn()
	b.get("radio", "~Sunrise Bakery")
	p.save(second.with("name", "Second Bakery"), "?verify=false")
	b.get("radio", "~Second Bakery") // by the event stream

	c := newConsole(t, p, "view,edit")
	host := visitHost(t, p, browser, c.address)
	host.mount(``)
	host.waitForMessage("ready")
	host.frame(p).get("radio", "~Second Bakery")
}
