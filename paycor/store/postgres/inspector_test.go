package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// inspect opens the database, whose key is opened, too.
func inspect(t *testing.T, config postgres.Config) *postgres.Inspector {
	t.Helper()
	i, err := postgres.OpenInspector(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, i.Close()) })
	require.NoError(t, i.OpenKey(t.Context()))
	return i
}

func TestInspector(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	for _, id := range []string{"a", "b", "c", "d"} {
		require.NoError(t, storetest.SaveWithAudit(s, id))
	}
	ctx, key := t.Context(), func(id string) paycor.CredentialKey { return paycor.CredentialKey{Workspace: "w", Credential: id} }

	i := inspect(t, config)
	found, own := i.Schema()
	assert.Equal(t, own, found)
	require.NoError(t, i.Integrity(ctx))
	head, err := i.Check(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 4, head.Sequence)
	damaged, err := i.DamagedCredentials(ctx)
	require.NoError(t, err)
	assert.Empty(t, damaged)
	lost, err := i.LostCredentials(ctx)
	require.NoError(t, err)
	assert.Empty(t, lost)
	unopened, all, err := i.UnopenedSecrets(ctx)
	require.NoError(t, err)
	assert.Empty(t, unopened)
	assert.Equal(t, 8, all)
	newest, err := i.NewestEntry(ctx)
	require.NoError(t, err)
	assert.False(t, newest.IsZero())
	overdue, _, err := i.Overdue(ctx, time.Now())
	require.NoError(t, err)
	assert.Zero(t, overdue)
	used, _, err := i.Environments(ctx)
	require.NoError(t, err)
	assert.Len(t, used, 1)

	for _, statement := range []string{
		`UPDATE credentials SET verdict = '{"outcome":' WHERE id = 'a'`,
		`UPDATE credentials SET created_at = 'yesterday' WHERE id = 'b'`,
		`UPDATE secrets SET sealed = 'x' WHERE application = (SELECT application FROM credentials WHERE id = 'c') AND field = '` + string(fields.ClientSecret) + `'`,
		`SET session_replication_role = replica; DELETE FROM applications WHERE id = (SELECT application FROM credentials WHERE id = 'd')`,
		`SET session_replication_role = replica; UPDATE audit SET caller_name = 'x' WHERE sequence = 2`,
	} {
		run(t, config, statement)
	}
	_, err = i.Check(ctx)
	require.NoError(t, err, "it reads one snapshot")
	i = inspect(t, config)
	require.ErrorContains(t, i.Integrity(ctx), "store.postgres-damaged")
	damaged, err = i.DamagedCredentials(ctx)
	require.NoError(t, err)
	assert.Equal(t, []paycor.CredentialKey{key("a"), key("b")}, damaged)
	lost, err = i.LostCredentials(ctx)
	require.NoError(t, err)
	assert.Equal(t, []paycor.CredentialKey{key("d")}, lost)
	unopened, _, err = i.UnopenedSecrets(ctx)
	require.NoError(t, err)
	assert.Equal(t, []store.UnopenedSecret{{Workspace: "w", Record: "c", Field: fields.ClientSecret}}, unopened)
	_, err = i.Check(ctx)
	require.ErrorAs(t, err, new(*audit.BrokenError))
}

// Without the key, or with another version's schema, the trail can be read.
func TestInspectorOfAnotherSchema(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	run(t, config, `UPDATE schema_version SET version = version + 1`)
	config.KeyFile += ".none"
	i, err := postgres.OpenInspector(t.Context(), config)
	require.NoError(t, err)
	defer i.Close()
	found, own := i.Schema()
	assert.Equal(t, own+1, found)
	require.NoError(t, i.Integrity(t.Context()))
	_, err = i.Check(t.Context())
	require.NoError(t, err)
	require.ErrorContains(t, i.OpenKey(t.Context()), "store.key-missing")

	_, err = postgres.OpenInspector(t.Context(), emptyConfig(t))
	require.ErrorContains(t, err, "store.postgres-empty")
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	open(t, config)
	direct, err := postgres.Describe(t.Context(), config)
	require.NoError(t, err)
	assert.Regexp(t, `^\d+\.\d+`, direct.Version)
	assert.True(t, direct.SearchIndex)
	assert.False(t, direct.Standby)
	assert.Positive(t, direct.Own)
	assert.Positive(t, direct.Size)
	assert.Positive(t, direct.MaxConnections)
	assert.Equal(t, "on", direct.Settings["synchronous_commit"])
	assert.Less(t, direct.Ahead.Abs(), time.Minute, "it runs on this machine")
	run(t, config, `DROP EXTENSION pg_trgm CASCADE`)
	config.URL = testkit.Pooler(t, config.URL)
	pooled, err := postgres.Describe(t.Context(), config)
	require.NoError(t, err)
	assert.True(t, pooled.Pooled)
	assert.False(t, pooled.SearchIndex)
	i := inspect(t, config)
	_, err = i.Check(t.Context())
	require.NoError(t, err, "through the pooler")
}

// The earlier versions of sealed values are removed.
func TestRemoveReplaced(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	require.NoError(t, storetest.AddKey(s))
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { _, err := tx.Reencrypt("", 1000); return err }))
	remaining, err := s.RemoveReplaced(t.Context())
	require.NoError(t, err)
	assert.Contains(t, remaining.String(), "store.postgres-replaced")
	var vacuumed bool
	require.Eventually(t, func() bool { // the statistics are late
		err := connect(t, config).QueryRow(t.Context(), `SELECT vacuum_count > 0 FROM pg_stat_user_tables WHERE relname = 'secrets'`).Scan(&vacuumed)
		return err == nil && vacuumed
	}, time.Minute, 50*time.Millisecond)
	require.NoError(t, s.Ping(t.Context()))
}
