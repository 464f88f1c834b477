package sqlite

import (
	"encoding/json"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
	"time"
)

const hostColumns = `SELECT id, workspace, name, origins, rights, keys, keys_url, created_at, created_by, version FROM hosts `

func scanHost(scan func(...any) error) (embed.Host, error) {
	var h embed.Host
	var origins jsonColumn[[]string]
	var rights jsonColumn[paycor.Rights]
	var keys string
	var created timestamp
	err := scan(&h.ID, &h.Workspace, &h.Name, &origins, &rights, &keys, &h.KeysURL, &created, &h.CreatedBy, &h.Version)
	h.Origins, h.Rights, h.CreatedAt = origins.orZero(), rights.orZero(), time.Time(created)
	if keys != "" {
		h.Keys = json.RawMessage(keys)
	}
	return h, err
}

// EmbedHosts lists the hosts of a workspace by name, then id.
func (t *tx) EmbedHosts(workspace string) ([]embed.Host, error) {
	hosts := []embed.Host{}
	err := t.rows(hostColumns+`WHERE workspace = ? ORDER BY name COLLATE NOCASE, id`, []any{workspace}, func(scan func(...any) error) error {
		host, err := scanHost(scan)
		hosts = append(hosts, host)
		return err
	})
	return hosts, err
}

// EmbedHost finds one by its id, of whatever workspace it is.
func (t *tx) EmbedHost(id string) (embed.Host, error) {
	return scanHost(func(destinations ...any) error {
		return t.row(hostColumns+`WHERE id = ?`, []any{id}, destinations...)
	})
}

// InsertEmbedHost is ErrExists where the id is taken.
func (t *tx) InsertEmbedHost(h embed.Host) error {
	const query = `INSERT INTO hosts (id, workspace, name, origins, rights, keys, keys_url, created_at, created_by, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, h.ID, h.Workspace, h.Name, jsonOf(&h.Origins), jsonOf(&h.Rights), string(h.Keys), h.KeysURL,
		timestamp(h.CreatedAt), h.CreatedBy, h.Version)
}

// UpdateEmbedHost is ErrStale where the workspace's host is not at version.
func (t *tx) UpdateEmbedHost(h embed.Host, version int64, keep []string) error {
	const query = `UPDATE hosts SET name = ?, origins = ?, rights = ?, keys = ?, keys_url = ?, version = ?
		WHERE workspace = ? AND id = ? AND version = ?`
	changed, err := t.exec(query, h.Name, jsonOf(&h.Origins), jsonOf(&h.Rights), string(h.Keys), h.KeysURL, h.Version,
		h.Workspace, h.ID, version)
	if err == nil && changed == 0 {
		return store.ErrStale
	}
	if err != nil {
		return err
	}
	if keep == nil {
		keep = []string{}
	}
	_, err = t.exec(`DELETE FROM embed_sessions WHERE host = ? AND origin NOT IN (SELECT value FROM json_each(?))`, h.ID, jsonOf(&keep))
	return err
}

// DeleteEmbedHost removes a host with its sessions.
func (t *tx) DeleteEmbedHost(workspace, id string) error {
	changed, err := t.exec(`DELETE FROM hosts WHERE workspace = ? AND id = ?`, workspace, id)
	if err == nil && changed == 0 {
		return store.ErrNotFound
	}
	return err
}

// MarkEmbedTokenUsed notes that a token was used; ErrExists if it was before.
func (t *tx) MarkEmbedTokenUsed(hash []byte, expires time.Time) error {
	const query = `INSERT INTO used_embed_tokens (hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(hash), timestamp(expires))
}

// EmbedSession finds one by the hash of its handle.
func (t *tx) EmbedSession(hash []byte) (store.EmbedSession, error) {
	var session store.EmbedSession
	var caller jsonColumn[paycor.Caller]
	var created, expires timestamp
	const query = `SELECT hash, host, origin, caller, created_at, expires_at FROM embed_sessions WHERE hash = ?`
	if err := t.row(query, []any{nonNil(hash)}, &session.Hash, &session.Host, &session.Origin, &caller, &created, &expires); err != nil {
		return store.EmbedSession{}, err
	}
	session.Caller = caller.orZero()
	session.CreatedAt, session.ExpiresAt = time.Time(created), time.Time(expires)
	return session, nil
}

// InsertEmbedSession is ErrExists for what is known.
func (t *tx) InsertEmbedSession(s store.EmbedSession) error {
	const query = `INSERT INTO embed_sessions (hash, host, origin, caller, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(s.Hash), s.Host, s.Origin, jsonOf(&s.Caller), timestamp(s.CreatedAt), timestamp(s.ExpiresAt))
}

// DeleteEmbedSession is no error where there is no such session.
func (t *tx) DeleteEmbedSession(hash []byte) error {
	_, err := t.exec(`DELETE FROM embed_sessions WHERE hash = ?`, nonNil(hash))
	return err
}
