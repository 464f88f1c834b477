package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testSessionLists(t *testing.T, s store.Store) {
	session := func(n byte, workspace, person, issuer, name string) store.Session {
		return store.Session{
			Hash: []byte{n}, ID: string('a' + rune(n)), Caller: paycor.Caller{Kind: paycor.CallerPerson, ID: person, Workspace: workspace},
			Issuer: issuer, ProviderSession: name, CreatedAt: at(int(n)), LastSeenAt: at(int(n)), ExpiresAt: at(100),
		}
	}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(
			tx.InsertSession(session(1, "w", "ann", "issuer", "one")), tx.InsertSession(session(2, "w", "bob", "issuer", "two")),
			tx.InsertSession(session(3, "w", "ann", "", "")), tx.InsertSession(session(4, "other", "ann", "issuer", "one")),
			tx.SetSessionLastSeen([]byte{1}, at(50)))
	})
	ids := func(list []store.Session, err error) string {
		assert.NoError(t, err)
		text := ""
		for _, one := range list {
			text += one.ID
		}
		return text
	}
	view(t, s, func(r store.Reader) error {
		assert.Equal(t, "dcb", ids(r.Sessions("w", "")), "newest first, of one workspace")
		assert.Equal(t, "db", ids(r.Sessions("w", "ann")))
		assert.Empty(t, ids(r.Sessions("w", "eve")))
		assert.Equal(t, "eb", ids(r.ProviderSessions("issuer", "", "one")), "of every workspace")
		assert.Equal(t, "eb", ids(r.ProviderSessions("issuer", "ann", "")))
		assert.Equal(t, "c", ids(r.ProviderSessions("issuer", "bob", "two")))
		assert.Empty(t, ids(r.ProviderSessions("issuer", "bob", "one")))
		assert.Empty(t, ids(r.ProviderSessions("issuer", "", "")), "nothing named is nobody")
		assert.Empty(t, ids(r.ProviderSessions("", "ann", "")), "a one-time link is no provider's")
		seen, err := r.Session([]byte{1})
		assert.Equal(t, at(50), seen.LastSeenAt)
		return err
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.SetSessionLastSeen([]byte{9}, at(1)) }), store.ErrNotFound)
}

func testSharing(t *testing.T, s store.Store) {
	ann := &paycor.Sharing{People: []string{"ann"}, Groups: []string{"payroll"}}
	insert := func(id string, shared store.CredentialSharing) {
		update(t, s, func(tx store.Tx) error {
			return errors.Join(tx.InsertCredential("w", paycor.Credential{ID: id, Name: id, Version: 1}, nil), tx.PutCredentialSharing("w", id, shared))
		})
	}
	insert("a-everybody", store.CredentialSharing{Owner: "person bob"})
	insert("b-ann", store.CredentialSharing{Owner: "person bob", Sharing: ann})
	insert("c-nobody", store.CredentialSharing{Owner: "person bob", Sharing: &paycor.Sharing{People: []string{}, Groups: []string{}}})
	insert("d-unowned", store.CredentialSharing{Sharing: ann})
	tests := map[string]struct {
		viewer *paycor.Viewer
		sees   []string
	}{
		"everything":   {nil, []string{"a-everybody", "b-ann", "c-nobody", "d-unowned"}},
		"the owner":    {&paycor.Viewer{Owner: "person bob", Keys: []string{}}, []string{"a-everybody", "b-ann", "c-nobody"}},
		"a person":     {&paycor.Viewer{Owner: "person ann", Keys: []string{"person:ann"}}, []string{"a-everybody", "b-ann", "d-unowned"}},
		"a group":      {&paycor.Viewer{Owner: "person eve", Keys: []string{"x", "group:payroll"}}, []string{"a-everybody", "b-ann", "d-unowned"}},
		"another sort": {&paycor.Viewer{Owner: "person eve", Keys: []string{"group:ann", "person:payroll"}}, []string{"a-everybody"}},
		"nobody named": {&paycor.Viewer{}, []string{"a-everybody"}},
	}
	for name, test := range tests {
		view(t, s, func(r store.Reader) error {
			page, err := r.Credentials("w", paycor.Query{Viewer: test.viewer}, nil)
			var seen []string
			for _, credential := range page.Credentials {
				seen = append(seen, credential.ID)
			}
			assert.Equal(t, test.sees, seen, name)
			assert.Equal(t, len(test.sees), page.Total, name)
			for _, id := range []string{"a-everybody", "b-ann", "c-nobody", "d-unowned"} {
				shared, err := r.CredentialSharing("w", id)
				assert.NoError(t, err)
				assert.Equal(t, slices.Contains(test.sees, id), test.viewer.Sees(shared.Owner, shared.Sharing),
					"%s, %s: the list and the rule agree", name, id)
			}
			return err
		})
	}
	view(t, s, func(r store.Reader) error {
		found, err := r.Credential("w", "b-ann")
		assert.Equal(t, ann, found.Sharing)
		_, missing := r.CredentialSharing("other", "b-ann")
		assert.ErrorIs(t, missing, store.ErrNotFound)
		return err
	})
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.PutCredentialSharing("other", "b-ann", store.CredentialSharing{}) }), store.ErrNotFound)
}
