package credentials_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

func program(id string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerConsumer, ID: id, Name: "Name of " + id, Workspace: "default", Rights: paycor.Rights{paycor.RightUse}, From: "192.0.2.7"}
}

func (b *bench) use(credential, caller string, status int) usage.Call {
	return usage.Call{
		Caller: program(caller), Credential: credential, Environment: "production", At: b.clock.Now(), Method: "GET", Status: status,
		CorrelationID: "corr-1", RequestID: "req-1", Took: time.Millisecond,
	}
}

func (b *bench) usage(t *testing.T, id string) usage.Usage {
	t.Helper()
	used, err := b.As(everyRight()).Usage(t.Context(), id)
	require.NoError(t, err)
	return used
}

func TestUsesAreCountedByHourAndCallerAndOutcome(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	for _, status := range []int{200, 204, 302, 401, 404, 429, 500, 503, 0} {
		b.Used(b.use(saved.ID, "one", status))
	}
	b.clock.Pass(2 * time.Hour)
	b.Used(b.use(saved.ID, "two", 200))
	used := b.usage(t, saved.ID)

	require.Len(t, used.Hours, 24)
	assert.Equal(t, b.clock.Now().Truncate(time.Hour), used.Hours[23].Begins)
	assert.Equal(t, usage.Counts{Done: 1}, used.Hours[23].Counts)
	first := usage.Counts{Done: 3, Refused: 2, Throttled: 1, Failed: 2, Aborted: 1}
	assert.Equal(t, first, used.Hours[21].Counts)
	assert.EqualValues(t, 10, used.Total().Calls())
	assert.EqualValues(t, 5, used.Total().Errors())
	require.Len(t, used.Users, 2)
	assert.Equal(t, "Name of two", used.Users[0].Name, "the latest first")
	assert.Equal(t, first, used.Users[1].Day)
	require.Len(t, used.Failures, 5)
	assert.Equal(t, 503, used.Failures[0].Status)
	assert.Equal(t, "corr-1", used.Failures[0].CorrelationID)
	found, err := b.As(everyRight()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.WithinDuration(t, b.clock.Now(), found.LastUsedAt, time.Second)
	assert.Equal(t, saved.Version, found.Version, "a use is no change")

	b.clock.Pass(23 * time.Hour)
	assert.EqualValues(t, 1, b.usage(t, saved.ID).Total().Calls(), "the day goes on")
	assert.EqualValues(t, 1, b.usage(t, saved.ID).Hours[0].Calls())
}

func TestWhoUsesItSaysWhoseTokenHasEnded(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	ids := map[string]string{}
	for _, name := range []string{"works", "revoked", "expired"} {
		draft := consumer.Draft{Name: name, Rights: paycor.Rights{paycor.RightUse}}
		if name == "expired" {
			draft.ExpiresAt = b.clock.Now().Add(time.Hour)
		}
		made, err := b.As(everyRight()).CreateConsumer(t.Context(), draft)
		require.NoError(t, err)
		ids[made.ID] = name
		b.Used(b.use(saved.ID, made.ID, 200))
		if name == "revoked" {
			require.NoError(t, b.As(everyRight()).RevokeConsumer(t.Context(), made.ID))
		}
	}
	b.Used(b.use(saved.ID, "token_of_long_ago", 200))
	b.clock.Pass(time.Hour)
	found := map[string]consumer.State{}
	for _, user := range b.usage(t, saved.ID).Users {
		found[ids[user.ID]] = user.Ended
	}
	assert.Equal(t, map[string]consumer.State{"works": "", "revoked": consumer.Revoked, "expired": consumer.Expired, "": ""}, found)
}

func TestTheTrailHasOneEntryForEachMinute(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	uses := func() (found []audit.Entry) {
		for _, entry := range b.trail(t) {
			if entry.Action == audit.ActionUses {
				found = append(found, entry)
			}
		}
		return found
	}
	for range 40 {
		b.Used(b.use(saved.ID, "one", 200))
		require.True(t, credentials.Flush(t.Context(), b.Manager))
	}
	b.Used(b.use(saved.ID, "two", 500))
	require.True(t, credentials.Flush(t.Context(), b.Manager))
	assert.Empty(t, uses(), "the minute is not over")
	b.clock.Pass(time.Minute)
	b.Used(b.use(saved.ID, "one", 200))
	b.Used(b.use(saved.ID, "one", 404))
	require.True(t, credentials.Flush(t.Context(), b.Manager))
	found := uses()
	require.Len(t, found, 2)
	assert.Equal(t, "calls=1 done=0 refused=0 throttled=0 failed=1 aborted=0 minute=2026-03-01T12:00:00Z", found[0].Detail)
	assert.Equal(t, "failed", found[0].Outcome)
	assert.Equal(t, "calls=40 done=40 refused=0 throttled=0 failed=0 aborted=0 minute=2026-03-01T12:00:00Z", found[1].Detail)
	assert.Equal(t, [...]string{"consumer", "one", "Name of one", "192.0.2.7", saved.ID, "done"},
		[...]string{string(found[1].CallerKind), found[1].CallerID, found[1].CallerName, found[1].From, found[1].Credential, found[1].Outcome})

	// A clean stop leaves nothing behind.
	b.Used(b.use(saved.ID, "one", 200))
	require.NoError(t, b.Drain(t.Context()))
	found = uses()
	require.Len(t, found, 3)
	assert.Contains(t, found[0].Detail, "calls=3 done=2 refused=1")
	assert.Equal(t, "partly", found[0].Outcome)
	assert.EqualValues(t, 44, b.usage(t, saved.ID).Total().Calls())

	history, err := b.As(everyRight()).History(t.Context(), saved.ID)
	require.NoError(t, err)
	for _, entry := range history {
		assert.NotEqual(t, audit.ActionUses, entry.Action)
	}
	assert.NotEmpty(t, history)
	trail := b.trail(t)
	require.NoError(t, audit.Verify(nil, func(yield func(audit.Entry) bool) {
		for i := len(trail) - 1; i >= 0 && yield(trail[i]); i-- {
		}
	}), "they are chained as all others")
}

func TestWhatIsNoCredentialAnyMoreStillGetsIntoTheTrail(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	require.NoError(t, b.As(everyRight()).Delete(t.Context(), saved.ID, ""))
	b.Used(b.use(saved.ID, "one", 500))
	require.NoError(t, b.Drain(t.Context()))
	assert.Equal(t, audit.ActionUses, b.trail(t)[0].Action)
	assert.Equal(t, saved.ID, b.trail(t)[0].Credential)
}

// What comes from outside is kept only where it is short and plain.
func TestAFailureKeepsPlainTextsOnly(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	for name, text := range map[string]string{
		"line break": "a\nb", "html": "<b>", "long": strings.Repeat("a", 65), "not UTF-8": "\xff", "blank": "Bearer x",
	} {
		t.Run(name, func(t *testing.T) {
			use := b.use(saved.ID, "one", 500)
			use.CorrelationID, use.RequestID, use.Method, use.Code = text, text, text, verdicts.Code(text)
			b.Used(use)
			kept := b.usage(t, saved.ID).Failures[0]
			assert.Equal(t, [...]string{"", "", "", ""}, [...]string{kept.CorrelationID, kept.RequestID, kept.Method, string(kept.Code)})
		})
	}
}

// faultyStore refuses to write as long as it is told to.
type faultyStore struct {
	store.Store
	broken atomic.Bool
	during func() // an update that fails; nil is nothing
}

func (s *faultyStore) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.broken.Load() {
		if s.during != nil {
			s.during()
		}
		return errors.New("the disk is full")
	}
	return s.Store.Update(ctx, write)
}

