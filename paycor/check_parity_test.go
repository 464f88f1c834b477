package paycor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// The page and the server run the same validation function: the same drafts go
// through Check here and as WebAssembly, in Node.js and in Chromium if they are
// installed, and the results are identical byte for byte.
func TestPageAndServerAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program for the browser")
	}
	rows, reports := agreeTable(t)
	wasm := filepath.Join(t.TempDir(), "agree.wasm")
	build := exec.CommandContext(bounded(t), "go", "build", "-o", wasm, "./testdata/agree")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	root, err := exec.CommandContext(bounded(t), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	support := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm")

	t.Run("node", func(t *testing.T) {
		node, err := exec.LookPath("node")
		if err != nil {
			t.Skip("there is no node here; Chromium compares as well")
		}
		run := exec.CommandContext(bounded(t), node, "--stack-size=8192", filepath.Join(support, "wasm_exec_node.js"), wasm)
		run.Stdin = bytes.NewReader(rows)
		run.Stderr = os.Stderr
		got, err := run.Output()
		require.NoError(t, err)
		assertSameReports(t, reports, got)
	})
	t.Run("Chromium", func(t *testing.T) {
		assertSameReports(t, reports, inChromium(t, wasm, support, rows))
	})
}

// inChromium opens a page that runs the program, and returns its output.
func inChromium(t *testing.T, wasm, support string, rows []byte) []byte {
	t.Helper()
	var chromium string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		t.Skip("there is no Chromium here; node compares as well")
	}
	written := make(chan []byte, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/agree/index.html") })
	mux.HandleFunc("GET /wasm_exec.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(support, "wasm_exec.js"))
	})
	mux.HandleFunc("GET /agree.wasm", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wasm")
		http.ServeFile(w, r, wasm)
	})
	mux.HandleFunc("GET /drafts", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(rows) })
	mux.HandleFunc("POST /reports", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case written <- body:
		default:
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	profile, err := os.MkdirTemp("", "agree")
	require.NoError(t, err)
	defer func() { _ = os.RemoveAll(profile) }()
	ctx, stop := context.WithCancel(bounded(t))
	defer stop()
	browser := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0", "--user-data-dir="+profile, server.URL)
	browser.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	browser.Stderr = &complaints
	require.NoError(t, browser.Start())
	ended := make(chan error, 1)
	go func() { ended <- browser.Wait() }()

	select {
	case body := <-written:
		stop()
		<-ended
		return body
	case err := <-ended:
		require.FailNow(t, "Chromium ended without a report", "%v: %s", err, complaints.String())
	case <-ctx.Done():
		<-ended
		require.FailNow(t, "Chromium took too long", complaints.String())
	}
	return nil
}

// agreeTable returns some hundred drafts in the program's input format, and the
// results of Check for them here.
func agreeTable(t *testing.T) (rows, reports []byte) {
	t.Helper()
	type rules struct {
		Stored            []fields.Field
		StoredEnvironment string
		Verification      bool
	}
	var drafts []paycor.Draft
	for _, field := range allFields {
		for _, typing := range typings {
			drafts = append(drafts, with(field, typing))
		}
	}
	chance := rand.New(rand.NewPCG(1, 2)) // the same drafts each time
	for range 400 {
		draft := good()
		for _, field := range allFields {
			if chance.IntN(2) == 0 {
				draft = set(draft, field, typings[chance.IntN(len(typings))])
			}
		}
		drafts = append(drafts, draft)
	}
	var table []map[string]any
	var found []paycor.Report
	for i, draft := range drafts {
		values := map[fields.Field][]byte{}
		for _, spec := range paycor.FieldTable() {
			values[spec.Field] = []byte(spec.Get(draft))
		}
		row := map[string]any{"Values": values}
		kept := rules{Verification: i%3 == 1}
		if i%3 == 2 {
			kept.Stored = []fields.Field{fields.ClientSecret, fields.SubscriptionKey}
		}
		if i%2 == 1 {
			kept.StoredEnvironment = "sandbox"
		}
		row["Stored"], row["StoredEnvironment"], row["Verification"] = kept.Stored, kept.StoredEnvironment, kept.Verification
		table = append(table, row)
		found = append(found, paycor.Check(draft, paycor.Rules{Environments: paycor.Environments(), Stored: kept.Stored, StoredEnvironment: kept.StoredEnvironment, Verification: kept.Verification}))
	}
	rows, err := json.Marshal(table)
	require.NoError(t, err)
	reports, err = json.Marshal(found)
	require.NoError(t, err)
	return rows, reports
}

func assertSameReports(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	var here, there []paycor.Report
	require.NoError(t, json.Unmarshal(want, &here))
	require.NoError(t, json.Unmarshal(got, &there), string(got[:min(len(got), 1000)]))
	require.Len(t, there, len(here))
	for i := range here {
		require.Equal(t, here[i], there[i], "draft %d", i)
	}
	assert.Fail(t, "the reports say the same in different bytes")
}

// bounded returns a context that ends with the test or after three minutes.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
