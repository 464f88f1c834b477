package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// Sizes of the measured databases.
const (
	scaleEntries = 1_000_000 // audit entries in the largest
	scaleTokens  = 200
	scaleFew     = 1000   // credentials of the smallest, with which calls are compared
	scaleRounds  = 5      // in which what is compared alternates, so that both see the same machine
	scaleCalls   = 10_000 // at least; with more credentials, one call each
	scaleBlock   = 300    // calls of another workspace in one round
)

// BenchmarkScale prints what requests cost with many credentials: medians through HTTP
// in ms, each credential called in turn, and the memory and descriptors of the server
// afterwards.
func BenchmarkScale(b *testing.B) {
	for _, count := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint("credentials=", count), func(b *testing.B) { benchmarkScale(b, count) })
	}
}

func benchmarkScale(b *testing.B, count int) {
	for b.Loop() {
		// One run measures everything, below, because filling the database takes longest.
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"records":[]}`))
	}))
	defer upstream.Close()
	data := b.TempDir()
	entries := 0
	if count == 100_000 {
		entries = scaleEntries
	}
	fillDatabase(b, filepath.Join(data, "paycorcred.db"), count, entries)

	begin := time.Now()
	p := launch(b, plain, data, "--environment", "bench="+upstream.URL, "--call-limit", "1000000")
	require.Equal(b, http.StatusOK, p.do(ask{Method: "GET", Path: "/readyz"}).Status)
	b.ReportMetric(milliseconds(time.Since(begin)), "start-ms")
	admin, session := p.bearer(), p.session()
	use := p.newToken("--rights", "use")
	other := p.newToken("--rights", "use", "--workspace", "other")
	view := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view")}

	measure := func(unit string, times int, header map[string]string, method, path string, body func(i int) any) {
		took := make([]float64, times)
		for i := range took {
			var sent any
			if body != nil {
				sent = body(i)
			}
			start := time.Now()
			got := p.do(ask{Method: method, Path: path, Header: header, Body: sent})
			took[i] = milliseconds(time.Since(start))
			require.Less(b, got.Status, 300, "%s: %s", path, got.Body)
		}
		b.ReportMetric(median(took), unit)
	}
	list := "/api/v1/credentials?q="
	measure("list-ms", 21, view, "GET", "/api/v1/credentials", nil)
	measure("search-rare-ms", 21, view, "GET", list+url.QueryEscape(scaleName(count/2)), nil)
	measure("search-many-ms", 21, view, "GET", list+"payroll", nil)
	measure("search-some-ms", 21, view, "GET", list+"team+7", nil)
	measure("search-none-ms", 21, view, "GET", list+"zebra", nil)
	measure("page-ms", 11, session, "GET", "/", nil)
	measure("consumers-ms", 11, session, "GET", "/consumers", nil)
	if entries > 0 {
		measure("audit-ms", 11, admin, "GET", "/api/v1/audit", nil)
		measure("audit-none-ms", 3, admin, "GET", "/api/v1/audit?caller=nobody", nil)
	}
	measure("save-ms", 51, admin, "POST", "/api/v1/credentials?verify=false", func(i int) any {
		return map[string]any{
			"name": fmt.Sprint("Saved ", i), "environment": "bench", "client_id": fmt.Sprintf("%020x", 1<<40+i),
			"client_secret": fmt.Sprintf("%042d", i), "subscription_key": fmt.Sprintf("%032x", 1<<40+i), "legal_entity_id": 5,
		}
	})

	p.benchmarkCalls(b, use, count)
	p.benchmarkBesieged(b, other)

	b.ReportMetric(p.idles(), "memory-MB")
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.command.Process.Pid))
	require.NoError(b, err)
	b.ReportMetric(float64(len(open)), "descriptors")
	b.ReportMetric(0, "ns/op")
}

// benchmarkCalls calls each credential in turn, so that as few calls as possible find their
// state in memory, and a few credentials that are in memory, and compares them.
func (p *program) benchmarkCalls(b *testing.B, token string, count int) {
	call := func(i int) float64 {
		start := time.Now()
		require.Equal(b, http.StatusOK, p.through(token, "GET", scaleID(i), "/v1/a", nil).Status)
		return milliseconds(time.Since(start))
	}
	var few, all, ratios []float64
	next := 0
	for range scaleRounds {
		for i := range scaleFew { // so that their state is in memory again
			call(i)
		}
		var ofFew, ofAll []float64
		for i := range scaleFew {
			ofFew = append(ofFew, call(i))
		}
		for range max(scaleCalls, count) / scaleRounds {
			ofAll = append(ofAll, call(next*7919%count))
			next++
		}
		ratios = append(ratios, quantile(ofAll, 0.5)/quantile(ofFew, 0.5))
		few, all = append(few, ofFew...), append(all, ofAll...)
	}
	b.ReportMetric(quantile(few, 0.5), "call-of-1000-p50-ms")
	b.ReportMetric(quantile(all, 0.5), "call-p50-ms")
	b.ReportMetric(quantile(all, 0.99), "call-p99-ms")
	b.ReportMetric(median(ratios), "call-p50-ratio")
}

// benchmarkBesieged measures the calls of another workspace in turn with and without a
// caller who searches as much as it can: from its first search on, and once it has used up
// what a quiet one may ask for at once.
func (p *program) benchmarkBesieged(b *testing.B, other string) {
	var calm, first, later, firstRatios, laterRatios []float64
	for range scaleRounds {
		hostile := p.newToken("--rights", "view")
		quiet := quantile(p.callTimes(b, other), 0.99)
		stop := p.besiege(hostile)
		begun := quantile(p.callTimes(b, other), 0.99)
		time.Sleep(3 * time.Second)
		lasting := quantile(p.callTimes(b, other), 0.99)
		stop()
		calm, first, later = append(calm, quiet), append(first, begun), append(later, lasting)
		firstRatios, laterRatios = append(firstRatios, begun/quiet), append(laterRatios, lasting/quiet)
	}
	b.ReportMetric(median(calm), "other-p99-ms")
	b.ReportMetric(median(first), "other-p99-besieged-first-ms")
	b.ReportMetric(median(later), "other-p99-besieged-ms")
	b.ReportMetric(median(firstRatios), "other-p99-ratio-first")
	b.ReportMetric(median(laterRatios), "other-p99-ratio")
}

// callTimes measures calls of the other workspace, at an even pace.
func (p *program) callTimes(b *testing.B, token string) []float64 {
	took := make([]float64, scaleBlock)
	for i := range took {
		start := time.Now()
		require.Equal(b, http.StatusOK, p.through(token, "GET", "cred_other", "/v1/a", nil).Status)
		took[i] = milliseconds(time.Since(start))
		time.Sleep(5 * time.Millisecond)
	}
	return took
}

// besiegeVariable holds the address to besiege, in the environment of the process that
// does so.
const besiegeVariable = "PAYCORCRED_BESIEGE"

// besiege has another process send the searches that cost most, 32 at once, until the
// function it returns is called. In this process they would slow the measuring.
func (p *program) besiege(token string) (stop func()) {
	p.t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), besiegeVariable+"="+p.address+" "+token)
	require.NoError(p.t, command.Start())
	time.Sleep(time.Second) // until they are under way
	return func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

// sendSearches besieges a program until the process is killed.
func sendSearches(address, token string) {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) // elsewhere it would have its own processors
	for i := range 32 {
		go func() {
			for n := i; ; n++ {
				words := []string{"payroll", "pay+exp+nig", "team", "a+b", ""}[n%5]
				request, err := http.NewRequestWithContext(context.Background(), "GET", address+"/api/v1/credentials?limit=200&q="+words, nil)
				if err != nil {
					panic(err)
				}
				request.Header.Set("Authorization", "Bearer "+token)
				if response, err := plainClient.Do(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}
		}()
	}
	select {}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func quantile(all []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func scaleID(i int) string { return fmt.Sprintf("cred_%026d", i) }

func scaleName(i int) string { return fmt.Sprintf("Payroll export %06d", i) }

// fillDatabase makes a database with credentials that have a token already, and one of
// another workspace.
func fillDatabase(b *testing.B, path string, count, entries int) {
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	now := time.Now().UTC().Truncate(time.Millisecond)
	inBatches := func(total, size int, write func(tx store.Tx, i int) error) {
		for from := 0; from < total; from += size {
			require.NoError(b, s.Update(b.Context(), func(tx store.Tx) error {
				for i := from; i < min(from+size, total); i++ {
					if err := write(tx, i); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	}
	inBatches(count, 2000, func(tx store.Tx, i int) error { return insertScaled(tx, "default", scaleID(i), i, now) })
	inBatches(1, 1, func(tx store.Tx, _ int) error { return insertScaled(tx, "other", "cred_other", 1<<30, now) })
	inBatches(scaleTokens, scaleTokens, func(tx store.Tx, i int) error {
		return tx.InsertAPIToken(store.APIToken{
			ID: fmt.Sprint("token_", i), Hash: []byte(fmt.Sprint(i)), Name: fmt.Sprint("Import ", i), Workspace: "default",
			Rights: paycor.Rights{paycor.RightUse}, Credentials: []string{scaleID(i * 3)}, CreatedAt: now,
		})
	})
	var last *audit.Entry
	inBatches(entries, 10_000, func(tx store.Tx, i int) error {
		entry := audit.Link(last, audit.Entry{
			At: now, Workspace: "default", CallerKind: paycor.CallerConsumer, CallerID: "token_1", CallerName: "Import", From: "192.0.2.1",
			RequestID: "r", Action: audit.ActionUses, Credential: scaleID(i % count), Outcome: "done", Detail: "calls=1 done=1",
		})
		last = &entry
		return tx.AppendAudit(entry)
	})
}

func insertScaled(tx store.Tx, workspace, id string, i int, now time.Time) error {
	credential := paycor.Credential{
		ID: id, ApplicationID: "app_" + id, Name: scaleName(i), Description: fmt.Sprintf("nightly finance export of team %d", i%50), Environment: "bench",
		Grant: paycor.GrantClientCredentials, ClientID: fmt.Sprintf("%020x", i), LegalEntityID: int32(i%100_000) + 1, Scope: "scope",
		ClientSecretSavedAt: now, SubscriptionKeySavedAt: now, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	secrets := store.Secrets{
		fields.ClientSecret: paycor.NewSecret(fmt.Sprintf("%042d", i)), fields.SubscriptionKey: paycor.NewSecret(fmt.Sprintf("%032x", i)),
	}
	token := store.Secrets{fields.AccessToken: paycor.NewSecret(fmt.Sprintf("%01000d", i))}
	state := store.TokenState{SavedAt: now, ExpiresAt: now.Add(24 * time.Hour), RenewAt: now.Add(23 * time.Hour)}
	return errors.Join(tx.InsertCredential(workspace, credential, secrets), tx.PutTokenState(workspace, id, state, token))
}
