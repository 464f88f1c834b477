package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// member returns a credential of an application.
func member(id, application string, entity int32) paycor.Credential {
	c := fullCredential(id)
	c.ApplicationID, c.Name, c.LegalEntityID = application, "member "+id, entity
	return c
}

func testApplications(t *testing.T, s store.Store) {
	members := func(workspace, application string) (found []store.ApplicationCredential, err error) {
		view(t, s, func(r store.Reader) error {
			found, err = r.ApplicationCredentials(workspace, application)
			return nil
		})
		return found, err
	}
	applications := func(workspace, environment, clientID string) (found []string) {
		view(t, s, func(r store.Reader) (err error) {
			found, err = r.ApplicationsOf(workspace, environment, clientID)
			return err
		})
		return found
	}
	_, err := members("w", "app")
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.InsertCredential("w", member("a", "", 1), someSecrets("app"))
	}), "a credential names its application")

	insert(t, s, "w", member("a", "app", 1), someSecrets("app"))
	joins := member("b", "app", 2)
	joins.Scope, joins.ClientID, joins.ActivatedBy = "ignored", "ignored", "nobody"
	insert(t, s, "w", joins, nil)
	insert(t, s, "w", member("c", "apart", 3), someSecrets("apart"))
	insert(t, s, "other", member("a", "app", 9), someSecrets("other"))
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.InsertCredential("w", member("d", "app", 4), someSecrets("d"))
	}), "the application has secrets")

	found, err := members("w", "app")
	assert.NoError(t, err)
	assert.Equal(t, []store.ApplicationCredential{{ID: "a", LegalEntityID: 1}, {ID: "b", LegalEntityID: 2}}, found)
	assert.Equal(t, []string{"apart", "app"}, applications("w", "production", "abc"), "by ID")
	assert.Equal(t, []string{"app"}, applications("other", "production", "abc"))
	assert.Empty(t, applications("w", "sandbox", "abc"))
	assert.Empty(t, applications("w", "production", "ignored"))
	assert.Equal(t, member("b", "app", 2), credential(t, s, "w", "b"), "it has the values of its application")
	assert.Equal(t, someSecrets("app"), secrets(t, s, "w", "b"))
}

// A list has the applications of which the viewer may see a credential.
func testApplicationList(t *testing.T, s store.Store) {
	find := func(workspace string, filter store.ApplicationFilter) (found []string) {
		if filter.Limit == 0 {
			filter.Limit = 10
		}
		view(t, s, func(r store.Reader) (err error) { found, err = r.Applications(workspace, filter); return err })
		return found
	}
	insert(t, s, "w", member("a", "one", 1), someSecrets("one"))
	insert(t, s, "w", member("b", "one", 2), nil)
	other := member("c", "two", 3)
	other.ClientID, other.Environment = "second", "sandbox"
	insert(t, s, "w", other, nil)
	insert(t, s, "w", member("d", "zero", 4), nil)
	insert(t, s, "other", member("a", "elsewhere", 9), nil)
	assert.Equal(t, []string{"one", "two", "zero"}, find("w", store.ApplicationFilter{}))
	assert.Equal(t, []string{"one"}, find("w", store.ApplicationFilter{Limit: 1}))
	assert.Equal(t, []string{"two"}, find("w", store.ApplicationFilter{Limit: 1, After: "one"}))
	assert.Equal(t, []string{"two"}, find("w", store.ApplicationFilter{ClientID: "second"}))
	assert.Empty(t, find("w", store.ApplicationFilter{ClientID: "second", Environment: "production"}))
	assert.Equal(t, []string{"one", "zero"}, find("w", store.ApplicationFilter{Environment: "production"}))
	assert.Equal(t, []string{"one", "two"}, find("w", store.ApplicationFilter{Only: []string{"b", "c", "x"}}))
	assert.Empty(t, find("w", store.ApplicationFilter{Only: []string{"x"}}))
	assert.Equal(t, []string{"elsewhere"}, find("other", store.ApplicationFilter{}))

	for id, shared := range map[string]store.CredentialSharing{
		"a": {Owner: "person p", Sharing: &paycor.Sharing{}}, "c": {Owner: "person p", Sharing: &paycor.Sharing{Groups: []string{"payroll"}}},
		"d": {Owner: "person p", Sharing: &paycor.Sharing{}},
	} {
		update(t, s, func(tx store.Tx) error { return tx.PutCredentialSharing("w", id, shared) })
	}
	assert.Equal(t, []string{"one"}, find("w", store.ApplicationFilter{Viewer: &paycor.Viewer{Owner: "person x"}}), "by its other credential")
	assert.Empty(t, find("w", store.ApplicationFilter{Viewer: &paycor.Viewer{Owner: "person x"}, Only: []string{"a"}}))
	assert.Equal(t, []string{"one", "two"}, find("w", store.ApplicationFilter{Viewer: &paycor.Viewer{Owner: "person x", Keys: []string{"group:payroll"}}}))
	assert.Equal(t, []string{"one", "two", "zero"}, find("w", store.ApplicationFilter{Viewer: &paycor.Viewer{Owner: "person p"}}))
}

