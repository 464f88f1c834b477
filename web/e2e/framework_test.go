package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// project is a copy of an example, which a test can edit and build.
type project struct {
	t           testing.TB
	directory   string
	environment []string // of its commands
}

// copyExample copies an example to a temporary directory, with the package as it is now. The
// files of other packages are many and nothing changes them: they are links where that works.
func copyExample(t testing.TB, name string, environment ...string) *project {
	t.Helper()
	from, to := filepath.Join("../examples", name), t.TempDir()
	require.FileExists(t, filepath.Join(from, "node_modules/.installed"), "run: make tools")
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, entry := range entries {
		script := `cp -a "$1" "$2"`
		switch entry.Name() {
		case "dist", ".next": // a developer built it there
			continue
		case "node_modules":
			script = `cp -al "$1" "$2" 2>/dev/null || ` + script
		}
		said, err := exec.Command("sh", "-c", script, "sh", filepath.Join(from, entry.Name()), to).CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	ours := filepath.Join(to, "node_modules/@paycorcred/embed")
	require.NoError(t, os.RemoveAll(ours))
	require.NoError(t, os.CopyFS(ours, os.DirFS("../examples/client")))
	module, err := os.ReadFile("../static/embed/sdk.js")
	require.NoError(t, err)
	const limit = "options.timeout ?? 20000" // more than enough, except on a machine that runs many tests at once
	require.Contains(t, string(module), limit)
	require.NoError(t, os.WriteFile(filepath.Join(ours, "sdk.js"), bytes.Replace(module, []byte(limit), []byte("options.timeout ?? 55000"), 1), 0o600))

	loopback, err := filepath.Abs("loopback.cjs")
	require.NoError(t, err)
	environment = append(environment, "NODE_OPTIONS=--require="+loopback, "NEXT_TELEMETRY_DISABLED=1", "NO_COLOR=1")
	return &project{t, to, append(os.Environ(), environment...)}
}

// command returns a command of a package that is installed in the project.
func (p *project) command(name string, arguments ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.directory, "node_modules/.bin", name), arguments...)
	c.Dir, c.Env = p.directory, p.environment
	return c
}

// run runs a command that must have nothing to complain about.
func (p *project) run(name string, arguments ...string) {
	p.t.Helper()
	said, err := p.command(name, arguments...).CombinedOutput()
	require.NoError(p.t, err, "%s", said)
	assert.NotRegexp(p.t, `(?i)warn`, string(said))
}

// serve starts a server of the project and returns its address.
func (p *project) serve(name string, arguments ...string) string {
	p.t.Helper()
	address, _ := background(p.t, p.command(name, arguments...), `Local: +(http://127\.0\.0\.1:\d+)`)
	return address
}

// replace changes a source file, as a developer does.
func (p *project) replace(name, before, after string) {
	p.t.Helper()
	path := filepath.Join(p.directory, name)
	content, err := os.ReadFile(path)
	require.NoError(p.t, err)
	require.Contains(p.t, string(content), before)
	require.NoError(p.t, os.WriteFile(path, bytes.ReplaceAll(content, []byte(before), []byte(after)), 0o600))
}

// write adds a source file.
func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.directory, name)
	require.NoError(p.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(p.t, os.WriteFile(path, []byte(content), 0o600))
}

