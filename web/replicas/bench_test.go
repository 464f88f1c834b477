package replicas_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
)

// How much BenchmarkReplicas does.
const (
	benchRounds      = 5 // in which what is compared alternates, so that both see the same machine
	benchIdle        = 5 * time.Second
	benchCalls       = 10_000 // in one round
	benchSaves       = 300    // in one round
	benchCallers     = 16     // at once
	benchBurst       = 1000   // calls at the moment in which the access token has expired
	benchRevocations = 1000
	benchTries       = 10 // at least, of each token that was revoked
	benchExchange    = 500 * time.Millisecond
)

// BenchmarkReplicas measures three servers on PostgreSQL beside one on SQLite, through HTTP
// and in the same run: the processor time of the servers for a call; saves each second,
// beside bare inserts into a database of the same PostgreSQL; how many token requests and
// failures many callers at once cause whose access token has expired; and how many tries
// with revoked tokens are accepted.
func BenchmarkReplicas(b *testing.B) {
	for b.Loop() {
		// One run measures everything, below.
	}
	database := testkit.StartPostgres(b, "fsync=on")
	paycor := startBenchPaycor(b)
	several, one := &cluster{t: b}, &cluster{t: b}
	several.start(replicas, paycor.URL, databaseFlags(b, newDatabase(database)))
	one.start(1, paycor.URL, []string{"--data", b.TempDir()})
	benchmarkReplicaCalls(b, several, one, paycor.URL)
	benchmarkReplicaSaves(b, several, one, database)
	benchmarkReplicaBurst(b, several, paycor)
	benchmarkReplicaRevocations(b, several)
	b.ReportMetric(0, "ns/op")
}

// benchNumber numbers what is saved.
var benchNumber atomic.Int64

// benchPaycor issues access tokens and answers every call.
type benchPaycor struct {
	*httptest.Server
	exchanges atomic.Int64
	lifetime  atomic.Int64 // of access tokens, in seconds
}

