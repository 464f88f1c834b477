package storetest

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
)

func embedHost(id, workspace, name string) embed.Host {
	return embed.Host{
		ID: id, Workspace: workspace, Name: name, Origins: []string{"https://a.example", "http://localhost:3000"},
		Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}, Keys: json.RawMessage(`{"keys":[ ]}`),
		CreatedAt: at(0), CreatedBy: "Ünïcode", Version: 1,
	}
}

func testEmbedHosts(t *testing.T, s store.Store) {
	byURL := embedHost("h-2", "w", "alpha")
	byURL.Keys, byURL.KeysURL = nil, "https://a.example/keys"
	first, foreign := embedHost("h-1", "w", "Beta"), embedHost("h-3", "other", "Gamma")
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertEmbedHost(first), tx.InsertEmbedHost(byURL), tx.InsertEmbedHost(foreign))
	})
	view(t, s, func(r store.Reader) error {
		hosts, err := r.EmbedHosts("w")
		assert.NoError(t, err)
		assert.Equal(t, []embed.Host{byURL, first}, hosts)
		none, err := r.EmbedHosts("nowhere")
		assert.NoError(t, err)
		assert.Equal(t, []embed.Host{}, none)
		found, err := r.EmbedHost("h-3")
		assert.NoError(t, err)
		assert.Equal(t, foreign, found)
		_, err = r.EmbedHost("h-4")
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedHost(embedHost("h-1", "other", "again")) }), store.ErrExists)
	changed := embedHost("h-3", "other", "Gamma, renamed")
	changed.Origins, changed.Rights, changed.Keys, changed.KeysURL = []string{"https://b.example"}, paycor.Rights{paycor.RightView}, nil, "https://b.example/keys"
	changed.Version = 2
	update(t, s, func(tx store.Tx) error { return tx.UpdateEmbedHost(changed, 1, changed.Origins) })
	view(t, s, func(r store.Reader) error {
		found, err := r.EmbedHost("h-3")
		assert.Equal(t, changed, found)
		return err
	})
	foreignUpdate := changed
	foreignUpdate.Workspace = "w"
	for name, test := range map[string]struct {
		host    embed.Host
		version int64
	}{"an older version": {changed, 1}, "another workspace": {foreignUpdate, 2}, "unknown": {embedHost("h-9", "w", "none"), 1}} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.UpdateEmbedHost(test.host, test.version, nil) }), store.ErrStale, name)
	}
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteEmbedHost("w", "h-3") }), store.ErrNotFound, "another workspace")
	update(t, s, func(tx store.Tx) error { return tx.DeleteEmbedHost("other", "h-3") })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteEmbedHost("other", "h-3") }), store.ErrNotFound)
}

func testEmbedTokens(t *testing.T, s store.Store) {
	var used atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkEmbedTokenUsed([]byte{1}, at(5)) })
			if err == nil {
				used.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrExists)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, used.Load())
	use := func(hash byte) error {
		return s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkEmbedTokenUsed([]byte{hash}, at(5)) })
	}
	assert.NoError(t, use(2), "another token")
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(5)) })
	assert.ErrorIs(t, use(1), store.ErrExists, "not expired yet")
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(6)) })
	assert.NoError(t, use(1), "forgotten after it expired")
}

func testEmbedSessions(t *testing.T, s store.Store) {
	session := func(hash byte, host string) store.EmbedSession {
		return store.EmbedSession{
			Hash: []byte{hash}, Host: host, Origin: "https://a.example", CreatedAt: at(0), ExpiresAt: at(int(hash)),
			Caller: paycor.Caller{Kind: paycor.CallerEmbedded, ID: "h:ann", Name: "Ann", Workspace: "w", Rights: paycor.Rights{paycor.RightView}},
		}
	}
	exists := func(hash byte) bool {
		found := false
		view(t, s, func(r store.Reader) error {
			got, err := r.EmbedSession([]byte{hash})
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			assert.Equal(t, []byte{hash}, got.Hash)
			found = true
			return err
		})
		return found
	}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertEmbedHost(embedHost("h-1", "w", "one")), tx.InsertEmbedHost(embedHost("h-2", "w", "two")),
			tx.InsertEmbedSession(session(1, "h-1")), tx.InsertEmbedSession(session(2, "h-1")),
			tx.InsertEmbedSession(session(3, "h-1")), tx.InsertEmbedSession(session(4, "h-2")))
	})
	view(t, s, func(r store.Reader) error {
		found, err := r.EmbedSession([]byte{3})
		assert.Equal(t, session(3, "h-1"), found)
		return err
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedSession(session(3, "h-2")) }), store.ErrExists)
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedSession(session(9, "h-9")) }), "an unknown site")
	assert.True(t, exists(1))
	assert.False(t, exists(99))
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(3)) })
	assert.False(t, exists(2), "expired")
	assert.True(t, exists(3))
	other := session(5, "h-1")
	other.Origin, other.ExpiresAt = "https://b.example", at(9)
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertEmbedSession(other), tx.UpdateEmbedHost(embedHost("h-1", "w", "one"), 1, []string{"https://a.example"}))
	})
	assert.True(t, exists(3))
	assert.False(t, exists(5), "its origin was removed")
	assert.True(t, exists(4), "another site")
	update(t, s, func(tx store.Tx) error { return tx.DeleteEmbedHost("w", "h-1") })
	assert.False(t, exists(3), "its site was deleted")
	assert.True(t, exists(4))
}