func TestUsesThatCannotBeWrittenStopFurtherOnes(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	faulty := &faultyStore{Store: b.store}
	said := &text{}
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: faulty, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now, Logger: slog.New(slog.NewTextHandler(said, nil))})
	require.NoError(t, err)
	require.True(t, credentials.Flush(t.Context(), m))
	faulty.broken.Store(true)
	for range 5 {
		m.Used(b.use(saved.ID, "one", 500))
		assert.False(t, credentials.Flush(t.Context(), m))
		b.clock.Pass(time.Second)
	}
	assert.NoError(t, m.Countable(), "for a while they only wait")
	assert.NoError(t, m.Ready(t.Context()))
	assert.EqualValues(t, 5, m.Waiting())
	b.clock.Pass(credentials.UseGrace)
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Countable()))
	assert.Error(t, m.Ready(t.Context()))
	assert.Equal(t, 1, strings.Count(said.String(), "uses cannot be written down"), "said once")

	faulty.broken.Store(false)
	require.True(t, credentials.Flush(t.Context(), m))
	assert.NoError(t, m.Countable())
	assert.Zero(t, m.Waiting())
	assert.Contains(t, said.String(), "uses are written down again")
	assert.EqualValues(t, 5, b.usage(t, saved.ID).Total().Calls(), "nothing was lost")
	failures := b.usage(t, saved.ID).Failures
	require.Len(t, failures, 1)
	assert.EqualValues(t, 5, failures[0].Count, "and each failure is counted once")
	assert.Equal(t, 4*time.Second, failures[0].At.Sub(failures[0].FirstAt))
}

