package sqlite

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

const tokenColumns = `SELECT id, hash, name, workspace, rights, credentials, created_at, created_by,
	expires_at, last_used_at, revoked_at, revoked_by FROM tokens `

func scanToken(scan func(...any) error) (store.APIToken, error) {
	var token store.APIToken
	var rights jsonColumn[paycor.Rights]
	var credentials jsonColumn[[]string]
	var created, expires, used, revoked timestamp
	err := scan(&token.ID, &token.Hash, &token.Name, &token.Workspace, &rights, &credentials, &created, &token.CreatedBy,
		&expires, &used, &revoked, &token.RevokedBy)
	token.Rights, token.Credentials = rights.orZero(), credentials.orZero()
	token.CreatedAt, token.ExpiresAt = time.Time(created), time.Time(expires)
	token.LastUsedAt, token.RevokedAt = time.Time(used), time.Time(revoked)
	return token, err
}

func (t *tx) token(where string, arguments ...any) (store.APIToken, error) {
	token, err := scanToken(func(destinations ...any) error { return t.row(tokenColumns+where, arguments, destinations...) })
	if err != nil {
		return store.APIToken{}, err
	}
	return token, nil
}

// APIToken finds an API token by its hash.
func (t *tx) APIToken(hash []byte) (store.APIToken, error) {
	return t.token(`WHERE hash = ?`, nonNil(hash))
}

// APITokenByID returns one.
func (t *tx) APITokenByID(workspace, id string) (store.APIToken, error) {
	return t.token(`WHERE id = ? AND workspace = ?`, id, workspace)
}

// APITokens lists a workspace's API tokens, newest first.
func (t *tx) APITokens(workspace string) ([]store.APIToken, error) {
	tokens := []store.APIToken{}
	err := t.rows(tokenColumns+`WHERE workspace = ? ORDER BY created_at DESC, id`, []any{workspace}, func(scan func(...any) error) error {
		token, err := scanToken(scan)
		tokens = append(tokens, token)
		return err
	})
	return tokens, err
}

// InsertAPIToken stores a new API token; ErrExists if its id or hash is known.
func (t *tx) InsertAPIToken(token store.APIToken) error {
	const query = `INSERT INTO tokens (id, hash, name, workspace, rights, credentials, created_at, created_by,
		expires_at, last_used_at, revoked_at, revoked_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, token.ID, nonNil(token.Hash), token.Name, token.Workspace, jsonList(token.Rights),
		jsonList(token.Credentials), timestamp(token.CreatedAt), token.CreatedBy,
		timestamp(token.ExpiresAt), timestamp(token.LastUsedAt), timestamp(token.RevokedAt), token.RevokedBy)
}

// RevokeAPIToken ends an API token.
func (t *tx) RevokeAPIToken(workspace, id string, at time.Time, by string) error {
	const query = `UPDATE tokens SET revoked_at = ?, revoked_by = ? WHERE id = ? AND workspace = ? AND revoked_at = ''`
	changed, err := t.exec(query, timestamp(at), by, id, workspace)
	if err == nil && changed == 0 {
		_, err = t.APITokenByID(workspace, id)
	}
	return err
}

// SetAPITokenLastUsed notes when a token was used last.
func (t *tx) SetAPITokenLastUsed(id string, at time.Time) error {
	_, err := t.exec(`UPDATE tokens SET last_used_at = ?1 WHERE id = ?2 AND last_used_at < ?1`, timestamp(at), id)
	return err
}

// DeleteEndedAPITokens removes tokens that ended before.
func (t *tx) DeleteEndedAPITokens(before time.Time) error {
	_, err := t.exec(`DELETE FROM tokens WHERE revoked_at <> '' AND revoked_at < ?1 OR expires_at <> '' AND expires_at < ?1`, timestamp(before))
	return err
}