// What is written through one credential holds for all of the application, and only for
// them.
func testApplicationWrites(t *testing.T, s store.Store) {
	insert(t, s, "w", member("a", "app", 1), someSecrets("app"))
	insert(t, s, "w", member("b", "app", 2), nil)
	insert(t, s, "w", member("c", "apart", 3), someSecrets("apart"))
	insert(t, s, "other", member("b", "app", 2), someSecrets("other"))
	write := func(change func(c *paycor.Credential), secrets store.Secrets) paycor.Credential {
		t.Helper()
		c := credential(t, s, "w", "a")
		before := c.Version
		change(&c)
		update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", c, before, secrets) })
		return credential(t, s, "w", "a")
	}
	versions := func() [4]int64 {
		return [4]int64{
			credential(t, s, "w", "a").Version, credential(t, s, "w", "b").Version, credential(t, s, "w", "c").Version, credential(t, s, "other", "b").Version,
		}
	}
	write(func(c *paycor.Credential) { c.Name, c.LegalEntityID, c.Version = "renamed", 7, 13 }, nil)
	assert.Equal(t, [4]int64{13, 12, 12, 12}, versions(), "the application did not change")
	write(func(c *paycor.Credential) { c.Scope, c.Version, c.UpdatedAt = "new scope", 14, at(50) }, nil)
	assert.Equal(t, [4]int64{14, 13, 12, 12}, versions())
	b := credential(t, s, "w", "b")
	assert.Equal(t, "new scope", b.Scope)
	assert.Equal(t, at(50), b.UpdatedAt)
	assert.Equal(t, "member b", b.Name)
	assert.EqualValues(t, 2, b.LegalEntityID)
	assert.Equal(t, "scope", credential(t, s, "w", "c").Scope)
	assert.Equal(t, "scope", credential(t, s, "other", "b").Scope)

	write(func(c *paycor.Credential) { c.Version, c.ClientSecretSavedAt = 15, at(60) }, store.Secrets{fields.ClientSecret: paycor.NewSecret("new")})
	assert.Equal(t, [4]int64{15, 14, 12, 12}, versions())
	assert.Equal(t, "new", secrets(t, s, "w", "b")[fields.ClientSecret].Reveal())
	assert.Equal(t, at(60), credential(t, s, "w", "b").ClientSecretSavedAt)
	assert.Equal(t, someSecrets("apart"), secrets(t, s, "w", "c"))
	assert.Equal(t, someSecrets("other"), secrets(t, s, "other", "b"))

	rotation := &paycor.Rotation{State: paycor.RotationPending, Values: []paycor.RotationValue{{Field: fields.ClientSecret, SavedAt: at(1)}}, StartedAt: at(2)}
	write(func(c *paycor.Credential) { c.Rotation = rotation }, nil)
	assert.Equal(t, rotation, credential(t, s, "w", "b").Rotation)
	assert.Equal(t, [4]int64{15, 14, 12, 12}, versions(), "no edit, so no version")

	state := store.TokenState{Epoch: 3, ExpiresAt: at(10)}
	token := store.Secrets{fields.RefreshToken: paycor.NewSecret("refresh")}
	update(t, s, func(tx store.Tx) error { return tx.PutTokenState("w", "b", state, token) })
	got, err := tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Equal(t, state, got)
	assert.True(t, credential(t, s, "w", "a").HasRefreshToken)
	assert.False(t, credential(t, s, "w", "c").HasRefreshToken)
}

// A credential may move to another application, saved or new. An application ends with
// its last credential, and its secrets with it.
func testApplicationMoves(t *testing.T, s store.Store) {
	insert(t, s, "w", member("a", "app", 1), someSecrets("app"))
	insert(t, s, "w", member("b", "app", 2), nil)
	move := func(id, application, clientID string, secrets store.Secrets) {
		t.Helper()
		c := credential(t, s, "w", id)
		before := c.Version
		c.ApplicationID, c.ClientID, c.Version, c.UpdatedAt = application, clientID, before+1, at(70)
		update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", c, before, secrets) })
	}
	move("b", "next", "next-client", someSecrets("next"))
	assert.Equal(t, "next-client", credential(t, s, "w", "b").ClientID)
	assert.Equal(t, someSecrets("next"), secrets(t, s, "w", "b"))
	assert.Equal(t, member("a", "app", 1), credential(t, s, "w", "a"), "what is left stays as it is")
	assert.Equal(t, someSecrets("app"), secrets(t, s, "w", "a"))
	page := list(t, s, "w", paycor.Query{Search: "next-client"})
	assert.Equal(t, []string{"b"}, ids(page))

	move("a", "next", "ignored", nil)
	assert.Equal(t, "next-client", credential(t, s, "w", "a").ClientID)
	assert.Equal(t, someSecrets("next"), secrets(t, s, "w", "a"))
	view(t, s, func(r store.Reader) error {
		members, err := r.ApplicationCredentials("w", "next")
		assert.Equal(t, []store.ApplicationCredential{{ID: "a", LegalEntityID: 1}, {ID: "b", LegalEntityID: 2}}, members)
		return err
	})
	insert(t, s, "w", member("c", "app", 3), nil)
	assert.Empty(t, secrets(t, s, "w", "c"), "the application that both left is gone with its secrets")

	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", credential(t, s, "w", "a").Version) })
	assert.Equal(t, someSecrets("next"), secrets(t, s, "w", "b"), "another credential uses it still")
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "b", credential(t, s, "w", "b").Version) })
	insert(t, s, "w", member("d", "next", 4), nil)
	assert.Empty(t, secrets(t, s, "w", "d"))
}
