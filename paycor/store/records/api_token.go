package records

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/store"
)

// apiTokenTx reads and writes API tokens.
type apiTokenTx struct{ *Transaction }

const tokenColumns = `SELECT id, hash, name, workspace, rights, credentials, created_at, created_by,
	expires_at, last_used_at, revoked_at, revoked_by FROM tokens `

// scanToken reads a token. What is damaged of it counts as empty: it does not have its MAC
// anymore, so that it gives no authority, and its page says so.
func scanToken(scan Scan) (store.APIToken, error) {
	var token store.APIToken
	var rights JSON[paycor.Rights]
	var credentials JSON[[]string]
	var created, expires, used, revoked Timestamp
	err := scan(&token.ID, &token.Hash, &token.Name, &token.Workspace, Lenient{&rights}, Lenient{&credentials},
		Lenient{&created}, &token.CreatedBy, Lenient{&expires}, Lenient{&used}, Lenient{&revoked}, &token.RevokedBy)
	token.Rights, token.Credentials = rights.OrZero(), credentials.OrZero()
	token.CreatedAt, token.ExpiresAt = time.Time(created), time.Time(expires)
	token.LastUsedAt, token.RevokedAt = time.Time(used), time.Time(revoked)
	return token, err
}

func (t apiTokenTx) token(where string, arguments ...any) (store.APIToken, error) {
	return One(t.Transaction, scanToken, tokenColumns+where, arguments...)
}

func (t apiTokenTx) APIToken(hash []byte) (store.APIToken, error) {
	token, err := t.token(`WHERE hash = ?`, nonNil(hash))
	if err == nil {
		err = t.requireAuthentic(apiTokenTable, token.ID)
	}
	if err != nil {
		return store.APIToken{}, err
	}
	return token, nil
}

func (t apiTokenTx) APITokenByID(workspace, id string) (store.APIToken, error) {
	return t.token(`WHERE id = ? AND workspace = ?`, id, workspace)
}

const (
	tokensAfter = `WHERE workspace = ?1 AND created_at <= ?2 AND (created_at < ?2 OR id > ?3) ORDER BY created_at DESC, id LIMIT ?4`
	countTokens = `SELECT count(*), count(*) FILTER (WHERE revoked_at = '' AND (expires_at = '' OR expires_at > ?2)) FROM tokens WHERE workspace = ?1`
	afterAll    = "\U0010ffff" // after any text, a damaged one too
)

func (t apiTokenTx) CountAPITokens(workspace string, now time.Time) (total, live int, err error) {
	err = t.Row(countTokens, []any{workspace, Timestamp(now)}, &total, &live)
	if !IsDamage(err) {
		return total, live, err
	}
	tokens, err := t.salvage(workspace, err)
	for _, token := range tokens {
		if token.Consumer().At(now).State == consumer.Active {
			live++
		}
	}
	return len(tokens), live, err
}

func (t apiTokenTx) APITokens(workspace string, after store.APITokenPosition, limit int) ([]store.APIToken, error) {
	createdAt := any(afterAll)
	if !after.CreatedAt.IsZero() {
		createdAt = Timestamp(after.CreatedAt)
	}
	tokens, err := List(t.Transaction, scanToken, tokenColumns+tokensAfter, workspace, createdAt, after.ID, limit)
	for i := range tokens {
		if err == nil {
			tokens[i], err = t.checked(tokens[i])
		}
	}
	if !IsDamage(err) {
		return tokens, err
	}
	tokens, err = t.salvage(workspace, err)
	if after != (store.APITokenPosition{}) {
		tokens = slices.DeleteFunc(tokens, func(token store.APIToken) bool { return compareTokens(token.Position(), after) <= 0 })
		if errors.As(err, new(*store.DamagedError)) {
			err = nil // the first page says so
		}
	}
	return tokens[:min(len(tokens), limit)], err
}

// checked sets whether something else wrote a token.
func (t apiTokenTx) checked(token store.APIToken) (store.APIToken, error) {
	authentic, err := t.isAuthentic(apiTokenTable, token.ID)
	token.Altered = !authentic
	return token, err
}

// salvage lists the tokens of a workspace where a part of the database is damaged.
func (t apiTokenTx) salvage(workspace string, cause error) ([]store.APIToken, error) {
	tokens, err := salvage(t.Transaction, cause, apiTokenTable.keyStatements(t.dialect, ` WHERE workspace = ?`), []any{workspace}, func(hash []byte) (store.APIToken, error) {
		token, err := t.token(`WHERE hash = ?`, hash)
		if err != nil {
			return token, err
		}
		return t.checked(token)
	})
	slices.SortFunc(tokens, func(a, b store.APIToken) int { return compareTokens(a.Position(), b.Position()) })
	return tokens, err
}

// compareTokens orders the newest first.
func compareTokens(a, b store.APITokenPosition) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
}

func (t apiTokenTx) InsertAPIToken(token store.APIToken) error {
	const query = `INSERT INTO tokens (id, hash, name, workspace, rights, credentials, created_at, created_by,
		expires_at, last_used_at, revoked_at, revoked_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, token.ID, nonNil(token.Hash), token.Name, token.Workspace, jsonList(token.Rights),
		jsonList(token.Credentials), Timestamp(token.CreatedAt), token.CreatedBy,
		Timestamp(token.ExpiresAt), Timestamp(token.LastUsedAt), Timestamp(token.RevokedAt), token.RevokedBy)
	if err != nil {
		return err
	}
	if err := t.authenticate(apiTokenTable, token.ID); err != nil {
		return err
	}
	return t.tellAdministrator(token.Workspace, token.ID, token.Rights, token.CreatedAt)
}

func (t apiTokenTx) RevokeAPIToken(workspace, id string, at time.Time, by string) error {
	const query = `UPDATE tokens SET revoked_at = ?, revoked_by = ? WHERE id = ? AND workspace = ? AND revoked_at = ''`
	changed, err := t.Exec(query, Timestamp(at), by, id, workspace)
	if err != nil {
		return err
	}
	if changed == 0 {
		_, err = t.APITokenByID(workspace, id)
		return err
	}
	if err := t.authenticate(apiTokenTable, id); err != nil { // even if it was altered: it gives no authority anymore
		return err
	}
	return t.endEmbedSessionsOf(id)
}

func (t apiTokenTx) SetAPITokenLastUsed(id string, at time.Time) error {
	const query = `UPDATE tokens SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at < ?1 OR last_used_at > ?3)`
	return t.Queue(query, Timestamp(at), id, Timestamp(at.Add(maxLateness))) // later ones are of a clock that was ahead
}

func (t apiTokenTx) DeleteEndedAPITokens(before time.Time) error {
	return t.Queue(`DELETE FROM tokens WHERE revoked_at <> '' AND revoked_at < ?1 OR expires_at <> '' AND expires_at < ?1`, Timestamp(before))
}