func testOneTimeTokens(t *testing.T, s store.Store) {
	caller := paycor.Caller{Kind: paycor.CallerEmbedded, ID: "h-1/ann", Name: "Ann", Workspace: "w", Rights: paycor.Rights{paycor.RightView}, Credentials: []string{"c"}}
	token := func(hash byte, host, apiToken string) store.EmbedToken {
		return store.EmbedToken{
			Hash: []byte{hash}, Host: host, Origin: "https://a.example", APIToken: apiToken, Caller: caller, CreatedAt: at(0), ExpiresAt: at(int(hash)),
		}
	}
	exists := func(hash byte) bool {
		found := false
		view(t, s, func(r store.Reader) error {
			_, err := r.EmbedToken([]byte{hash})
			found = err == nil
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		})
		return found
	}
	opened := func(hash byte) bool {
		found := false
		view(t, s, func(r store.Reader) error {
			_, err := r.EmbedSession([]byte{hash})
			found = err == nil
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		})
		return found
	}
	// use exchanges a token for a session whose hash is 100 more.
	use := func(hash byte) error {
		return s.Update(testContext(t), func(tx store.Tx) error {
			if err := tx.UseEmbedToken([]byte{hash}, []byte{hash + 100}, at(50)); err != nil {
				return err
			}
			return tx.InsertEmbedSession(store.EmbedSession{Hash: []byte{hash + 100}, Host: "h-1", Origin: "https://a.example", Caller: caller, CreatedAt: at(0), ExpiresAt: at(50)})
		})
	}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(
			tx.InsertEmbedHost(embedHost("h-1", "w", "one")), tx.InsertEmbedHost(embedHost("h-2", "w", "two")),
			tx.InsertAPIToken(store.APIToken{ID: "t-1", Hash: []byte{1}, Workspace: "w", CreatedAt: at(0)}),
			tx.InsertAPIToken(store.APIToken{ID: "t-2", Hash: []byte{2}, Workspace: "w", CreatedAt: at(0)}),
			tx.InsertEmbedToken(token(3, "h-1", "t-1")), tx.InsertEmbedToken(token(4, "h-1", "t-1")), tx.InsertEmbedToken(token(5, "h-1", "t-2")),
			tx.InsertEmbedToken(token(6, "h-2", "t-2")), tx.InsertEmbedToken(token(7, "h-1", "t-2")),
		)
	})
	view(t, s, func(r store.Reader) error {
		found, err := r.EmbedToken([]byte{3})
		assert.Empty(t, found.Session)
		found.Session = nil
		assert.Equal(t, token(3, "h-1", "t-1"), found)
		return err
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedToken(token(3, "h-2", "t-2")) }), store.ErrExists)
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertEmbedToken(token(9, "h-9", "t-1")) }), "an unknown site")

	var used atomic.Int32
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			if err := use(3); err == nil {
				used.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrExists)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, used.Load())
	assert.ErrorIs(t, use(99), store.ErrExists, "there is none")
	assert.NoError(t, use(5))
	view(t, s, func(r store.Reader) error {
		found, err := r.EmbedToken([]byte{3})
		assert.Equal(t, []byte{103}, found.Session)
		assert.Equal(t, at(50), found.ExpiresAt, "it stays as long as its session")
		return err
	})

	update(t, s, func(tx store.Tx) error { return tx.RevokeAPIToken("w", "t-1", at(1), "Ann") })
	assert.False(t, exists(3))
	assert.False(t, opened(103), "its API token was revoked")
	assert.False(t, exists(4), "an unused one")
	assert.True(t, exists(5))
	assert.True(t, opened(105), "of another API token")

	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(8)) })
	assert.False(t, exists(7), "expired")
	assert.True(t, exists(5))
	update(t, s, func(tx store.Tx) error {
		return tx.UpdateEmbedHost(embedHost("h-1", "w", "one"), 1, []string{"https://b.example"})
	})
	assert.False(t, exists(5), "its origin was removed")
	assert.False(t, opened(105))
	update(t, s, func(tx store.Tx) error { return tx.InsertEmbedToken(token(8, "h-2", "t-2")) })
	update(t, s, func(tx store.Tx) error { return tx.DeleteEmbedHost("w", "h-2") })
	assert.False(t, exists(8), "its site was deleted")
}
