package records

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// sessionTx reads and writes sign-in sessions.
type sessionTx struct{ *Transaction }

const sessionColumns = `hash, id, caller, issuer, provider_session, came_from, browser, created_at, seen_at, expires_at`

// scanSession reads a session. Like a token, a damaged one lacks its MAC.
func scanSession(scan Scan, more ...any) (store.Session, error) {
	var s store.Session
	var caller JSON[paycor.Caller]
	var created, seen, expires Timestamp
	err := scan(append([]any{&s.Hash, &s.ID, Lenient{&caller}, &s.Issuer, &s.ProviderSession, &s.From, &s.Browser,
		Lenient{&created}, Lenient{&seen}, Lenient{&expires}}, more...)...)
	s.Caller = caller.OrZero()
	s.CreatedAt, s.LastSeenAt, s.ExpiresAt = time.Time(created), time.Time(seen), time.Time(expires)
	return s, err
}

func (t sessionTx) Session(hash []byte) (store.Session, error) {
	var sealed []byte
	session, err := scanSession(func(destinations ...any) error {
		return t.Row(`SELECT `+sessionColumns+`, hint FROM sessions WHERE hash = ?`, []any{nonNil(hash)}, destinations...)
	}, &sealed)
	if err == nil {
		err = t.requireAuthentic(sessionTable, nonNil(hash))
	}
	if err == nil && len(sealed) > 0 {
		// Without a hint the provider asks whom to sign out.
		session.IDTokenHint, _ = t.Open(t.AAD(session.Caller.Workspace, session.ID, store.IDTokenField), sealed)
	}
	return session, err
}

func (t sessionTx) Sessions(workspace, person string) ([]store.Session, error) {
	sessions, err := t.sessions(`SELECT `+sessionColumns+` FROM sessions`+sessionsOf+` ORDER BY created_at DESC, id`, workspace, person)
	if !IsDamage(err) {
		return sessions, err
	}
	sessions, err = salvage(t.Transaction, err, sessionTable.keyStatements(t.dialect, sessionsOf), []any{workspace, person}, func(hash []byte) (store.Session, error) {
		return One(t.Transaction, scanListedSession, `SELECT `+sessionColumns+` FROM sessions WHERE hash = ?`, hash)
	})
	slices.SortFunc(sessions, func(a, b store.Session) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return sessions, err
}

const sessionsOf = ` WHERE workspace = ?1 AND (?2 = '' OR person = ?2)`

func (t sessionTx) ProviderSessions(issuer, subject, session string) ([]store.Session, error) {
	return t.sessions(`SELECT `+sessionColumns+` FROM sessions WHERE issuer = ?1 AND ?1 <> ''
		AND (?2 = '' OR person = ?2) AND (?3 = '' OR provider_session = ?3) AND ?2 || ?3 <> ''
		ORDER BY created_at DESC, id`, issuer, subject, session)
}

func (t sessionTx) sessions(query string, arguments ...any) ([]store.Session, error) {
	return List(t.Transaction, scanListedSession, query, arguments...)
}

func scanListedSession(scan Scan) (store.Session, error) { return scanSession(scan) }

func (t sessionTx) InsertSession(s store.Session) error {
	if s.ID == "" {
		sum := sha256.Sum256(s.Hash)
		s.ID = "sess_" + hex.EncodeToString(sum[:10])
	}
	sealed := []byte{}
	if !s.IDTokenHint.IsZero() {
		var err error
		if sealed, err = t.Seal(t.AAD(s.Caller.Workspace, s.ID, store.IDTokenField), s.IDTokenHint); err != nil {
			return err
		}
	}
	const query = `INSERT INTO sessions (hash, id, workspace, person, caller, issuer, provider_session, hint, came_from, browser,
		created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, nonNil(s.Hash), s.ID, s.Caller.Workspace, s.Caller.ID, jsonOf(&s.Caller), s.Issuer, s.ProviderSession,
		sealed, s.From, s.Browser, Timestamp(s.CreatedAt), Timestamp(s.LastSeenAt), Timestamp(s.ExpiresAt))
	if err != nil {
		return err
	}
	if err := t.authenticate(sessionTable, nonNil(s.Hash)); err != nil {
		return err
	}
	return t.tellAdministrator(s.Caller.Workspace, s.Caller.ID, s.Caller.Rights, s.CreatedAt)
}

func (t sessionTx) SetSessionLastSeen(hash []byte, at time.Time) error {
	return t.change(store.ErrNotFound, `UPDATE sessions SET seen_at = ? WHERE hash = ?`, Timestamp(at), nonNil(hash))
}

func (t sessionTx) DeleteSession(hash []byte) error {
	return t.Queue(`DELETE FROM sessions WHERE hash = ?`, nonNil(hash))
}
