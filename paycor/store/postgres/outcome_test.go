package postgres_test

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
)

// breakage is what a relay does with a connection at a commit.
type breakage int32

const (
	breakNothing  breakage = iota
	breakBefore            // the server does not get it, and the connection ends
	breakAfter             // the server commits, and its answer is lost
	breakHalfOpen          // the server does not get it, and does not notice that the connection ended
)

// relay is a server in front of PostgreSQL that breaks connections.
type relay struct {
	t        *testing.T
	to       *pgx.ConnConfig
	next     atomic.Int32 // breakage of the next commit
	broken   atomic.Int32 // how many connections it broke
	rejects  atomic.Bool  // it takes no connections
	trips    atomic.Int32 // how often a client sent something
	listener net.Listener
}

// newRelay starts a relay, and returns the config of the same database behind it.
func newRelay(t *testing.T, config postgres.Config) (*relay, postgres.Config) {
	t.Helper()
	to, err := pgx.ParseConfig(config.URL)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	r := &relay{t: t, to: to, listener: listener}
	go r.serve()
	behind, err := url.Parse(config.URL)
	require.NoError(t, err)
	behind.Host = listener.Addr().String()
	query := behind.Query()
	query.Del("host")
	query.Set("sslmode", "disable")
	behind.RawQuery = query.Encode()
	config.URL = behind.String()
	return r, config
}

func (r *relay) serve() {
	for {
		here, err := r.listener.Accept()
		if err != nil {
			return
		}
		network, address := pgconn.NetworkAddress(r.to.Host, r.to.Port)
		there, err := net.Dial(network, address)
		if err != nil || r.rejects.Load() {
			_ = here.Close()
			continue
		}
		lost := &atomic.Bool{} // the next answer is
		go r.answers(here, there, lost)
		go r.requests(here, there, lost)
	}
}

// answers passes on what the server sends, until it is lost.
func (r *relay) answers(here, there net.Conn, lost *atomic.Bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := there.Read(buffer)
		if err != nil || lost.Load() {
			_, _ = here.Close(), there.Close()
			return
		}
		_, _ = here.Write(buffer[:n]) // nobody reads it anymore where it fails
	}
}

// requests passes on what the client sends, until a commit that is to break.
func (r *relay) requests(here, there net.Conn, lost *atomic.Bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := here.Read(buffer)
		if err != nil {
			_ = there.Close()
			return
		}
		r.trips.Add(1)
		kind := breakNothing
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
			kind = breakage(r.next.Swap(int32(breakNothing)))
		}
		switch kind {
		case breakBefore:
			r.broken.Add(1)
			_, _ = here.Close(), there.Close()
			return
		case breakHalfOpen:
			r.broken.Add(1)
			_ = here.Close()
			r.t.Cleanup(func() { _ = there.Close() })
			return
		case breakAfter:
			r.broken.Add(1)
			// The connection ends when the server has committed. A driver that sees the end
			// before cancels what the server does, and a commit may be rolled back then.
			lost.Store(true)
		}
		if _, err := there.Write(buffer[:n]); err != nil {
			_ = here.Close()
			return
		}
	}
}

// breakNext breaks the connection at the next commit.
func (r *relay) breakNext(kind breakage) { r.next.Store(int32(kind)) }

// The outcome of a commit whose connection breaks is looked up: what was committed is not
// done again, and what was not is.
func TestConnectionBreaksDuringCommit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind breakage
		runs int32
	}{
		"before the server gets it":       {breakBefore, 2},
		"after the server got it":         {breakAfter, 1},
		"and the server does not hear it": {breakHalfOpen, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := newConfig(t)
			r, config := newRelay(t, direct)
			if test.kind == breakHalfOpen { // else a slow machine has the server end transactions
				config.Wait = 4 * time.Second
			}
			s := open(t, config)
			require.NoError(t, storetest.SaveWithAudit(s, "before"))
			for i := range 3 {
				var runs atomic.Int32
				r.breakNext(test.kind)
				require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
					runs.Add(1)
					return tx.InsertAPIToken(store.APIToken{ID: fmt.Sprint(i), Hash: []byte{byte(i)}, Workspace: "w"})
				}))
				assert.EqualValues(t, i+1, r.broken.Load(), "the commit was the one that broke")
				assert.Equal(t, test.runs, runs.Load())
			}
			require.NoError(t, storetest.SaveWithAudit(s, "after"))
			other := open(t, direct)
			requireSaved(t, other, []string{"before", "after"})
			require.NoError(t, other.View(t.Context(), func(r store.Reader) error {
				total, _, err := r.CountAPITokens("w", time.Now())
				assert.Equal(t, 3, total)
				return err
			}))
		})
	}
}

// Where the database does not answer, the caller learns that nobody knows.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	r, config := newRelay(t, newConfig(t))
	config.Wait = time.Second
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "before"))
	r.breakNext(breakAfter)
	runs := 0
	err := s.Update(t.Context(), func(tx store.Tx) error {
		runs++
		r.rejects.Store(true)
		return tx.InsertAPIToken(store.APIToken{ID: "t", Hash: []byte{1}, Workspace: "w"})
	})
	require.ErrorContains(t, err, "store.postgres-unknown")
	assert.Equal(t, 1, runs, "it is not done again")
	require.ErrorContains(t, storetest.SaveWithAudit(s, "away"), "store.postgres-unreachable")
	r.rejects.Store(false)
	require.NoError(t, storetest.SaveWithAudit(s, "after"), "it goes on by itself")
}

// After a restart of the database, every connection is broken, and the next view, list and
// version work nevertheless. A view in which the connection breaks says so.
func TestReadsAfterRestart(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	_, err := s.Version(t.Context())
	require.NoError(t, err)
	find := func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }
	var depth func(left int) error
	depth = func(left int) error { // as many views at once as there are connections
		return s.View(t.Context(), func(r store.Reader) error {
			if left > 1 {
				return depth(left - 1)
			}
			return find(r)
		})
	}
	require.NoError(t, depth(config.Readers))
	end := func() {
		run(t, config, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	}
	end()
	require.NoError(t, s.View(t.Context(), find))
	require.NoError(t, s.List(t.Context(), paycor.Caller{Workspace: "w"}, find))
	_, err = s.Version(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Ping(t.Context()))
	require.ErrorContains(t, s.View(t.Context(), func(r store.Reader) error {
		end()
		return find(r)
	}), "store.postgres-unreachable")
	require.NoError(t, s.View(t.Context(), find))
}

// A version does not wait for views.
func TestVersionDuringViews(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	config.Readers = 1
	s := open(t, config)
	require.NoError(t, s.View(t.Context(), func(store.Reader) error {
		_, err := s.Version(t.Context())
		return err
	}))
}

// Updates whose connections break before the commit run again.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	admin, err := pgx.Connect(t.Context(), config.URL)
	require.NoError(t, err)
	defer func() { _ = admin.Close(t.Context()) }()
	var saved atomic.Int32
	done := make(chan []string)
	for i := range 4 {
		go func() {
			var ids []string
			for n := range 25 {
				id := fmt.Sprintf("%d-%d", i, n)
				if assert.NoError(t, storetest.SaveWithAudit(s, id)) {
					ids = append(ids, id)
				}
				saved.Add(1)
			}
			done <- ids
		}()
	}
	for kill := range int32(8) {
		assert.Eventually(t, func() bool { return saved.Load() >= 10*kill }, time.Minute, time.Millisecond)
		_, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		require.NoError(t, err)
	}
	var all []string
	for range 4 {
		all = append(all, <-done...)
	}
	requireSaved(t, s, all)
}
