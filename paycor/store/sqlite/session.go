package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

const sessionColumns = `hash, id, caller, issuer, provider_session, came_from, browser, created_at, seen_at, expires_at`

func scanSession(scan func(...any) error, more ...any) (store.Session, error) {
	var s store.Session
	var caller jsonColumn[paycor.Caller]
	var created, seen, expires timestamp
	err := scan(append([]any{&s.Hash, &s.ID, &caller, &s.Issuer, &s.ProviderSession, &s.From, &s.Browser, &created, &seen, &expires}, more...)...)
	s.Caller = caller.orZero()
	s.CreatedAt, s.LastSeenAt, s.ExpiresAt = time.Time(created), time.Time(seen), time.Time(expires)
	return s, err
}

// idTokenField is the place in which a hint is sealed.
const idTokenField = "session_hint"

// Session finds a session by the hash of its handle.
func (t *tx) Session(hash []byte) (store.Session, error) {
	var sealed []byte
	session, err := scanSession(func(destinations ...any) error {
		return t.row(`SELECT `+sessionColumns+`, hint FROM sessions WHERE hash = ?`, []any{nonNil(hash)}, destinations...)
	}, &sealed)
	if err == nil && len(sealed) > 0 {
		session.IDTokenHint, err = t.sealer.Open(t.aad(session.Caller.Workspace, session.ID, idTokenField), sealed)
	}
	return session, err
}

// Sessions lists sessions of a workspace.
func (t *tx) Sessions(workspace, person string) ([]store.Session, error) {
	return t.sessions(`SELECT `+sessionColumns+` FROM sessions WHERE workspace = ?1 AND (?2 = '' OR person = ?2)
		ORDER BY created_at DESC, id`, workspace, person)
}

// ProviderSessions lists what a provider knows.
func (t *tx) ProviderSessions(issuer, subject, session string) ([]store.Session, error) {
	return t.sessions(`SELECT `+sessionColumns+` FROM sessions WHERE issuer = ?1 AND ?1 <> ''
		AND (?2 = '' OR person = ?2) AND (?3 = '' OR provider_session = ?3) AND ?2 || ?3 <> ''
		ORDER BY created_at DESC, id`, issuer, subject, session)
}

func (t *tx) sessions(query string, arguments ...any) ([]store.Session, error) {
	var found []store.Session
	err := t.rows(query, arguments, func(scan func(...any) error) error {
		session, err := scanSession(scan)
		found = append(found, session)
		return err
	})
	return found, err
}

// InsertSession stores a new session; ErrExists if its hash is known. One
// without an id gets one that follows from its hash.
func (t *tx) InsertSession(s store.Session) error {
	if s.ID == "" {
		sum := sha256.Sum256(s.Hash)
		s.ID = "sess_" + hex.EncodeToString(sum[:10])
	}
	sealed := []byte{}
	if !s.IDTokenHint.IsZero() {
		var err error
		if sealed, err = t.sealer.Seal(t.aad(s.Caller.Workspace, s.ID, idTokenField), s.IDTokenHint); err != nil {
			return err
		}
	}
	const query = `INSERT INTO sessions (hash, id, workspace, person, caller, issuer, provider_session, hint, came_from, browser,
		created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, nonNil(s.Hash), s.ID, s.Caller.Workspace, s.Caller.ID, jsonOf(&s.Caller), s.Issuer, s.ProviderSession,
		sealed, s.From, s.Browser, timestamp(s.CreatedAt), timestamp(s.LastSeenAt), timestamp(s.ExpiresAt))
}

// SetSessionLastSeen notes that something was done.
func (t *tx) SetSessionLastSeen(hash []byte, at time.Time) error {
	changed, err := t.exec(`UPDATE sessions SET seen_at = ? WHERE hash = ?`, timestamp(at), nonNil(hash))
	if err == nil && changed == 0 {
		return store.ErrNotFound
	}
	return err
}

// DeleteSession removes a session, if there is one.
func (t *tx) DeleteSession(hash []byte) error {
	_, err := t.exec(`DELETE FROM sessions WHERE hash = ?`, nonNil(hash))
	return err
}
