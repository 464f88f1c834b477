package records

import (
	"time"

	"paycorcred/paycor/store"
)

// signInLinkTx reads and writes one-time sign-in links.
type signInLinkTx struct{ *Transaction }

func (t signInLinkTx) SignInLink(hash []byte) (store.SignInLink, error) {
	var link store.SignInLink
	var created, expires, used Timestamp
	const query = `SELECT hash, created_at, expires_at, used_at FROM sign_in_links WHERE hash = ?`
	if err := t.Row(query, []any{nonNil(hash)}, &link.Hash, &created, &expires, &used); err != nil {
		return store.SignInLink{}, err
	}
	if err := t.requireAuthentic(signInLinkTable, nonNil(hash)); err != nil {
		return store.SignInLink{}, err
	}
	link.CreatedAt, link.ExpiresAt, link.UsedAt = time.Time(created), time.Time(expires), time.Time(used)
	return link, nil
}

func (t signInLinkTx) InsertSignInLink(link store.SignInLink) error {
	const query = `INSERT INTO sign_in_links (hash, created_at, expires_at, used_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	if err := t.insert(query, nonNil(link.Hash), Timestamp(link.CreatedAt), Timestamp(link.ExpiresAt), Timestamp(link.UsedAt)); err != nil {
		return err
	}
	return t.authenticate(signInLinkTable, nonNil(link.Hash))
}

func (t signInLinkTx) MarkSignInLinkUsed(hash []byte, at time.Time) error {
	if _, err := t.SignInLink(hash); err != nil {
		return err
	}
	changed, err := t.Exec(`UPDATE sign_in_links SET used_at = ? WHERE hash = ? AND used_at = ''`, Timestamp(at), nonNil(hash))
	if err != nil {
		return err
	}
	if changed == 0 {
		return store.ErrStale
	}
	return t.authenticate(signInLinkTable, nonNil(hash))
}