// A burst of one failure takes one place, in memory and in the store, and each
// of it is counted: over flushes, and by two servers on one database.
func TestABurstOfFailuresLeavesItsCause(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	besides, err := sqlite.Open(t.Context(), sqlite.Config{Path: b.path, KeyFile: filepath.Join(filepath.Dir(b.path), "test.key")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, besides.Close()) })
	other, err := credentials.New(credentials.Config{LastFlush: patience, Store: besides, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)

	cause := b.use(saved.ID, "one", 504)
	cause.Code, cause.CorrelationID = usage.CodeCallTimeout, "corr-cause"
	b.Used(cause)
	begun := b.clock.Now()
	for n := range 90 {
		b.clock.Pass(time.Second)
		use := b.use(saved.ID, "one", 503)
		use.Code, use.CorrelationID, use.RequestID = usage.CodeCallUnwell, "", fmt.Sprint("req-", n)
		use.Path = fmt.Sprintf("/v1/%c/{…}", 'a'+n%26)
		b.Used(use)
		other.Used(use)
		if n%25 == 24 {
			require.True(t, credentials.Flush(t.Context(), b.Manager))
		}
		if n%40 == 39 {
			require.True(t, credentials.Flush(t.Context(), other))
		}
	}
	require.True(t, credentials.Flush(t.Context(), other))
	failures := b.usage(t, saved.ID).Failures
	require.Len(t, failures, 2)
	burst := usage.Failure{
		At: begun.Add(90*time.Second + time.Millisecond), FirstAt: begun.Add(time.Second + time.Millisecond), Count: 180,
		UserName: "Name of one", Method: "GET", Status: 503, Code: usage.CodeCallUnwell, RequestID: "req-89",
		Path: "/v1/l/{…}",
	}
	assert.Equal(t, burst, failures[0])
	assert.Equal(t, usage.CodeCallTimeout, failures[1].Code)
	assert.Equal(t, "corr-cause", failures[1].CorrelationID)
	assert.EqualValues(t, 1, failures[1].Count)

	// Another program's, and another method's, are their own.
	b.Used(b.use(saved.ID, "two", 503))
	use := b.use(saved.ID, "two", 503)
	use.Method = "POST"
	b.Used(use)
	assert.Len(t, b.usage(t, saved.ID).Failures, 4)

	// So are those that Paycor's headers tell apart.
	for _, note := range []usage.Note{usage.NoteKey, usage.NoteToken, usage.NoteKey} {
		use := b.use(saved.ID, "two", 401)
		use.Note = note
		b.clock.Pass(time.Millisecond)
		b.Used(use)
	}
	failures = b.usage(t, saved.ID).Failures
	require.Len(t, failures, 6)
	assert.Equal(t, usage.NoteKey, failures[0].Note)
	assert.EqualValues(t, 2, failures[0].Count)
}

// Of too many kinds of failures, those that came last stay.
func TestWaitingFailuresTakeBoundedMemory(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	faulty := &faultyStore{Store: b.store}
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: faulty, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	faulty.broken.Store(true)
	next := 0
	fail := func() {
		for range 5 {
			b.clock.Pass(time.Millisecond)
			m.Used(b.use(saved.ID, "one", 500)) // again and again, so it stays
			m.Used(b.use(saved.ID, fmt.Sprint("caller-", next), 404))
			next++
		}
		assert.LessOrEqual(t, credentials.Failures(m), 20)
	}
	faulty.during = fail // what comes while it is written joins what could not be
	for range 6 {
		fail()
		require.False(t, credentials.Flush(t.Context(), m))
		assert.LessOrEqual(t, credentials.Failures(m), 20)
	}
	require.Equal(t, 60, next)
	faulty.broken.Store(false)
	require.True(t, credentials.Flush(t.Context(), m))
	failures := b.usage(t, saved.ID).Failures
	require.Len(t, failures, 20)
	said := map[string]int64{}
	for _, failure := range failures {
		said[failure.UserName] = failure.Count
	}
	assert.EqualValues(t, 60, said["Name of one"])
	assert.EqualValues(t, 1, said["Name of caller-59"])
	assert.EqualValues(t, 1, said["Name of caller-41"])
}

func TestATrailThatCannotBeWrittenStopsUsesToo(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	m := b.withBrokenTrail(t)
	m.Used(b.use(saved.ID, "one", 200))
	require.True(t, credentials.Flush(t.Context(), m), "there is no minute to write yet")
	b.clock.Pass(time.Minute)
	require.False(t, credentials.Flush(t.Context(), m))
	assert.NoError(t, m.Countable())
	b.clock.Pass(credentials.UseGrace)
	require.False(t, credentials.Flush(t.Context(), m))
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Countable()))
	assert.EqualValues(t, 1, b.usage(t, saved.ID).Total().Calls(), "counted all the same")
	require.True(t, credentials.Flush(t.Context(), b.Manager))
	assert.Equal(t, audit.ActionUses, b.trail(t)[0].Action, "and in the trail once it can be written")
}

