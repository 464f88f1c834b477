package storetest

import (
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testRotations(t *testing.T, s store.Store) {
	ended := func(second int, limit int) (found []store.CredentialKey) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.ExpiredRotations(at(second), limit); return err })
		return found
	}
	kept := func(end int) *paycor.Rotation {
		rotation := &paycor.Rotation{
			State: paycor.RotationPrevious, Values: []paycor.RotationValue{{Field: fields.ClientSecret, SavedAt: at(1)}},
			Keep: paycor.KeepDay, RotateBy: "2030-01-02", StartedAt: at(2), StartedBy: "Ann",
		}
		if end > 0 {
			rotation.DiscardAt = at(end)
		}
		return rotation
	}
	for id, end := range map[string]int{"late": 30, "early": 10, "never": 0} {
		c := fullCredential(id)
		c.RotateBy, c.Rotation = "2031-12-31", kept(end)
		secrets := someSecrets(id)
		secrets[fields.ClientSecretPrevious] = paycor.NewSecret("previous of " + id)
		insert(t, s, "w", c, secrets)
		assert.Equal(t, c, credential(t, s, "w", id), "it comes back exactly")
	}
	insert(t, s, "w", fullCredential("none"), nil)

	assert.Empty(t, ended(9, 10))
	assert.Equal(t, []store.CredentialKey{{Workspace: "w", Credential: "early"}}, ended(10, 10), "at its time")
	assert.Equal(t, []store.CredentialKey{{Workspace: "w", Credential: "early"}, {Workspace: "w", Credential: "late"}}, ended(100, 10), "the oldest first, and never what has no time")
	assert.Len(t, ended(100, 1), 1)

	c := credential(t, s, "w", "early")
	c.Rotation = nil
	update(t, s, func(tx store.Tx) error {
		if err := tx.UpdateCredential("w", c, c.Version, nil); err != nil {
			return err
		}
		return tx.DeleteSecrets("w", "early", fields.ClientSecretPrevious, fields.ClientSecretPending)
	})
	assert.Equal(t, someSecrets("early"), secrets(t, s, "w", "early"), "only what was kept is gone")
	assert.Equal(t, "previous of late", secrets(t, s, "w", "late")[fields.ClientSecretPrevious].Reveal())
	assert.Equal(t, []store.CredentialKey{{Workspace: "w", Credential: "late"}}, ended(100, 10))
	assert.Nil(t, credential(t, s, "w", "early").Rotation)

	for _, field := range []fields.Field{fields.ClientSecret, fields.RefreshToken, "x"} {
		assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteSecrets("w", "late", field) }), "what is in use is not dropped: %s", field)
	}
}

func testSchedule(t *testing.T, s store.Store) {
	next := func(environments ...string) (found store.ScheduledVerification, err error) {
		view(t, s, func(r store.Reader) error { found, err = r.NextScheduled(environments); return nil })
		return found, err
	}
	put := func(workspace, id string, due int) error {
		return s.Update(testContext(t), func(tx store.Tx) error {
			return tx.PutScheduled(store.ScheduledVerification{CredentialKey: store.CredentialKey{Workspace: workspace, Credential: id}, DueAt: at(due)})
		})
	}
	count := func() (n int) {
		view(t, s, func(r store.Reader) (err error) { n, err = r.CountScheduled(); return err })
		return n
	}
	missing := func(limit int) (found []store.CredentialKey) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.Unscheduled(limit); return err })
		return found
	}
	_, err := next("one")
	assert.ErrorIs(t, err, store.ErrNotFound)
	for _, place := range []struct{ workspace, id, environment string }{{"w", "a", "one"}, {"w", "b", "two"}, {"other", "a", "one"}} {
		c := fullCredential(place.id)
		c.Environment = place.environment
		insert(t, s, place.workspace, c, nil)
	}
	assert.Len(t, missing(10), 3)
	assert.Len(t, missing(2), 2)
	require.NoError(t, put("w", "a", 20))
	require.NoError(t, put("w", "b", 10))
	require.NoError(t, put("other", "a", 30))
	assert.ErrorIs(t, put("w", "none", 1), store.ErrNotFound)
	assert.ErrorIs(t, put("other", "b", 1), store.ErrNotFound, "a workspace's own")
	assert.Empty(t, missing(10))
	assert.Equal(t, 3, count())

	for _, c := range []struct {
		environments  []string
		workspace, id string
		due           int
	}{
		{[]string{"one", "two"}, "w", "b", 10}, {[]string{"one"}, "w", "a", 20},
	} {
		found, err := next(c.environments...)
		require.NoError(t, err)
		assert.Equal(t, store.ScheduledVerification{CredentialKey: store.CredentialKey{Workspace: c.workspace, Credential: c.id}, DueAt: at(c.due)}, found)
	}
	_, err = next()
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = next("three")
	assert.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, put("w", "a", 40), "it is replaced")
	found, err := next("one")
	require.NoError(t, err)
	assert.Equal(t, "other", found.Workspace)
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("other", "a", 12) })
	assert.Equal(t, 2, count(), "it goes with its credential")
}

func testDuplicates(t *testing.T, s store.Store) {
	c := fullCredential("a")
	c.Name = "Payroll Import"
	insert(t, s, "w", c, nil)
	insert(t, s, "other", c, nil)
	twin := c
	twin.ID = "b"
	find := func(of paycor.Credential, only ...string) (found []paycor.Duplicate) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.Duplicates("w", of, only); return err })
		return found
	}
	values := paycor.NewDuplicate("a", "Payroll Import", paycor.DuplicateValues)
	name := paycor.NewDuplicate("a", "Payroll Import", paycor.DuplicateName)
	with := func(change func(*paycor.Credential)) paycor.Credential {
		changed := twin
		change(&changed)
		return changed
	}
	for what, test := range map[string]struct {
		of   paycor.Credential
		only []string
		want []paycor.Duplicate
	}{
		"both":                 {twin, nil, []paycor.Duplicate{values, name}},
		"itself":               {c, nil, nil},
		"another name":         {with(func(c *paycor.Credential) { c.Name = "Time export" }), nil, []paycor.Duplicate{values}},
		"the name in capitals": {with(func(c *paycor.Credential) { c.Name, c.ClientID = "PAYROLL IMPORT", "x" }), nil, []paycor.Duplicate{name}},
		"another client":       {with(func(c *paycor.Credential) { c.Name, c.ClientID = "x", "x" }), nil, nil},
		"another entity":       {with(func(c *paycor.Credential) { c.Name = "x"; c.LegalEntityID++ }), nil, nil},
		"another environment":  {with(func(c *paycor.Credential) { c.Name, c.Environment = "x", "x" }), nil, nil},
		"no entity yet":        {with(func(c *paycor.Credential) { c.Name, c.LegalEntityID = "x", 0 }), nil, nil},
		"no name yet":          {with(func(c *paycor.Credential) { c.Name = "" }), nil, []paycor.Duplicate{values}},
		"not to be seen":       {twin, []string{"b", "z"}, nil},
		"to be seen":           {twin, []string{"a"}, []paycor.Duplicate{values, name}},
	} {
		assert.Equal(t, test.want, find(test.of, test.only...), what)
	}
	for i := range 20 {
		many := c
		many.ID = fmt.Sprintf("many-%02d", i)
		insert(t, s, "w", many, nil)
	}
	assert.Less(t, len(find(twin)), 20, "a few say enough")
}
