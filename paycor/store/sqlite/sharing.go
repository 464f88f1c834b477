package sqlite

import (
	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// CredentialSharing returns who may see a credential.
func (t *tx) CredentialSharing(workspace, id string) (store.CredentialSharing, error) {
	var shared store.CredentialSharing
	var keys jsonColumn[[]string]
	err := t.row(`SELECT owner, shared FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &shared.Owner, &keys)
	shared.Sharing = sharingOf(keys)
	return shared, err
}

// PutCredentialSharing stores who may see a credential.
func (t *tx) PutCredentialSharing(workspace, id string, shared store.CredentialSharing) error {
	var keys jsonColumn[[]string]
	if shared.Sharing != nil {
		named := shared.Sharing.Keys()
		keys.value = &named
	}
	changed, err := t.exec(`UPDATE credentials SET owner = ?, shared = ? WHERE workspace = ? AND id = ?`, shared.Owner, keys, workspace, id)
	if err == nil && changed == 0 {
		return store.ErrNotFound
	}
	return err
}

func sharingOf(keys jsonColumn[[]string]) *paycor.Sharing {
	if keys.value == nil {
		return nil
	}
	sharing := paycor.SharingOf(*keys.value)
	return &sharing
}

// viewerArguments are the arguments of a list that follows Viewer.Sees.
func viewerArguments(viewer *paycor.Viewer) []any {
	if viewer == nil {
		return []any{nil, nil}
	}
	return []any{viewer.Owner, jsonOf(&viewer.Keys)}
}
