package trail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/testkit/env"
)

func TestTrailOfAWorkspace(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	ann, bob := env.Administrator(), env.Administrator()
	bob.ID, bob.Name, bob.RequestID = "bob", "Bob", "r2"
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	first := env.Create(t, e.As(ann))
	deleted := env.Create(t, e.As(bob))
	env.Create(t, e.As(elsewhere))
	require.NoError(t, e.As(bob).Delete(t.Context(), deleted.ID, ""))

	page, err := e.As(ann).Audit(t.Context(), audit.Query{})
	require.NoError(t, err)
	assert.Equal(t, e.Trail(t), page.Entries, "all of the workspace, newest first")
	assert.Equal(t, map[string]string{first.ID: first.Name}, page.Names, "of credentials that exist")
	assert.Empty(t, page.Next)

	var paged []audit.Entry
	for query := (audit.Query{Limit: 2}); ; {
		part, err := e.As(ann).Audit(t.Context(), query)
		require.NoError(t, err)
		paged = append(paged, part.Entries...)
		if query.Cursor = part.Next; query.Cursor == "" {
			break
		}
	}
	assert.Equal(t, page.Entries, paged)

	filtered, err := e.As(ann).Audit(t.Context(), audit.Query{Caller: "bob", Action: audit.ActionDelete})
	require.NoError(t, err)
	require.Len(t, filtered.Entries, 1)
	assert.Equal(t, deleted.ID, filtered.Entries[0].Credential)

	narrow := env.Administrator()
	narrow.Credentials = []string{first.ID}
	seen, err := e.As(narrow).Audit(t.Context(), audit.Query{})
	require.NoError(t, err)
	require.NotEmpty(t, seen.Entries)
	for _, entry := range seen.Entries {
		assert.Equal(t, first.ID, entry.Credential, "the allow-list applies")
	}
	for _, cursor := range []string{"x", "0", "-1", "9999999999999999999999"} {
		_, err := e.As(ann).Audit(t.Context(), audit.Query{Cursor: cursor})
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), cursor)
	}
}

func TestTrailNeedsAdmin(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	caller := env.Person(paycor.RightView, paycor.RightEdit, paycor.RightUse)
	_, err := e.As(caller).Audit(t.Context(), audit.Query{})
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	assert.Equal(t, "missing_right_admin", e.Trail(t)[0].Detail)
	err = e.As(caller).ExportAudit(t.Context(), audit.Query{}, 0, func(audit.Line) error { t.Error("a line"); return nil })
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
}

func TestExportVerifiesAndIsRecorded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	env.Create(t, e.As(env.Administrator()))
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	env.Create(t, e.As(elsewhere))
	env.Create(t, e.As(env.Administrator()))
	export := func(query audit.Query, after int64) []audit.Line {
		var text bytes.Buffer
		require.NoError(t, e.As(env.Administrator()).ExportAudit(t.Context(), query, after, func(line audit.Line) error {
			return json.NewEncoder(&text).Encode(line)
		}))
		var lines []audit.Line
		_, err := audit.CheckLines(func(yield func(audit.Line, error) bool) {
			for line, err := range audit.ReadLines(&text) {
				lines = append(lines, line)
				if !yield(line, err) {
					return
				}
			}
		}, true)
		require.NoError(t, err, "an export can be verified elsewhere")
		return lines
	}
	lines := export(audit.Query{}, 0)
	trail := e.Trail(t)
	slices.Reverse(trail)
	require.Len(t, lines, len(trail))
	for i, line := range lines {
		assert.Equal(t, trail[i], line.Entry)
	}
	assert.Equal(t, audit.ActionAuditExport, lines[len(lines)-1].Action, "the export records itself")
	assert.Equal(t, lines[2:], export(audit.Query{}, lines[1].Sequence)[:len(lines)-2], "an export can resume")
	assert.Len(t, export(audit.Query{Action: audit.ActionCreate}, 0), 2)
}

func TestHeadIsLogged(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	env.Create(t, e.As(env.Administrator()))
	var log bytes.Buffer
	b := e.NewBackend(t, e.Store, func(c *backend.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	ended, end := context.WithCancel(t.Context())
	end()
	b.LogHeads(ended)
	newest := e.Trail(t)[0]
	assert.Contains(t, log.String(), "head="+audit.Head{Sequence: newest.Sequence, Hash: newest.Hash}.String())
}
