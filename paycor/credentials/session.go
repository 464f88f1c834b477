package credentials

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// A session that is in use is not written to with every request: in memory its
// last use is exact, in the store it is noted once in a thirtieth of the idle
// limit. After a restart a session may therefore end that much too early, never
// too late.
const notesPerIdle = 30

// Limits are the flags that bound sessions.
type Limits struct {
	SessionIdle     time.Duration `name:"session-idle" help:"A sign-in that is not used for so long ends." default:"1h" placeholder:"TIME"`
	SessionLifetime time.Duration `name:"session-lifetime" help:"A sign-in ends then, whatever is done." default:"12h" placeholder:"TIME"`
}

// Wrong says what is wrong with the limits, and how to mend it.
func (l Limits) Wrong() (wrong []string) {
	const shortest = 10 * time.Second
	if l.SessionIdle < shortest {
		wrong = append(wrong, "--session-idle is shorter than ten seconds; write how long somebody may be away, such as 1h")
	}
	if l.SessionLifetime < l.SessionIdle {
		wrong = append(wrong, "--session-lifetime is shorter than --session-idle; write how long a sign-in lasts at most, such as 12h")
	}
	return wrong
}

// sightings are when sessions were used last, by the hash of their handle.
type sightings struct {
	mu sync.Mutex
	at map[string]time.Time
}

// latest returns the later of what is remembered and what is stored.
func (s *sightings) latest(hash []byte, stored time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.at[string(hash)]; at.After(stored) {
		return at
	}
	return stored
}

func (s *sightings) note(hash []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]time.Time{}
	}
	s.at[string(hash)] = at
}

func (s *sightings) forget(hash []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.at, string(hash))
}

// sweep forgets what was seen before.
func (s *sightings) sweep(before time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for hash, at := range s.at {
		if at.Before(before) {
			delete(s.at, hash)
		}
	}
}

// newSession returns a session of somebody, and its handle. Every sign-in makes
// a new one: what a browser brought along is never taken over.
func (m *Manager) newSession(caller paycor.Caller, from, requestID string) (store.Session, paycor.Secret) {
	handle, now := paycor.NewSecret(rand.Text()+rand.Text()), m.now()
	caller.From, caller.RequestID = from, requestID
	m.seen.note(hash(handle), now)
	return store.Session{
		Hash: hash(handle), ID: "sess_" + strings.ToLower(rand.Text()), Caller: caller, From: from,
		CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(m.config.SessionLimit),
	}, handle
}

// begin stores a new session and writes the sign-in down.
func (m *Manager) begin(tx store.Tx, session store.Session) error {
	if err := tx.InsertSession(session); err != nil {
		return err
	}
	return m.record(tx, session.Caller, paycor.AuditEntry{Action: paycor.ActionSignIn, Outcome: "done", Detail: session.ID})
}

// OpenSession signs somebody in whom a provider vouches for. The session that
// the browser had before ends.
func (m *Manager) OpenSession(ctx context.Context, who paycor.SignIn) (paycor.Secret, time.Time, error) {
	session, handle := m.newSession(paycor.Caller{
		Kind: paycor.CallerPerson, ID: who.Subject, Name: who.Name, Login: who.Login, Groups: who.Groups,
		Workspace: who.Workspace, Rights: who.Rights,
	}, who.From, who.RequestID)
	session.Issuer, session.ProviderSession, session.Hint, session.Browser = who.Issuer, who.SID, who.Hint, who.Browser
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		if !who.Replaces.IsZero() {
			before, err := tx.Session(hash(who.Replaces))
			if err == nil {
				err = m.end(tx, before, session.Caller, "replaced")
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return m.begin(tx, session)
	})
	return handle, session.ExpiresAt, err
}

// found returns a session that has not ended.
func (m *Manager) found(ctx context.Context, handle paycor.Secret) (store.Session, error) {
	var session store.Session
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		session, err = r.Session(hash(handle))
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && m.over(session) {
		return session, paycor.Errorf(paycor.KindUnauthorized, "Your sign-in has ended. Sign in again.")
	}
	return session, err
}

// over reports whether a session has ended by its limits.
func (m *Manager) over(session store.Session) bool {
	now := m.now()
	return !now.Before(session.ExpiresAt) || now.Sub(m.seen.latest(session.Hash, session.SeenAt)) >= m.config.SessionIdle
}

// CallerBySession returns who signed in. Asking does not count as a use.
func (m *Manager) CallerBySession(ctx context.Context, handle paycor.Secret) (paycor.Caller, error) {
	session, err := m.found(ctx, handle)
	if err != nil {
		return paycor.Caller{}, err
	}
	// Part of the handle's hash tells browsers apart and opens nothing.
	session.Caller.Browser = hex.EncodeToString(session.Hash[:min(8, len(session.Hash))])
	session.Caller.SignIn = session.ID
	return session.Caller, nil
}

// UseSession notes that something was done in a session.
func (m *Manager) UseSession(ctx context.Context, handle paycor.Secret) error {
	digest, now := hash(handle), m.now()
	last := m.seen.latest(digest, time.Time{})
	m.seen.note(digest, now)
	if !last.IsZero() && now.Sub(last.Truncate(m.noteSpan())) < m.noteSpan() {
		return nil
	}
	err := m.config.Store.Update(ctx, func(tx store.Tx) error { return tx.SeeSession(digest, now) })
	if errors.Is(err, store.ErrNotFound) {
		m.seen.forget(digest)
		return nil
	}
	return err
}