func startBenchPaycor(b *testing.B) *benchPaycor {
	p := &benchPaycor{}
	p.lifetime.Store(1800)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != tokens.TokenPath {
			_, _ = w.Write([]byte(`{"records":[]}`))
			return
		}
		lifetime := p.lifetime.Swap(1800)
		if lifetime == 1800 {
			time.Sleep(benchExchange)
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"invented-%d","expires_in":%d,"token_type":"Bearer"}`, p.exchanges.Add(1), lifetime)
	}))
	b.Cleanup(p.Close)
	return p
}

// saveNumbered saves a credential at any server, without verifying it.
func (c *cluster) saveNumbered(n int64) saved {
	draft := map[string]any{
		"name": fmt.Sprint("Saved ", n), "environment": "test", "client_id": fmt.Sprintf("%020x", 1<<40+n),
		"client_secret": fmt.Sprintf("%042d", n), "subscription_key": fmt.Sprintf("%032x", 1<<40+n), "legal_entity_id": 5,
	}
	return c.savedIn(c.api(int(n)%len(c.servers), "POST", "/credentials?verify=false", draft), http.StatusCreated)
}

// benchmarkReplicaCalls compares the processor time for a call: of replicas, of one server on
// SQLite, and of as many servers on SQLite as there are replicas, which know nothing of each
// other. More processes take more of it for the same calls, whatever they do. That of servers
// without calls, who renew their leases, is told apart.
func benchmarkReplicaCalls(b *testing.B, several, one *cluster, paycor string) {
	apart := []*cluster{one}
	for len(apart) < replicas {
		c := &cluster{t: b}
		c.start(1, paycor, []string{"--data", b.TempDir()})
		apart = append(apart, c)
	}
	processorTime := func(clusters []*cluster) (used time.Duration) {
		for _, c := range clusters {
			used += c.processorTime()
		}
		return used
	}
	idle := func(c *cluster) float64 { // in ms each second
		before := c.processorTime()
		time.Sleep(benchIdle)
		return float64((c.processorTime() - before).Milliseconds()) / benchIdle.Seconds()
	}
	measure := func(calls int64, clusters ...*cluster) float64 { // in µs each call
		type target struct {
			address string
			call    request
		}
		var targets []target
		for _, c := range clusters {
			id := c.saveNumbered(benchNumber.Add(1)).ID
			for _, server := range c.servers {
				target := target{server.address, request{Method: "GET", Path: "/api/v1" + callPath(id), Header: c.bearer()}}
				targets = append(targets, target)
			}
		}
		send := func(n int64) {
			to := targets[int(n)%len(targets)]
			got, err := several.send(b.Context(), to.address, to.call)
			assert.NoError(b, err)
			assert.Equal(b, http.StatusOK, got.Status)
		}
		inParallel(calls/10, send) // the first calls get access tokens
		before := processorTime(clusters)
		inParallel(calls, send)
		return float64((processorTime(clusters) - before).Microseconds()) / float64(calls)
	}
	b.ReportMetric(idle(several), "idle-CPU-ms/s")
	b.ReportMetric(idle(one), "idle-CPU-alone-ms/s")
	var of, alone, ofApart, ratios, ratiosApart []float64
	for i := range benchRounds {
		of = append(of, measure(benchCalls, several))
		alone = append(alone, measure(benchCalls, one))
		ofApart = append(ofApart, measure(benchCalls, apart...))
		ratios, ratiosApart = append(ratios, of[i]/alone[i]), append(ratiosApart, of[i]/ofApart[i])
	}
	b.ReportMetric(median(of), "call-CPU-µs")
	b.ReportMetric(median(alone), "call-CPU-alone-µs")
	b.ReportMetric(median(ofApart), "call-CPU-apart-µs")
	b.ReportMetric(median(ratios), "call-CPU-ratio")
	b.ReportMetric(median(ratiosApart), "call-CPU-apart-ratio")
}

// benchmarkReplicaSaves compares saves with bare inserts, of which each is as durable.
func benchmarkReplicaSaves(b *testing.B, several, one *cluster, database *testkit.PostgresServer) {
	database.Execute(`CREATE DATABASE bare`)
	pool, err := pgxpool.New(b.Context(), database.URL("bare")+"&pool_max_conns="+strconv.Itoa(benchCallers))
	require.NoError(b, err)
	defer pool.Close()
	_, err = pool.Exec(b.Context(), `CREATE TABLE rows (id bigint PRIMARY KEY, text text)`)
	require.NoError(b, err)
	rate := func(act func(n int64)) float64 {
		began := time.Now()
		inParallel(benchSaves, func(int64) { act(benchNumber.Add(1)) })
		return benchSaves / time.Since(began).Seconds()
	}
	var saves, alone, inserts, ratios []float64
	for range benchRounds {
		saves = append(saves, rate(func(n int64) { several.saveNumbered(n) }))
		alone = append(alone, rate(func(n int64) { one.saveNumbered(n) }))
		inserts = append(inserts, rate(func(n int64) {
			_, err := pool.Exec(b.Context(), `INSERT INTO rows VALUES ($1, $2)`, n, "as long as a small credential is")
			assert.NoError(b, err)
		}))
		ratios = append(ratios, saves[len(saves)-1]/inserts[len(inserts)-1])
	}
	b.ReportMetric(median(saves), "saves/s")
	b.ReportMetric(median(alone), "saves-alone/s")
	b.ReportMetric(median(inserts), "bare-inserts/s")
	b.ReportMetric(median(ratios), "saves-ratio")
}

// benchmarkReplicaBurst calls all servers at the moment in which the access token has expired.
func benchmarkReplicaBurst(b *testing.B, several *cluster, paycor *benchPaycor) {
	id := several.saveNumbered(benchNumber.Add(1)).ID
	paycor.lifetime.Store(1)
	require.Equal(b, http.StatusOK, several.api(0, "GET", callPath(id), nil).Status)
	time.Sleep(1100 * time.Millisecond) // until the token has expired
	before := paycor.exchanges.Load()
	header := several.bearer()
	header["Prefer"] = "wait=60"
	var failed atomic.Int64
	var calls sync.WaitGroup
	began := time.Now()
	for n := range benchBurst {
		calls.Go(func() {
			got, err := several.send(context.Background(), several.servers[n%replicas].address, request{Method: "GET", Path: "/api/v1" + callPath(id), Header: header})
			if err != nil || got.Status != http.StatusOK {
				failed.Add(1)
			}
		})
	}
	calls.Wait()
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "burst-ms")
	b.ReportMetric(float64(paycor.exchanges.Load()-before), "burst-exchanges")
	b.ReportMetric(float64(failed.Load()), "burst-failed")
}

// benchmarkReplicaRevocations revokes tokens at one server and tries them at all.
func benchmarkReplicaRevocations(b *testing.B, several *cluster) {
	id := several.saveNumbered(benchNumber.Add(1)).ID
	var took []float64
	tries, accepted := 0, 0
	for n := range benchRevocations {
		created := several.api(n%replicas, "POST", "/tokens", map[string]any{"name": "nightly", "rights": []string{"view", "use"}})
		require.Equal(b, http.StatusCreated, created.Status, created.Body)
		var made struct{ ID, Token string }
		created.into(b, &made)
		call := request{Method: "GET", Path: "/api/v1" + callPath(id), Header: bearer(made.Token)}
		require.Equal(b, replicas, count(several.everywhere(call), http.StatusOK))
		began := time.Now()
		require.Equal(b, http.StatusNoContent, several.api((n+1)%replicas, "DELETE", "/tokens/"+made.ID, nil).Status)
		took = append(took, float64(time.Since(began).Microseconds())/1000)
		var got []answer
		for len(got) < benchTries {
			got = append(got, several.everywhere(call)...)
		}
		tries += len(got)
		accepted += len(got) - count(got, http.StatusUnauthorized)
	}
	b.ReportMetric(median(took), "revocation-ms")
	b.ReportMetric(float64(tries), "revoked-tries")
	b.ReportMetric(float64(accepted), "revoked-accepted")
}

// processorTime returns how much processor time the servers have used.
func (c *cluster) processorTime() (used time.Duration) {
	c.t.Helper()
	for _, s := range c.servers {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
		require.NoError(c.t, err)
		_, after, _ := strings.Cut(string(stat), ") ") // what is before is the name
		fields := strings.Fields(after)
		for _, ticks := range fields[11:13] { // in user mode and in the kernel
			n, err := strconv.Atoi(ticks)
			require.NoError(c.t, err)
			used += time.Duration(n) * time.Second / 100
		}
	}
	return used
}

// inParallel calls act with numbers from 0 in several goroutines.
func inParallel(times int64, act func(n int64)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range benchCallers {
		group.Go(func() {
			for n := next.Add(1) - 1; n < times; n = next.Add(1) - 1 {
				act(n)
			}
		})
	}
	group.Wait()
}

func median(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }
