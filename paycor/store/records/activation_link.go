package records

import (
	"cmp"
	"slices"
	"time"

	"paycorcred/paycor/store"
)

// activationLinkTx reads and writes activation links.
type activationLinkTx struct{ *Transaction }

const activationLinkColumns = `SELECT hash, id, workspace, credential, sign_in, created_at, created_by, expires_at, used_at, revoked_at, revoked_by FROM activation_links`

func scanActivationLink(scan Scan) (link store.ActivationLink, err error) {
	var created, expires, used, revoked Timestamp
	err = scan(&link.Hash, &link.ID, &link.Workspace, &link.Credential, &link.SignIn, &created, &link.CreatedBy, &expires, &used, &revoked, &link.RevokedBy)
	link.CreatedAt, link.ExpiresAt, link.UsedAt, link.RevokedAt = time.Time(created), time.Time(expires), time.Time(used), time.Time(revoked)
	return link, err
}

func (t activationLinkTx) ActivationLink(hash []byte) (store.ActivationLink, error) {
	link, err := One(t.Transaction, scanActivationLink, activationLinkColumns+` WHERE hash = ?`, nonNil(hash))
	if err != nil {
		return store.ActivationLink{}, err
	}
	if err := t.requireAuthentic(activationLinkTable, nonNil(hash)); err != nil {
		return store.ActivationLink{}, err
	}
	return link, nil
}

func (t activationLinkTx) ActivationLinks(workspace, credential string) ([]store.ActivationLink, error) {
	links, err := List(t.Transaction, scanActivationLink, activationLinkColumns+activationLinksOf+` ORDER BY created_at DESC, id`, workspace, credential)
	if !IsDamage(err) {
		return links, err
	}
	links, err = salvage(t.Transaction, err, activationLinkTable.keyStatements(t.dialect, activationLinksOf), []any{workspace, credential}, func(hash []byte) (store.ActivationLink, error) {
		return One(t.Transaction, scanActivationLink, activationLinkColumns+` WHERE hash = ?`, hash)
	})
	slices.SortFunc(links, func(a, b store.ActivationLink) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return links, err
}

const activationLinksOf = ` WHERE workspace = ? AND credential = ?`

func (t activationLinkTx) InsertActivationLink(link store.ActivationLink) error {
	const query = `INSERT INTO activation_links (hash, id, workspace, credential, sign_in, created_at, created_by, expires_at, used_at, revoked_at, revoked_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, nonNil(link.Hash), link.ID, link.Workspace, link.Credential, link.SignIn, Timestamp(link.CreatedAt), link.CreatedBy,
		Timestamp(link.ExpiresAt), Timestamp(link.UsedAt), Timestamp(link.RevokedAt), link.RevokedBy)
	if err != nil {
		return err
	}
	return t.authenticate(activationLinkTable, nonNil(link.Hash))
}

func (t activationLinkTx) MarkActivationLinkUsed(hash []byte, at time.Time) error {
	if _, err := t.ActivationLink(hash); err != nil {
		return err
	}
	const query = `UPDATE activation_links SET used_at = ? WHERE hash = ? AND used_at = '' AND revoked_at = ''`
	if err := t.change(store.ErrStale, query, Timestamp(at), nonNil(hash)); err != nil {
		return err
	}
	return t.authenticate(activationLinkTable, nonNil(hash))
}

func (t activationLinkTx) RevokeActivationLink(workspace, credential, id string, at time.Time, by string) error {
	var hash []byte
	err := t.Row(`SELECT hash FROM activation_links WHERE workspace = ? AND credential = ? AND id = ?`, []any{workspace, credential, id}, &hash)
	if err != nil {
		return err
	}
	changed, err := t.Exec(`UPDATE activation_links SET revoked_at = ?, revoked_by = ? WHERE hash = ? AND used_at = '' AND revoked_at = ''`, Timestamp(at), by, hash)
	if err != nil || changed == 0 {
		return err
	}
	return t.authenticate(activationLinkTable, hash)
}