// noteSpan is how often a use is written down.
func (m *Manager) noteSpan() time.Duration {
	return max(m.config.SessionIdle/notesPerIdle, time.Second)
}

// ProviderHint returns what the provider of a session wants back at its
// sign-out: nothing where no provider signed anybody in.
func (m *Manager) ProviderHint(ctx context.Context, handle paycor.Secret) (paycor.Secret, error) {
	session, err := m.found(ctx, handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Secret{}, nil
	}
	return session.Hint, err
}

// EndProviderSessions ends what a provider says has ended: its session, or all
// of a person where it names none. It returns how many there were. Somebody who
// signed in again meanwhile stays: the same word may come twice, or late.
func (m *Manager) EndProviderSessions(ctx context.Context, word paycor.SignOut, from, requestID string) (int, error) {
	var ended []store.Session
	err := m.config.Store.Update(ctx, func(tx store.Tx) (err error) {
		if ended, err = tx.ProviderSessions(word.Issuer, word.Subject, word.SID); err != nil {
			return err
		}
		ended = slices.DeleteFunc(ended, func(one store.Session) bool { return one.CreatedAt.After(word.Until) })
		for _, one := range ended {
			one.Caller.From, one.Caller.RequestID = from, requestID
			if err := m.end(tx, one, one.Caller, "provider"); err != nil {
				return err
			}
		}
		return nil
	})
	return len(ended), err
}

// end removes a session and writes down who ended it.
func (m *Manager) end(tx store.Tx, session store.Session, by paycor.Caller, detail string) error {
	if err := tx.DeleteSession(session.Hash); err != nil {
		return err
	}
	return m.record(tx, by, paycor.AuditEntry{Action: paycor.ActionSessionEnd, Outcome: "done", Detail: detail + " " + session.ID})
}

// shown is a session as it may be seen.
func (m *Manager) shown(session store.Session, current string) paycor.Session {
	seen := m.seen.latest(session.Hash, session.SeenAt)
	return paycor.Session{
		ID: session.ID, Person: session.Caller.ID, Name: session.Caller.Name, Login: session.Caller.Login,
		Workspace: session.Caller.Workspace, Rights: session.Caller.Rights, Browser: session.Browser, From: session.From,
		CreatedAt: session.CreatedAt, SeenAt: seen, IdleEnds: seen.Add(m.config.SessionIdle), EndsAt: session.ExpiresAt,
		Current: session.ID == current,
	}
}

// SessionsOf lists the sessions of a workspace for its operator.
func (m *Manager) SessionsOf(ctx context.Context, workspace string) ([]paycor.Session, error) {
	return m.sessions(ctx, workspace, "", "")
}

// EndSessionOf ends one of a workspace for its operator.
func (m *Manager) EndSessionOf(ctx context.Context, workspace, id string) error {
	return (&service{m, operator(workspace)}).EndSession(ctx, id)
}

func (m *Manager) sessions(ctx context.Context, workspace, person, current string) ([]paycor.Session, error) {
	list := []paycor.Session{}
	err := m.config.Store.View(ctx, func(r store.Reader) error {
		found, err := r.Sessions(workspace, person)
		for _, session := range found {
			if !m.over(session) {
				list = append(list, m.shown(session, current))
			}
		}
		return err
	})
	return list, err
}

// Sessions implements paycor.Service. A program has none.
func (s *service) Sessions(ctx context.Context) ([]paycor.Session, error) {
	if s.caller.Kind != paycor.CallerPerson {
		return []paycor.Session{}, nil
	}
	return s.sessions(ctx, s.caller.Workspace, s.caller.ID, s.caller.SignIn)
}

// AllSessions implements paycor.Service.
func (s *service) AllSessions(ctx context.Context) ([]paycor.Session, error) {
	if err := s.mayAll(ctx, paycor.ActionSessions); err != nil {
		return nil, err
	}
	return s.sessions(ctx, s.caller.Workspace, "", s.caller.SignIn)
}

// CurrentSession implements paycor.Service.
func (s *service) CurrentSession(ctx context.Context, _ bool) (paycor.Session, error) {
	if s.caller.SignIn == "" {
		return paycor.Session{}, noSession()
	}
	list, err := s.Sessions(ctx)
	for _, session := range list {
		if session.Current {
			return session, nil
		}
	}
	if err == nil {
		err = noSession()
	}
	return paycor.Session{}, err
}

// EndSession implements paycor.Service.
func (s *service) EndSession(ctx context.Context, id string) error {
	own := false
	find := func(r store.Reader) (store.Session, error) {
		all, err := r.Sessions(s.caller.Workspace, "")
		for _, session := range all {
			if session.ID == id {
				return session, nil
			}
		}
		if err == nil {
			err = noSession()
		}
		return store.Session{}, err
	}
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		session, err := find(r)
		own = err == nil && s.caller.Kind == paycor.CallerPerson && session.Caller.Kind == paycor.CallerPerson && session.Caller.ID == s.caller.ID
		return err
	})
	if paycor.KindOf(err) != paycor.KindNotFound && err != nil {
		return err
	}
	if !own { // also for one that is not there: who may not look learns nothing
		if err := s.mayAll(ctx, paycor.ActionSessionEnd); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return s.config.Store.Update(ctx, func(tx store.Tx) error {
		session, err := find(tx)
		if err != nil {
			return err
		}
		return s.end(tx, session, s.caller, "person")
	})
}

func noSession() error {
	return paycor.Errorf(paycor.KindNotFound, "There is no such sign-in. It may have ended already.")
}