// requested returns the body of an answer, however long that takes.
func requested(t testing.TB, method, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// startWithTwo starts the program with two credentials to choose from.
func startWithTwo(t testing.TB) *program {
	t.Helper()
	p := start(t)
	bakery := sample(t, paycortest.SunriseBakery).body(t)
	p.save(bakery, "?verify=false")
	bakery["name"], bakery["legal_entity_id"] = "Moonlight Bakery", 600001
	p.save(bakery, "?verify=false")
	return p
}

// settled waits until the page has one frame, which was mounted as often as said before: the
// module counts, and React's StrictMode mounts twice while a page is developed.
func (b *tab) settled(p *program, mounts string) *tab {
	b.t.Helper()
	b.until("one frame", func() bool {
		ids, err := tryEval[[]string](b, `[...document.querySelectorAll("iframe")].map(frame => frame.id)`, 0)
		return err == nil && len(ids) == 1 && ids[0] == "paycor-credentials-"+mounts && len(b.frames(p)) == 1
	})
	return b.frame(p)
}

// chooseTwice chooses a credential in the frame, and another one in the picker.
func (b *tab) chooseTwice(p *program, f *tab) {
	b.t.Helper()
	f.press("radio", "~Sunrise Bakery")
	f.press("button", say("continue"))
	b.seesText("Chosen: Sunrise Bakery (cred_")
	b.until("the frame to go", func() bool { return len(b.frames(p)) == 0 })
	b.press("button", "Choose another")
	f = b.frame(p)
	f.press("radio", "~Moonlight Bakery")
	f.press("button", say("continue"))
	b.seesText("Chosen: Moonlight Bakery (cred_")
	assert.Equal(b.t, 0, eval[int](b, `document.querySelectorAll("iframe, dialog").length`))
}

// leaveWhileChoosing removes React's component while its picker is open, which goes with it.
func (b *tab) leaveWhileChoosing(p *program) {
	b.t.Helper()
	b.press("button", "Choose another")
	b.frame(p).get("radio", "~Sunrise Bakery")
	eval[any](b, `dispatchEvent(new Event("unmount")), null`)
	b.until("the picker to be aborted", func() bool { return eval[string](b, `document.title`) == "aborted" })
	assert.Equal(b.t, 0, eval[int](b, `document.querySelectorAll("iframe, dialog").length`))
}

// tryAgain opens the page while the program is stopped, and tries again once it is not.
func (b *tab) tryAgain(p *program, address, mounts string) {
	b.t.Helper()
	b.watch.expect("ERR_CONNECTION_REFUSED|50[02]|connect-src|Content Security Policy")
	p.stop()
	b.navigate(address)
	b.get("button", "Try again")
	p.restart()
	b.press("button", "Try again")
	b.settled(p, mounts).get("radio", "~Sunrise Bakery")
}

// editHeading changes a source file while the page is open, which takes up the change without
// being loaded again: the frame stays as it is.
func (b *tab) editHeading(site *project, file string) {
	b.t.Helper()
	b.until("the page to hear of changes", func() bool {
		b.watch.mu.Lock()
		defer b.watch.mu.Unlock()
		return slices.ContainsFunc(b.watch.console, func(line string) bool { return strings.Contains(line, "] connected") }) // [vite] or [HMR]
	})
	eval[any](b, `document.querySelector("iframe").dataset.same = "yes", null`)
	site.replace(file, "A console with", "An edited console with")
	b.seesText("An edited console with")
	assert.Equal(b.t, []string{"yes"}, eval[[]string](b, `[...document.querySelectorAll("iframe")].map(frame => frame.dataset.same)`))
}

func TestTheExampleWithVite(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, p *program, arguments ...string) (*project, string) {
		t.Helper()
		backend := strings.Replace(freeAddress(t), "localhost", "127.0.0.1", 1)
		site := copyExample(t, "vite", "VITE_CREDENTIALS="+p.address, "BACKEND=http://"+backend)
		site.replace("src/main.tsx", `createRoot(document.getElementById("root")!).render(`,
			`const root = createRoot(document.getElementById("root")!);
			addEventListener("unmount", () => root.unmount());
			root.render(`)
		site.replace("src/console.tsx", "setError)}>Choose another", "(failure) => { document.title = failure.code; })}>Choose another")
		if arguments[0] == "preview" {
			site.run("tsc")
			site.run("vite", "build")
		}
		address := site.serve("vite", append(arguments, "--port", "0")...)
		example(t, p, "node", "../examples/react/server.mjs", "--listen", backend, "--origin", address, "--host", "vite-example", "--credentials", p.address, "--keys", t.TempDir())
		return site, address
	}
	t.Run("development", func(t *testing.T) {
		t.Parallel()
		p := startWithTwo(t)
		site, address := serve(t, p, "dev")
		b := visitHost(t, p, chrom, address)
		f := b.settled(p, "2")
		b.editHeading(site, "src/console.tsx")
		b.chooseTwice(p, f)
		b.leaveWhileChoosing(p)
		b.tryAgain(p, address, "4")
	})
	t.Run("production", func(t *testing.T) {
		t.Parallel()
		p := startWithTwo(t)
		_, address := serve(t, p, "preview")
		b := visitHost(t, p, chrom, address)
		b.chooseTwice(p, b.settled(p, "1"))
		b.leaveWhileChoosing(p)
		b.tryAgain(p, address, "2")
	})
}

