package sqlite

import (
	"paycorcred/paycor/store"
	"time"
)

// IdempotencyRecord returns what a create with this key made.
func (t *tx) IdempotencyRecord(workspace, caller, key string) (store.IdempotencyRecord, error) {
	i := store.IdempotencyRecord{Workspace: workspace, Caller: caller, Key: key}
	var expires timestamp
	const query = `SELECT request, credential, expires_at FROM idempotency WHERE workspace = ? AND caller = ? AND key = ?`
	err := t.row(query, []any{workspace, caller, key}, &i.Request, &i.Credential, &expires)
	if err != nil {
		return store.IdempotencyRecord{}, err
	}
	i.ExpiresAt = time.Time(expires)
	return i, nil
}

// InsertIdempotencyRecord remembers a create; ErrExists if the key is known.
func (t *tx) InsertIdempotencyRecord(i store.IdempotencyRecord) error {
	const query = `INSERT INTO idempotency (workspace, caller, key, request, credential, expires_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, i.Workspace, i.Caller, i.Key, nonNil(i.Request), i.Credential, timestamp(i.ExpiresAt))
}

// SignInLink finds a link by the hash of its code.
func (t *tx) SignInLink(hash []byte) (store.SignInLink, error) {
	var link store.SignInLink
	var created, expires, used timestamp
	const query = `SELECT hash, created_at, expires_at, used_at FROM sign_in_links WHERE hash = ?`
	if err := t.row(query, []any{nonNil(hash)}, &link.Hash, &created, &expires, &used); err != nil {
		return store.SignInLink{}, err
	}
	link.CreatedAt, link.ExpiresAt, link.UsedAt = time.Time(created), time.Time(expires), time.Time(used)
	return link, nil
}

// InsertSignInLink stores a new link; ErrExists if its hash is known.
func (t *tx) InsertSignInLink(link store.SignInLink) error {
	const query = `INSERT INTO sign_in_links (hash, created_at, expires_at, used_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(link.Hash), timestamp(link.CreatedAt), timestamp(link.ExpiresAt), timestamp(link.UsedAt))
}

// MarkSignInLinkUsed marks a link as used; ErrStale if it was used before.
func (t *tx) MarkSignInLinkUsed(hash []byte, at time.Time) error {
	changed, err := t.exec(`UPDATE sign_in_links SET used_at = ? WHERE hash = ? AND used_at = ''`, timestamp(at), nonNil(hash))
	if err != nil || changed == 1 {
		return err
	}
	if _, err := t.SignInLink(hash); err != nil {
		return err
	}
	return store.ErrStale
}

// DeleteExpired removes what expired before. What never expires stays.
func (t *tx) DeleteExpired(before time.Time) error {
	for _, query := range []string{
		`DELETE FROM idempotency WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM sessions WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM activations WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM sign_in_links WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM used_embed_tokens WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM embed_sessions WHERE expires_at <> '' AND expires_at < ?`,
	} {
		if _, err := t.exec(query, timestamp(before)); err != nil {
			return err
		}
	}
	return nil
}

// nonNil keeps no bytes from being stored, or looked for, as NULL.
func nonNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
