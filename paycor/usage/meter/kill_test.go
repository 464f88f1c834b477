package meter_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/usage"
)

// Environment variables of the child process that counts until it is killed.
const (
	childDatabase   = "METER_TEST_DATABASE"
	childCredential = "METER_TEST_CREDENTIAL"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDatabase) == "" {
		os.Exit(m.Run())
	}
	if err := countAsChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A killed process loses less than a second of calls, in counts and trail.
func TestKillLosesLessThanASecond(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), childDatabase+"="+e.Path, childCredential+"="+saved.ID)
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
	start := time.Now()
	for lines.Scan() {
		var count int64
		if _, err := fmt.Sscan(lines.Text(), &count); err != nil {
			break // a truncated line
		}
		all = append(all, reached{time.Now(), count})
		if time.Since(start) > 2500*time.Millisecond {
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

	// The next start records the minutes of the killed process.
	e.Clock.Pass(time.Since(e.Clock.Now()) + 2*time.Minute)
	require.True(t, e.Flush(t.Context()))
	counted := usageOf(t, e, saved.ID).Total().Calls()
	assert.GreaterOrEqual(t, counted, least)
	assert.LessOrEqual(t, counted, most+100)
	var trail int64
	for _, entry := range e.Trail(t) {
		var calls int64
		if _, err := fmt.Sscanf(entry.Detail, "calls=%d ", &calls); entry.Action == audit.ActionUses && err == nil {
			trail += calls
		}
	}
	assert.Equal(t, counted, trail, "trail and counts agree")
	t.Logf("of %d calls, %d are there; %d were made until a second before the kill", most, counted, least)
}

// countAsChild counts calls until it is killed, and prints their number.
func countAsChild() error {
	ctx := context.Background()
	path := os.Getenv(childDatabase)
	opened, err := sqlite.Open(ctx, sqlite.Config{Path: path, KeyFile: filepath.Join(filepath.Dir(path), "test.key")})
	if err != nil {
		return err
	}
	client := upstream.New(upstream.Config{})
	m, err := backend.New(backend.Config{Store: opened, Verify: client.Verify, TokenClient: tokens.NewClient(client)})
	if err != nil {
		return err
	}
	go m.Run(ctx)
	for count := 1; ; count++ {
		m.Count(usage.Call{Caller: env.Program("one"), Credential: os.Getenv(childCredential), At: time.Now(), Method: "GET", Status: 200})
		if count%50 == 0 {
			fmt.Println(count)
			time.Sleep(10 * time.Millisecond)
		}
	}
}
