package command_test

import (
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The audit trail of a running server is archived. Archives and trail are verified as one
// chain, with heads from before and after.
func TestAuditArchive(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	head := regexp.MustCompile(`\d+:[0-9a-f]{64}`)
	verify := func(want int, arguments ...string) string {
		out, code := run(t, append([]string{"audit", "verify", "--data", p.data}, arguments...)...)
		assert.Equal(t, want, code, out)
		return out
	}
	before := head.FindString(verify(0))
	first, second := filepath.Join(t.TempDir(), "first.jsonl"), filepath.Join(t.TempDir(), "second.jsonl")
	archive := func(to string) string {
		out, code := run(t, "audit", "archive", "--data", p.data, "--before", time.Now().Add(time.Hour).Format(time.RFC3339), "--to", to)
		require.Zero(t, code, out)
		return head.FindString(out)
	}
	assert.Equal(t, before, archive(first))
	p.ask(201, "POST", "/api/v1/tokens", map[string]any{"name": "n", "rights": []string{"view"}})
	verify(0)
	verify(0, "--expect-head", before)
	middle := archive(second)
	p.ask(200, "GET", "/api/v1/credentials", nil)
	now := head.FindString(verify(0, "--archive", first, "--archive", second, "--expect-head", before, "--expect-head", middle))
	verify(0, "--archive", second, "--expect-head", now, "--expect-head", before)
	assert.Contains(t, verify(1, "--expect-head", before), "were archived")
	assert.Contains(t, verify(3, "--archive", first), "is missing", "the second one lies between")
	assert.Contains(t, verify(3, "--archive", first, "--archive", second, "--expect-head", before[:len(before)-1]+flip(before)), "rewritten")

	out, code := run(t, "backup", "--data", p.data, "--to", filepath.Join(t.TempDir(), "copy.db"))
	assert.Zero(t, code, out)
	for _, wrong := range [][]string{{"--before", "2026-01-01"}, {"--before", "yesterday", "--to", "f"}, {"--before", "2026-01-01", "--to", "/none/f"}, {"--before", "2100-01-01", "--to", first}} {
		out, code := run(t, append([]string{"audit", "archive", "--data", p.data}, wrong...)...)
		assert.Equal(t, 2, code, out)
	}
	out, code = run(t, "audit", "archive", "--data", p.data, "--before", "2000-01-01", "--to", filepath.Join(t.TempDir(), "f"))
	assert.Zero(t, code, out)
	assert.Contains(t, out, "Nothing was changed")
	p.stop()
}

// flip returns another last digit of a head.
func flip(head string) string {
	if head[len(head)-1] == '0' {
		return "1"
	}
	return "0"
}

func TestAuditKeepIsChecked(t *testing.T) {
	out, code := run(t, "serve", "--data", filepath.Join(t.TempDir(), "data"), "--audit-keep", "1h")
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "--audit-keep is shorter than a day")
}
