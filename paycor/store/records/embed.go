package records

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
)

// embedTx reads and writes embedding sites, their one-time tokens and their sessions.
type embedTx struct{ *Transaction }

const hostColumns = `SELECT id, workspace, name, origins, rights, keys, keys_url, created_at, created_by, version FROM hosts `

// scanHost reads a site. Like a token, a damaged one lacks its MAC.
func scanHost(scan Scan) (embed.Host, error) {
	var h embed.Host
	var origins JSON[[]string]
	var rights JSON[paycor.Rights]
	var keys string
	var created Timestamp
	err := scan(&h.ID, &h.Workspace, &h.Name, Lenient{&origins}, Lenient{&rights}, &keys, &h.KeysURL, Lenient{&created}, &h.CreatedBy, &h.Version)
	h.Origins, h.Rights, h.CreatedAt = origins.OrZero(), rights.OrZero(), time.Time(created)
	if keys != "" {
		h.Keys = json.RawMessage(keys)
	}
	return h, err
}

func (t embedTx) EmbedHosts(workspace string) ([]embed.Host, error) {
	hosts, err := List(t.Transaction, scanHost, hostColumns+`WHERE workspace = ? ORDER BY lower(name), id`, workspace)
	for i := range hosts {
		if err == nil {
			hosts[i], err = t.checked(hosts[i])
		}
	}
	if !IsDamage(err) {
		return hosts, err
	}
	hosts, err = salvage(t.Transaction, err, embedHostTable.keyStatements(t.dialect, ` WHERE workspace = ?`), []any{workspace}, func(id string) (embed.Host, error) {
		host, err := One(t.Transaction, scanHost, hostColumns+`WHERE id = ?`, id)
		if err != nil {
			return host, err
		}
		return t.checked(host)
	})
	slices.SortFunc(hosts, func(a, b embed.Host) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return hosts, err
}

// checked sets whether something else wrote a site.
func (t embedTx) checked(host embed.Host) (embed.Host, error) {
	authentic, err := t.isAuthentic(embedHostTable, host.ID)
	host.Altered = !authentic
	return host, err
}

func (t embedTx) EmbedHost(id string) (embed.Host, error) {
	host, err := One(t.Transaction, scanHost, hostColumns+`WHERE id = ?`, id)
	if err == nil {
		err = t.requireAuthentic(embedHostTable, id)
	}
	if err != nil {
		return embed.Host{}, err
	}
	return host, nil
}

func (t embedTx) InsertEmbedHost(h embed.Host) error {
	const query = `INSERT INTO hosts (id, workspace, name, origins, rights, keys, keys_url, created_at, created_by, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, h.ID, h.Workspace, h.Name, jsonOf(&h.Origins), jsonOf(&h.Rights), string(h.Keys), h.KeysURL,
		Timestamp(h.CreatedAt), h.CreatedBy, h.Version)
	if err != nil {
		return err
	}
	return t.authenticate(embedHostTable, h.ID)
}

func (t embedTx) UpdateEmbedHost(h embed.Host, version int64, keep []string) error {
	const query = `UPDATE hosts SET name = ?, origins = ?, rights = ?, keys = ?, keys_url = ?, version = ?
		WHERE workspace = ? AND id = ? AND version = ?`
	err := t.change(store.ErrStale, query, h.Name, jsonOf(&h.Origins), jsonOf(&h.Rights), string(h.Keys), h.KeysURL, h.Version,
		h.Workspace, h.ID, version)
	if err != nil {
		return err
	}
	if err := t.authenticate(embedHostTable, h.ID); err != nil {
		return err
	}
	if keep == nil {
		keep = []string{}
	}
	for _, table := range []string{"embed_sessions", "embed_tokens"} {
		err := t.Queue(`DELETE FROM `+table+` WHERE host = ? AND origin NOT IN (SELECT value FROM json_each(?))`, h.ID, jsonOf(&keep))
		if err != nil {
			return err
		}
	}
	return nil
}

func (t embedTx) DeleteEmbedHost(workspace, id string) error {
	return t.change(store.ErrNotFound, `DELETE FROM hosts WHERE workspace = ? AND id = ?`, workspace, id)
}

func (t embedTx) MarkEmbedTokenUsed(hash []byte, expires time.Time) error {
	const query = `INSERT INTO used_embed_tokens (hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(hash), Timestamp(expires))
}

func (t embedTx) EmbedToken(hash []byte) (store.EmbedToken, error) {
	var token store.EmbedToken
	var caller JSON[paycor.Caller]
	var created, expires Timestamp
	const query = `SELECT hash, host, origin, tenant, api_token, caller, session_hash, created_at, expires_at FROM embed_tokens WHERE hash = ?`
	err := t.Row(query, []any{nonNil(hash)}, &token.Hash, &token.Host, &token.Origin, &token.Tenant, &token.APIToken, &caller, &token.Session, &created, &expires)
	if err == nil {
		err = t.requireAuthentic(embedTokenTable, nonNil(hash))
	}
	if err != nil {
		return store.EmbedToken{}, err
	}
	token.Caller, token.CreatedAt, token.ExpiresAt = caller.OrZero(), time.Time(created), time.Time(expires)
	return token, nil
}

func (t embedTx) InsertEmbedToken(token store.EmbedToken) error {
	const query = `INSERT INTO embed_tokens (hash, host, origin, tenant, api_token, caller, session_hash, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, nonNil(token.Hash), token.Host, token.Origin, token.Tenant, token.APIToken, jsonOf(&token.Caller), nonNil(token.Session),
		Timestamp(token.CreatedAt), Timestamp(token.ExpiresAt))
	if err != nil {
		return err
	}
	return t.authenticate(embedTokenTable, nonNil(token.Hash))
}

func (t embedTx) UseEmbedToken(hash, session []byte, expires time.Time) error {
	const query = `UPDATE embed_tokens SET session_hash = ?, expires_at = ? WHERE hash = ? AND length(session_hash) = 0`
	if err := t.change(store.ErrExists, query, nonNil(session), Timestamp(expires), nonNil(hash)); err != nil {
		return err
	}
	return t.authenticate(embedTokenTable, nonNil(hash))
}

// endEmbedSessionsOf deletes the one-time tokens that were created with an API token, and
// the sessions that they opened.
func (t *Transaction) endEmbedSessionsOf(apiToken string) error {
	err := t.Queue(`DELETE FROM embed_sessions WHERE hash IN (SELECT session_hash FROM embed_tokens WHERE api_token = ?)`, apiToken)
	if err != nil {
		return err
	}
	return t.Queue(`DELETE FROM embed_tokens WHERE api_token = ?`, apiToken)
}

func (t embedTx) EmbedSession(hash []byte) (store.EmbedSession, error) {
	var session store.EmbedSession
	var caller JSON[paycor.Caller]
	var created, expires Timestamp
	const query = `SELECT hash, host, origin, tenant, caller, created_at, expires_at FROM embed_sessions WHERE hash = ?`
	if err := t.Row(query, []any{nonNil(hash)}, &session.Hash, &session.Host, &session.Origin, &session.Tenant, &caller, &created, &expires); err != nil {
		return store.EmbedSession{}, err
	}
	if err := t.requireAuthentic(embedSessionTable, nonNil(hash)); err != nil {
		return store.EmbedSession{}, err
	}
	session.Caller = caller.OrZero()
	session.CreatedAt, session.ExpiresAt = time.Time(created), time.Time(expires)
	return session, nil
}

func (t embedTx) InsertEmbedSession(s store.EmbedSession) error {
	const query = `INSERT INTO embed_sessions (hash, host, origin, tenant, caller, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	if err := t.insert(query, nonNil(s.Hash), s.Host, s.Origin, s.Tenant, jsonOf(&s.Caller), Timestamp(s.CreatedAt), Timestamp(s.ExpiresAt)); err != nil {
		return err
	}
	return t.authenticate(embedSessionTable, nonNil(s.Hash))
}
