package e2e_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

var simulatorPattern = regexp.MustCompile(`is listening on (http://\S+)\. `)

// separateSimulator runs the simulator as a separate process: it prints its
// sample secrets, so it must not share the output of the program under test.
func separateSimulator(t testing.TB) string {
	t.Helper()
	said, ended := &testkit.Output{}, make(chan struct{})
	run := exec.Command(raced, "simulator", "--listen", "127.0.0.1:0")
	run.Stdout, run.Stderr = said, said
	require.NoError(t, run.Start())
	go func() { _ = run.Wait(); close(ended) }()
	t.Cleanup(func() { _ = run.Process.Kill(); <-ended })
	timer := time.AfterFunc(timeout, func() { _ = run.Process.Kill() })
	defer timer.Stop()
	address, found := said.Await(simulatorPattern, ended)
	require.True(t, found, "the simulator did not start:\n%s", said)
	return address
}

// invented returns a value of n characters that occurs nowhere by chance.
func invented(n int, alphabet string) string {
	random := make([]byte, n)
	_, _ = rand.Read(random)
	for i := range random {
		random[i] = alphabet[int(random[i])%len(alphabet)]
	}
	return string(random)
}

// The secrets of a save, accepted or rejected by Paycor, appear in no response,
// not in the page, in the browser's storage or memory, and nowhere on the
// server's disk or in its output.
func TestNoSecretOfASaveLeaks(t *testing.T) {
	t.Parallel()
	simulator := separateSimulator(t)
	p := launch(t, raced, t.TempDir(), "--environment", "simulator="+simulator)
	bakery := sample(t, paycortest.SunriseBakery)
	rejected := bakery
	rejected.Name = say("audit.outcome.refused")
	rejected.ClientSecret = "Q/+" + invented(38, "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789/+")
	rejected.Key = invented(32, "0123456789abcdef")
	look := &search{t: t, canaries: map[string]string{
		"verified Client Secret": bakery.ClientSecret, "verified APIM Subscription Key": bakery.Key,
		"rejected Client Secret": rejected.ClientSecret, "rejected APIM Subscription Key": rejected.Key,
	}}

	b := open(t, p)
	recorded := b.record()
	b.signIn()
	for _, f := range []form{rejected, bakery} {
		b.press("button", say("add"))
		b.focusOn("textbox", say("label.name"))
		b.key("S")
		b.press("combobox", "Environment")
		b.key("sim")
		b.complete(f)
		b.pressNode(described(t, b, "button", say("show"), "Client Secret"))
		b.press("button", say("save"))
		if f.Name != rejected.Name {
			b.alert(say("same.values", rejected.Name))
			b.press("button", say("save.anyway"))
		} else {
			b.alert(say("verdict.subscription_key_rejected"))
			b.press("button", say("save.anyway"))
		}
		b.absent("dialog", say("add.title"))
		b.get("radio", "~"+f.Name)
	}

	// What the browser received and shows.
	bodies := map[string]bool{}
	recorded.each(func(asked string, content []byte) {
		look.in("the answer to "+asked, content)
		for _, part := range []string{"POST .*/api/v1/verify", "POST .*/api/v1/credentials", "GET .*/api/v1/credentials", "credentials.wasm", "sign-in", "localhost:[0-9]+/$"} {
			if regexp.MustCompile(part).MatchString(asked) && len(content) > 200 {
				bodies[part] = true
			}
		}
	})
	assert.Len(t, bodies, 6, "the answers were looked through: %v", bodies)
	for _, asked := range b.watch.requested() {
		look.in("an address", []byte(asked))
	}
	look.in("the page's HTML", []byte(eval[string](b, `document.documentElement.outerHTML`)))
	values := eval[[]string](b, `[...document.querySelectorAll("input, textarea, select, option")].map(e => e.id + "=" + e.value + " " + (e.defaultValue ?? ""))`)
	look.in("the fields' values", []byte(strings.Join(values, "\n")))
	b.storesNothing()

	// The page's memory. The credential's name is in it, which proves that the
	// search works.
	snapshot := b.heap()
	assert.Contains(t, string(snapshot), say("add.title"), "the heap was looked through")
	look.in("the page's JavaScript heap", snapshot)
	needles := look.needles()
	needles["planted"] = []byte("Sunrise Bakery LLC")
	for prototype, least := range map[string]int64{"WebAssembly.Memory.prototype": 1 << 20, "ArrayBuffer.prototype": 0, "Uint8Array.prototype": 0} {
		var seen memoryResult
		secrets := func() int { return len(seen.Found) - len(seen.plantedFinds()) }
		for begin := time.Now(); time.Since(begin) < 10*time.Second; { // dropped values are wiped a moment later
			if seen = b.memory(prototype, needles); secrets() == 0 {
				break
			}
		}
		assert.GreaterOrEqual(t, seen.Size, least, prototype)
		assert.Zero(t, secrets(), "secrets in the page's memory, %s: %s", prototype, strings.Join(seen.Found, "\n"))
		assert.True(t, len(seen.plantedFinds()) > 0 || least == 0, "the page's program was looked through")
		look.places += seen.Buffers
	}

	// What the server responds, logs and stores.
	var list paycor.CredentialPage
	answers := p.api("GET", "/credentials", nil)
	answers.into(t, &list)
	require.Len(t, list.Credentials, 2)
	paths := []string{"/credentials", "/credentials?q=Sunrise", "/environments", "/openapi.yaml", "/audit?limit=200", "/audit/export"}
	for _, credential := range list.Credentials {
		paths = append(paths, "/credentials/"+credential.ID, "/credentials/"+credential.ID+"/history")
	}
	for _, path := range paths {
		got := p.api("GET", path, nil)
		require.Equal(t, http.StatusOK, got.Status, path)
		look.in("GET "+path, append(fmt.Appendf(nil, "%v", got.Header), got.Body...))
	}
	for _, credential := range list.Credentials {
		got := p.api("POST", "/credentials/"+credential.ID+"/verify", nil)
		look.in("verifying again", got.Body)
		page := p.do(ask{Method: "GET", Path: "/credentials/" + credential.ID, Header: p.sessionOf(t)})
		look.in("the credential's page", page.Body)
	}
	metrics := p.do(ask{Method: "GET", Path: "/metrics", Header: p.bearer()})
	require.Equal(t, http.StatusOK, metrics.Status)
	look.in("the metrics", metrics.Body)
	look.in("the page of the audit trail", p.do(ask{Method: "GET", Path: "/audit", Header: p.sessionOf(t)}).Body)
	for name, broken := range map[string]string{
		"an unknown field": `{"name":"x","client_secret":"` + rejected.ClientSecret + `","subscription_key":"` + rejected.Key + `","more":1}`,
		"a cut-off body":   `{"client_secret":"` + rejected.ClientSecret + `","subscription_key":"` + rejected.Key,
		"a swapped body":   `{"name":"x","environment":"simulator","client_id":"` + rejected.Key + `","client_secret":"` + rejected.Key + `","legal_entity_id":1}`,
		"a secret as name": `{"client_secret":{"` + rejected.ClientSecret + `":1}}`,
	} {
		got := p.api("POST", "/credentials", []byte(broken))
		require.GreaterOrEqual(t, got.Status, 400)
		look.in("the answer to "+name, append(fmt.Appendf(nil, "%v", got.Header), got.Body...))
	}

	look.files("running", p.data)
	b.watch.expect("ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION")
	p.kill()
	look.in("the server's output", []byte(p.output.String()))
	look.files("killed", p.data)
	t.Logf("%d places were looked through, each for %d needles", look.places, len(needles)-1)
}