func TestWaitingUsesTakeBoundedMemory(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	faulty := &faultyStore{Store: b.store}
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: faulty, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	faulty.broken.Store(true)
	const more = credentials.MostTallies + 1000
	for n := range more {
		m.Used(b.use(saved.ID, fmt.Sprint("caller-", n), 200))
		if n%3000 == 0 {
			credentials.Flush(t.Context(), m)
		}
	}
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(m.Countable()), "at once, without any grace")
	assert.LessOrEqual(t, credentials.Tallies(m), credentials.MostTallies+1)
	assert.EqualValues(t, more, m.Waiting(), "each call is counted, if together with others")
	faulty.broken.Store(false)
	require.True(t, credentials.Flush(t.Context(), m))
	assert.NoError(t, m.Countable())
	assert.EqualValues(t, credentials.MostTallies, b.usage(t, saved.ID).Total().Calls())
	require.NoError(t, m.Drain(t.Context()))
	sum := ""
	for before := int64(0); sum == ""; {
		var entries []audit.Entry
		require.NoError(t, b.store.View(t.Context(), func(r store.Reader) (err error) {
			entries, err = r.AuditEntries("default", store.AuditQuery{Before: before, Limit: 1000})
			return err
		}))
		require.NotEmpty(t, entries, "the rest is in the trail as a sum")
		for _, entry := range entries {
			if before = entry.Sequence; entry.CallerID == "others" {
				sum = entry.Detail
			}
		}
	}
	assert.Contains(t, sum, "calls=1000 ")
}

func TestManyCountWhileItIsWritten(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	ctx, stop := context.WithCancel(t.Context())
	var running, counting sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	for n := range 8 {
		counting.Go(func() {
			for range 2000 {
				b.Used(b.use(saved.ID, fmt.Sprint(n%3), 200))
			}
		})
	}
	for range 20 {
		credentials.Flush(t.Context(), b.Manager)
	}
	counting.Wait()
	stop()
	running.Wait()
	require.NoError(t, b.Drain(t.Context()))
	assert.EqualValues(t, 16000, b.usage(t, saved.ID).Total().Calls())
}

// A killed process loses a second's uses at most, of counts and trail both.
func TestAKillLosesOneSecondAtMost(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), childDirectory+"="+filepath.Dir(b.path), childCounts+"="+saved.ID)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	type reached struct {
		at    time.Time
		count int64
	}
	var all []reached
	lines := bufio.NewScanner(out)
	begun := time.Now()
	for lines.Scan() {
		var count int64
		if _, err := fmt.Sscan(lines.Text(), &count); err != nil {
			break // a line that was cut off
		}
		all = append(all, reached{time.Now(), count})
		if time.Since(begun) > 2500*time.Millisecond {
			require.NoError(t, command.Process.Kill())
		}
	}
	killed := time.Now()
	require.Error(t, command.Wait())
	var least, most int64
	for _, r := range all {
		if r.at.Before(killed.Add(-time.Second)) {
			least = r.count
		}
		most = max(most, r.count)
	}
	require.Positive(t, least)

	// The next start writes the killed one's minutes into the trail.
	b.clock.Pass(time.Since(b.clock.Now()) + 2*time.Minute)
	require.True(t, credentials.Flush(t.Context(), b.Manager))
	counted := b.usage(t, saved.ID).Total().Calls()
	assert.GreaterOrEqual(t, counted, least)
	assert.LessOrEqual(t, counted, most+100)
	var trail int64
	for _, entry := range b.trail(t) {
		var calls int64
		if _, err := fmt.Sscanf(entry.Detail, "calls=%d ", &calls); entry.Action == audit.ActionUses && err == nil {
			trail += calls
		}
	}
	assert.Equal(t, counted, trail, "the trail has what the counts have")
	t.Logf("of %d uses, %d are there; %d were made until a second before the kill", most, counted, least)
}

// countAsChild counts uses until it is killed, and prints how many there are.
func countAsChild() error {
	ctx := context.Background()
	directory := os.Getenv(childDirectory)
	opened, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key")})
	if err != nil {
		return err
	}
	client := upstream.New(upstream.Config{})
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: opened, Verify: client.Verify, TokenClient: tokens.NewClient(client)})
	if err != nil {
		return err
	}
	go m.Run(ctx)
	for count := 1; ; count++ {
		m.Used(usage.Call{Caller: program("one"), Credential: os.Getenv(childCounts), At: time.Now(), Method: "GET", Status: 200})
		if count%50 == 0 {
			fmt.Println(count)
			time.Sleep(10 * time.Millisecond)
		}
	}
}
