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
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

func TestTheTrailOfAWorkspace(t *testing.T) {
	b := env.New(t)
	ann, bob := env.Administrator(), env.Administrator()
	bob.ID, bob.Name, bob.RequestID = "bob", "Bob", "r2"
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	kept := env.Create(t, b.As(ann))
	gone := env.Create(t, b.As(bob))
	env.Create(t, b.As(elsewhere))
	require.NoError(t, b.As(bob).Delete(t.Context(), gone.ID, ""))

	page, err := b.As(ann).Audit(t.Context(), audit.Query{})
	require.NoError(t, err)
	assert.Equal(t, b.Trail(t), page.Entries, "all of the workspace, newest first")
	assert.Equal(t, map[string]string{kept.ID: kept.Name}, page.Names, "of those that still are")
	assert.Empty(t, page.Next)

	var paged []audit.Entry
	for query := (audit.Query{Limit: 2}); ; {
		part, err := b.As(ann).Audit(t.Context(), query)
		require.NoError(t, err)
		paged = append(paged, part.Entries...)
		if query.Cursor = part.Next; query.Cursor == "" {
			break
		}
	}
	assert.Equal(t, page.Entries, paged)

	filtered, err := b.As(ann).Audit(t.Context(), audit.Query{Caller: "bob", Action: audit.ActionDelete})
	require.NoError(t, err)
	require.Len(t, filtered.Entries, 1)
	assert.Equal(t, gone.ID, filtered.Entries[0].Credential)

	narrow := env.Administrator()
	narrow.Credentials = []string{kept.ID}
	seen, err := b.As(narrow).Audit(t.Context(), audit.Query{})
	require.NoError(t, err)
	require.NotEmpty(t, seen.Entries)
	for _, entry := range seen.Entries {
		assert.Equal(t, kept.ID, entry.Credential, "an allow-list holds here too")
	}
	for _, cursor := range []string{"x", "0", "-1", "9999999999999999999999"} {
		_, err := b.As(ann).Audit(t.Context(), audit.Query{Cursor: cursor})
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), cursor)
	}
}

func TestTheTrailNeedsTheRightToIt(t *testing.T) {
	b := env.New(t)
	caller := env.Person(paycor.RightView, paycor.RightEdit, paycor.RightUse)
	_, err := b.As(caller).Audit(t.Context(), audit.Query{})
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	assert.Equal(t, "missing_right_admin", b.Trail(t)[0].Detail)
	err = b.As(caller).ExportAudit(t.Context(), audit.Query{}, 0, func(audit.Line) error { t.Error("a line"); return nil })
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
}

func TestAnExportIsCheckableAndWrittenDown(t *testing.T) {
	b := env.New(t)
	env.Create(t, b.As(env.Administrator()))
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	env.Create(t, b.As(elsewhere))
	env.Create(t, b.As(env.Administrator()))
	export := func(query audit.Query, after int64) []audit.Line {
		var text bytes.Buffer
		require.NoError(t, b.As(env.Administrator()).ExportAudit(t.Context(), query, after, func(line audit.Line) error {
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
		require.NoError(t, err, "what was exported can be checked elsewhere")
		return lines
	}
	lines := export(audit.Query{}, 0)
	trail := b.Trail(t)
	slices.Reverse(trail)
	require.Len(t, lines, len(trail))
	for i, line := range lines {
		assert.Equal(t, trail[i], line.Entry)
	}
	assert.Equal(t, audit.ActionAuditExport, lines[len(lines)-1].Action, "the export itself is in it")
	assert.Equal(t, lines[2:], export(audit.Query{}, lines[1].Sequence)[:len(lines)-2], "it can be resumed")
	assert.Len(t, export(audit.Query{Action: audit.ActionCreate}, 0), 2)
}

func TestTheHeadIsLoggedWhenItGrew(t *testing.T) {
	b := env.New(t)
	env.Create(t, b.As(env.Administrator()))
	var log bytes.Buffer
	noting, err := backend.New(backend.Config{LastFlush: env.Timeout, Store: b.Store, Verify: b.Paycor.Verify, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})),
		Logger: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	ended, end := context.WithCancel(t.Context())
	end()
	noting.LogHeads(ended)
	newest := b.Trail(t)[0]
	assert.Contains(t, log.String(), "head="+audit.Head{Sequence: newest.Sequence, Hash: newest.Hash}.String())
}
