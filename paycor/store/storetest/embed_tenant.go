package storetest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
)

func testEmbedTenants(t *testing.T, s store.Store) {
	acme := embed.Tenant{ID: "Acme", Workspace: "Ünïcode", Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}, CreatedAt: at(0)}
	birch := embed.Tenant{ID: "birch", Workspace: "w", Rights: paycor.Rights{paycor.RightView}, CreatedAt: at(1)}
	caller := paycor.Caller{Kind: paycor.CallerEmbedded, ID: "h-1/ann", Workspace: "w"}
	// open inserts a session and a one-time token with the same hash.
	open := func(hash byte, host, tenant string) error {
		return s.Update(testContext(t), func(tx store.Tx) error {
			return errors.Join(
				tx.InsertEmbedSession(store.EmbedSession{Hash: []byte{hash}, Host: host, Origin: "https://a.example", Tenant: tenant, Caller: caller, CreatedAt: at(0), ExpiresAt: at(9)}),
				tx.InsertEmbedToken(store.EmbedToken{Hash: []byte{hash}, Host: host, Origin: "https://a.example", Tenant: tenant, Caller: caller, CreatedAt: at(0), ExpiresAt: at(9)}))
		})
	}
	// exists reports whether both are there, or neither.
	exists := func(hash byte) (found bool) {
		view(t, s, func(r store.Reader) error {
			session, err := r.EmbedSession([]byte{hash})
			token, tokenErr := r.EmbedToken([]byte{hash})
			found = err == nil
			assert.Equal(t, err, tokenErr)
			assert.Equal(t, session.Tenant, token.Tenant)
			return nil
		})
		return found
	}
	insert := func(host string, tenant embed.Tenant) error {
		return s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedTenant(host, tenant) })
	}
	remove := func(host, tenant string) error {
		return s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteEmbedTenant(host, tenant) })
	}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertEmbedHost(embedHost("h-1", "w", "one")), tx.InsertEmbedHost(embedHost("h-2", "w", "two")))
	})
	assert.NoError(t, errors.Join(open(1, "h-1", ""), open(2, "h-2", "")))
	assert.NoError(t, errors.Join(insert("h-1", birch), insert("h-1", acme)))
	assert.False(t, exists(1), "the first tenant ends the sessions that are for none")
	assert.True(t, exists(2), "another site")
	assert.ErrorIs(t, insert("h-1", acme), store.ErrExists)
	assert.ErrorIs(t, insert("h-1", embed.Tenant{ID: "aCME", Workspace: "other"}), store.ErrExists, "in another case")
	assert.Error(t, insert("h-9", acme), "an unknown site")
	view(t, s, func(r store.Reader) error {
		tenants, err := r.EmbedTenants("h-1")
		assert.NoError(t, err)
		assert.Equal(t, []embed.Tenant{acme, birch}, tenants)
		none, err := r.EmbedTenants("h-2")
		assert.NoError(t, err)
		assert.Equal(t, []embed.Tenant{}, none)
		workspaces, err := r.EmbedTenantWorkspaces("h-1")
		assert.NoError(t, err)
		assert.Equal(t, []string{"w", "Ünïcode"}, workspaces)
		count, err := r.CountEmbedTenants("h-1")
		assert.NoError(t, err)
		assert.Equal(t, 2, count)
		found, err := r.EmbedTenant("h-1", "Acme")
		assert.NoError(t, err)
		assert.Equal(t, acme, found)
		for _, unknown := range [][2]string{{"h-1", "acme"}, {"h-2", "Acme"}, {"h-1", ""}, {"h-1", "none"}} {
			_, err = r.EmbedTenant(unknown[0], unknown[1])
			assert.ErrorIs(t, err, store.ErrNotFound, unknown)
		}
		return nil
	})

	assert.NoError(t, errors.Join(open(3, "h-1", "Acme"), open(4, "h-1", "birch"), insert("h-2", acme), open(5, "h-2", "Acme")))
	assert.ErrorIs(t, remove("h-1", "none"), store.ErrNotFound)
	assert.NoError(t, remove("h-1", "Acme"))
	assert.False(t, exists(3), "its tenant was removed")
	assert.True(t, exists(4), "another tenant")
	assert.True(t, exists(5), "another site")
	assert.NoError(t, open(6, "h-1", "Acme"), "left by something else that deleted the tenant")
	assert.NoError(t, insert("h-1", acme), "again")
	assert.False(t, exists(3))
	assert.False(t, exists(6))
	update(t, s, func(tx store.Tx) error { return tx.DeleteEmbedHost("w", "h-1") })
	assert.False(t, exists(4), "its site was deleted")
	view(t, s, func(r store.Reader) error {
		tenants, err := r.EmbedTenants("h-1")
		assert.Empty(t, tenants)
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.InsertEmbedHost(embedHost("h-1", "other", "one again")) })
	assert.NoError(t, insert("h-1", acme), "the tenants of a deleted site are gone")
}
