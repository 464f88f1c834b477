package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testSharing(t *testing.T, s store.Store) {
	ann := &paycor.Sharing{People: []string{"ann"}, Groups: []string{"payroll"}}
	insert := func(id string, shared store.CredentialSharing) {
		update(t, s, func(tx store.Tx) error {
			return errors.Join(tx.InsertCredential("w", newCredential(id, id), nil), tx.PutCredentialSharing("w", id, shared))
		})
	}
	insert("a-everyone", store.CredentialSharing{Owner: "person bob"})
	insert("b-ann", store.CredentialSharing{Owner: "person bob", Sharing: ann})
	insert("c-nobody", store.CredentialSharing{Owner: "person bob", Sharing: &paycor.Sharing{People: []string{}, Groups: []string{}}})
	insert("d-unowned", store.CredentialSharing{Sharing: ann})
	tests := map[string]struct {
		viewer *paycor.Viewer
		want   []string
	}{
		"everything":              {nil, []string{"a-everyone", "b-ann", "c-nobody", "d-unowned"}},
		"the owner":               {&paycor.Viewer{Owner: "person bob", Keys: []string{}}, []string{"a-everyone", "b-ann", "c-nobody"}},
		"a person":                {&paycor.Viewer{Owner: "person ann", Keys: []string{"person:ann"}}, []string{"a-everyone", "b-ann", "d-unowned"}},
		"a group":                 {&paycor.Viewer{Owner: "person eve", Keys: []string{"x", "group:payroll"}}, []string{"a-everyone", "b-ann", "d-unowned"}},
		"a group key of a person": {&paycor.Viewer{Owner: "person eve", Keys: []string{"group:ann", "person:payroll"}}, []string{"a-everyone"}},
		"an empty viewer":         {&paycor.Viewer{}, []string{"a-everyone"}},
	}
	for name, test := range tests {
		view(t, s, func(r store.Reader) error {
			page, err := r.Credentials("w", paycor.Query{Viewer: test.viewer}, nil)
			var seen []string
			for _, credential := range page.Credentials {
				seen = append(seen, credential.ID)
			}
			assert.Equal(t, test.want, seen, name)
			assert.Equal(t, len(test.want), page.Total, name)
			for _, id := range []string{"a-everyone", "b-ann", "c-nobody", "d-unowned"} {
				shared, err := r.CredentialSharing("w", id)
				assert.NoError(t, err)
				assert.Equal(t, slices.Contains(test.want, id), test.viewer.Sees(shared.Owner, shared.Sharing),
					"%s, %s: list and Viewer.Sees agree", name, id)
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
