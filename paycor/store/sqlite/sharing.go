package sqlite

import (
	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// sharingTx reads and writes who can see a credential.
type sharingTx struct{ *transaction }

func (t sharingTx) CredentialSharing(workspace, id string) (store.CredentialSharing, error) {
	var found store.CredentialSharing
	var keys jsonColumn[[]string]
	err := t.row(`SELECT owner, shared FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &found.Owner, &keys)
	found.Sharing = sharingOf(keys)
	return found, err
}

func (t sharingTx) PutCredentialSharing(workspace, id string, sharing store.CredentialSharing) error {
	var keys jsonColumn[[]string]
	if sharing.Sharing != nil {
		listed := sharing.Sharing.Keys()
		keys.value = &listed
	}
	const query = `UPDATE credentials SET owner = ?, shared = ? WHERE workspace = ? AND id = ?`
	return t.change(store.ErrNotFound, query, sharing.Owner, keys, workspace, id)
}

func sharingOf(keys jsonColumn[[]string]) *paycor.Sharing {
	if keys.value == nil {
		return nil
	}
	sharing := paycor.SharingOf(*keys.value)
	return &sharing
}

// viewerArguments returns the arguments by which a list leaves out credentials
// that the viewer cannot see. They follow paycor.Viewer.Sees.
func viewerArguments(viewer *paycor.Viewer) []any {
	if viewer == nil {
		return []any{nil, nil}
	}
	return []any{viewer.Owner, jsonOf(&viewer.Keys)}
}