// sessionOf signs in with a new link.
func (p *program) sessionOf(t testing.TB) map[string]string {
	t.Helper()
	p.link = newLink(t, p)
	return p.session()
}

// files searches every file in a directory.
func (s *search) files(when, directory string) {
	s.t.Helper()
	found := 0
	require.NoError(s.t, filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found++
		s.in(filepath.Base(path)+" of the "+when+" server", content)
		return err
	}))
	assert.GreaterOrEqual(s.t, found, 2, "the files were looked through")
}

// Secrets in Paycor's own messages are redacted.
func TestPaycorsEchoOfASecretIsRedacted(t *testing.T) {
	t.Parallel()
	secret := "Z/+" + invented(38, "abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789/+")
	key := invented(32, "0123456789abcdef")
	echo := echoingPaycor(t)
	p := launch(t, raced, t.TempDir(), "--environment", "echo="+echo)
	look := &search{t: t, canaries: map[string]string{"echoed Client Secret": secret, "echoed APIM Subscription Key": key}}

	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.press("combobox", "Environment")
	b.key("echo")
	b.complete(form{"Echo", "", "00000000000000000abc", secret, key, "501123"})
	b.press("button", say("save"))
	b.alert(say("verdict.detail"))
	words := b.textOf()
	require.Contains(t, words, "you sent", "Paycor's own words are shown")
	look.in("the page", []byte(words))
	look.in("the page's HTML", []byte(eval[string](b, `document.documentElement.outerHTML`)))
	b.press("button", say("save.anyway"))
	b.absent("dialog", say("add.title"))
	b.follow("link", "~Echo")
	b.seesText("you sent")
	look.in("the credential's own page", []byte(eval[string](b, `document.documentElement.outerHTML`)))
	for _, path := range []string{"/credentials", "/credentials?q=Echo"} {
		look.in("GET "+path, p.api("GET", path, nil).Body)
	}
	b.watch.expect("Failed to load resource.*/api/v1/events") // the page keeps its event stream open while the program stops
	p.stop()
	look.in("the server's output", []byte(p.output.String()))
	look.files("stopped", p.data)
}