// webpack has the custom element, with the strict policy of the backend that serves the page.
func TestTheExampleWithWebpack(t *testing.T) {
	t.Parallel()
	p := startWithTwo(t)
	site := copyExample(t, "webpack")
	bundle := filepath.Join(site.directory, "dist/main.js")
	site.run("webpack", "--mode", "production")
	address := example(t, p, "node", "../examples/react/server.mjs", "--page", bundle, "--listen", "127.0.0.1:0", "--credentials", p.address, "--keys", t.TempDir())
	b := visitHost(t, p, chrom, address)
	b.chooseTwice(p, b.settled(p, "1"))
	b.tryAgain(p, address, "2")

	background(t, site.command("webpack", "--watch", "--mode", "development", "--devtool", "source-map"), `compiled (successfully)`)
	site.replace("src/index.js", "A console with", "An edited console with")
	b.until("another build", func() bool {
		content, err := os.ReadFile(bundle)
		return err == nil && bytes.Contains(content, []byte("An edited console with"))
	})
	b.navigate(address)
	b.seesText("An edited console with webpack")
	b.chooseTwice(p, b.settled(p, "1"))
}

// Next.js renders the page on the server, with both of its bundlers.
func TestTheExampleWithNext(t *testing.T) {
	t.Parallel()
	for _, bundler := range []string{"turbopack", "webpack"} {
		t.Run(bundler, func(t *testing.T) {
			t.Parallel()
			p := startWithTwo(t)
			origin := "http://" + strings.Replace(freeAddress(t), "localhost", "127.0.0.1", 1)
			_, port, _ := strings.Cut(origin, "1:")
			added := command(t, nil, "host", "add", "--data", p.data, "--id", "nextjs-example", "--name", "Example", "--origin", origin, "--rights", "view,edit")
			require.Zero(t, added.code, added.err)
			site := copyExample(t, "nextjs", "CREDENTIALS="+p.address, "API_TOKEN="+p.newToken("--rights", "embed"))
			at := []string{"-H", "127.0.0.1", "-p", port}

			// A server component has the component, too, with a function that runs on the server.
			site.write("app/server/page.jsx", `import { Credentials } from "@paycorcred/embed/react";
				async function getToken() { "use server"; return ""; }
				export default () => <Credentials server="https://credentials.example" hostId="console" getToken={getToken} />;`)
			site.run("next", "build", "--"+bundler)
			t.Run("production", func(t *testing.T) {
				site.t = t
				address := site.serve("next", append([]string{"start"}, at...)...)
				assert.Contains(t, requested(t, http.MethodGet, address), "<h1>A console with Next.js</h1>")
				b := visitHost(t, p, chrom, address)
				b.chooseTwice(p, b.settled(p, "1"))
				b.tryAgain(p, address, "2")
			})
			t.Run("development", func(t *testing.T) {
				site.t = t
				address := site.serve("next", append([]string{"dev", "--" + bundler}, at...)...)
				for method, path := range map[string]string{http.MethodGet: "/", http.MethodPost: "/token"} {
					requested(t, method, address+path) // builds it, which takes long on a busy machine
				}
				b := visitHost(t, p, chrom, address)
				f := b.settled(p, "2")
				b.editHeading(site, "app/console.jsx")
				b.chooseTwice(p, f)
				b.tryAgain(p, address, "4")
			})
		})
	}
}
