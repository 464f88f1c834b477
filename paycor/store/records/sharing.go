package records

import (
	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// sharingTx reads and writes who can see a credential.
type sharingTx struct{ *Transaction }

func (t sharingTx) CredentialSharing(workspace, id string) (store.CredentialSharing, error) {
	var found store.CredentialSharing
	var keys JSON[[]string]
	err := t.soon(`SELECT owner, shared FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &found.Owner, closed{&keys})
	found.Sharing = sharingOf(keys)
	return found, err
}

func (t sharingTx) PutCredentialSharing(workspace, id string, sharing store.CredentialSharing) error {
	var keys JSON[[]string]
	if sharing.Sharing != nil {
		listed := sharing.Sharing.Keys()
		keys.value = &listed
	}
	const query = `UPDATE credentials SET owner = ?, shared = ? WHERE workspace = ? AND id = ?`
	if err := t.change(store.ErrNotFound, query, sharing.Owner, keys, workspace, id); err != nil {
		return err
	}
	return t.putViewers(workspace, id, sharing)
}

// putViewers lets lists find a restricted credential by those who see it.
func (t sharingTx) putViewers(workspace, id string, sharing store.CredentialSharing) error {
	if err := t.Queue(`DELETE FROM credential_shares WHERE workspace = ? AND credential = ?`, workspace, id); err != nil {
		return err
	}
	const restrict = `UPDATE search_documents SET restricted = ?1 WHERE workspace = ?2 AND credential = ?3 AND restricted <> ?1`
	if err := t.Queue(restrict, flag(sharing.Sharing != nil), workspace, id); err != nil || sharing.Sharing == nil {
		return err
	}
	const insert = `INSERT INTO credential_shares (workspace, viewer, credential) SELECT DISTINCT ?1, value, ?2 FROM json_each(?3)`
	return t.Queue(insert, workspace, id, jsonList(viewerKeys(sharing.Owner, sharing.Sharing.Keys())))
}

func sharingOf(keys JSON[[]string]) *paycor.Sharing {
	if keys.value == nil {
		return nil
	}
	sharing := paycor.SharingOf(*keys.value)
	return &sharing
}

// viewerKeys returns what names those who see a restricted credential, or a viewer.
// They follow paycor.Viewer.Sees.
func viewerKeys(owner string, keys []string) []string {
	if owner == "" {
		return keys
	}
	return append([]string{"owner:" + owner}, keys...)
}

// viewerArgument returns the argument by which a list leaves out credentials that the
// viewer cannot see.
func viewerArgument(viewer *paycor.Viewer) any {
	if viewer == nil {
		return nil
	}
	keys := append([]string{}, viewerKeys(viewer.Owner, viewer.Keys)...) // an empty list is a list, too
	return jsonOf(&keys)
}
