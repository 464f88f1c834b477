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
	"paycorcred/paycor/audit"
	"paycorcred/paycor/session"
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
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(m.config.SessionLimit),
	}, handle
}

// begin stores a new session and writes the sign-in down.
func (m *Manager) begin(tx store.Tx, current store.Session) error {
	if err := tx.InsertSession(current); err != nil {
		return err
	}
	return m.record(tx, current.Caller, audit.Entry{Action: audit.ActionSignIn, Outcome: "done", Detail: current.ID})
}

// OpenSession signs somebody in whom a provider vouches for. The session that
// the browser had before ends.
func (m *Manager) OpenSession(ctx context.Context, who session.SignIn) (paycor.Secret, time.Time, error) {
	current, handle := m.newSession(paycor.Caller{
		Kind: paycor.CallerPerson, ID: who.Subject, Name: who.Name, Login: who.Login, Groups: who.Groups,
		Workspace: who.Workspace, Rights: who.Rights,
	}, who.From, who.RequestID)
	current.Issuer, current.ProviderSession, current.IDTokenHint, current.Browser = who.Issuer, who.SID, who.Hint, who.Browser
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		if !who.Replaces.IsZero() {
			before, err := tx.Session(hash(who.Replaces))
			if err == nil {
				err = m.end(tx, before, current.Caller, "replaced")
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return m.begin(tx, current)
	})
	return handle, current.ExpiresAt, err
}

// found returns a session that has not ended.
func (m *Manager) found(ctx context.Context, handle paycor.Secret) (store.Session, error) {
	var current store.Session
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		current, err = r.Session(hash(handle))
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && m.over(current) {
		return current, paycor.Errorf(paycor.KindUnauthorized, "Your sign-in has ended. Sign in again.")
	}
	return current, err
}

// over reports whether a session has ended by its limits.
func (m *Manager) over(current store.Session) bool {
	now := m.now()
	return !now.Before(current.ExpiresAt) || now.Sub(m.seen.latest(current.Hash, current.LastSeenAt)) >= m.config.SessionIdle
}

// CallerBySession returns who signed in. Asking does not count as a use.
func (m *Manager) CallerBySession(ctx context.Context, handle paycor.Secret) (paycor.Caller, error) {
	current, err := m.found(ctx, handle)
	if err != nil {
		return paycor.Caller{}, err
	}
	// Part of the handle's hash tells browsers apart and opens nothing.
	current.Caller.Browser = hex.EncodeToString(current.Hash[:min(8, len(current.Hash))])
	current.Caller.SignIn = current.ID
	return current.Caller, nil
}

// UseSession notes that something was done in a session.
func (m *Manager) UseSession(ctx context.Context, handle paycor.Secret) error {
	digest, now := hash(handle), m.now()
	last := m.seen.latest(digest, time.Time{})
	m.seen.note(digest, now)
	if !last.IsZero() && now.Sub(last.Truncate(m.noteSpan())) < m.noteSpan() {
		return nil
	}
	err := m.config.Store.Update(ctx, func(tx store.Tx) error { return tx.SetSessionLastSeen(digest, now) })
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
	current, err := m.found(ctx, handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Secret{}, nil
	}
	return current.IDTokenHint, err
}

// EndProviderSessions ends what a provider says has ended: its session, or all
// of a person where it names none. It returns how many there were. Somebody who
// signed in again meanwhile stays: the same word may come twice, or late.
func (m *Manager) EndProviderSessions(ctx context.Context, word session.SignOut, from, requestID string) (int, error) {
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
func (m *Manager) end(tx store.Tx, current store.Session, by paycor.Caller, detail string) error {
	if err := tx.DeleteSession(current.Hash); err != nil {
		return err
	}
	return m.record(tx, by, audit.Entry{Action: audit.ActionSessionEnd, Outcome: "done", Detail: detail + " " + current.ID})
}

// shown is a session as it may be seen.
func (m *Manager) shown(found store.Session, current string) session.Session {
	seen := m.seen.latest(found.Hash, found.LastSeenAt)
	return session.Session{
		ID: found.ID, Person: found.Caller.ID, Name: found.Caller.Name, Login: found.Caller.Login,
		Workspace: found.Caller.Workspace, Rights: found.Caller.Rights, Browser: found.Browser, From: found.From,
		CreatedAt: found.CreatedAt, SeenAt: seen, IdleEnds: seen.Add(m.config.SessionIdle), EndsAt: found.ExpiresAt,
		Current: found.ID == current,
	}
}

// SessionsOf lists the sessions of a workspace for its operator.
func (m *Manager) SessionsOf(ctx context.Context, workspace string) ([]session.Session, error) {
	return m.sessions(ctx, workspace, "", "")
}

// EndSessionOf ends one of a workspace for its operator.
func (m *Manager) EndSessionOf(ctx context.Context, workspace, id string) error {
	return (&service{Manager: m, caller: operator(workspace)}).EndSession(ctx, id)
}

func (m *Manager) sessions(ctx context.Context, workspace, person, current string) ([]session.Session, error) {
	list := []session.Session{}
	err := m.config.Store.View(ctx, func(r store.Reader) error {
		found, err := r.Sessions(workspace, person)
		for _, each := range found {
			if !m.over(each) {
				list = append(list, m.shown(each, current))
			}
		}
		return err
	})
	return list, err
}

// Sessions implements api.Service. A program has none.
func (s *service) Sessions(ctx context.Context) ([]session.Session, error) {
	if s.caller.Kind != paycor.CallerPerson {
		return []session.Session{}, nil
	}
	return s.sessions(ctx, s.caller.Workspace, s.caller.ID, s.caller.SignIn)
}

// AllSessions implements api.Service.
func (s *service) AllSessions(ctx context.Context) ([]session.Session, error) {
	if err := s.mayAll(ctx, audit.ActionSessions); err != nil {
		return nil, err
	}
	return s.sessions(ctx, s.caller.Workspace, "", s.caller.SignIn)
}

// CurrentSession implements api.Service.
func (s *service) CurrentSession(ctx context.Context, _ bool) (session.Session, error) {
	if s.caller.SignIn == "" {
		return session.Session{}, noSession()
	}
	list, err := s.Sessions(ctx)
	for _, current := range list {
		if current.Current {
			return current, nil
		}
	}
	if err == nil {
		err = noSession()
	}
	return session.Session{}, err
}

// EndSession implements api.Service.
func (s *service) EndSession(ctx context.Context, id string) error {
	own := false
	find := func(r store.Reader) (store.Session, error) {
		all, err := r.Sessions(s.caller.Workspace, "")
		for _, current := range all {
			if current.ID == id {
				return current, nil
			}
		}
		if err == nil {
			err = noSession()
		}
		return store.Session{}, err
	}
	err := s.config.Store.View(ctx, func(r store.Reader) error {
		current, err := find(r)
		own = err == nil && s.caller.Kind == paycor.CallerPerson && current.Caller.Kind == paycor.CallerPerson && current.Caller.ID == s.caller.ID
		return err
	})
	if paycor.KindOf(err) != paycor.KindNotFound && err != nil {
		return err
	}
	if !own { // also for one that is not there: who may not look learns nothing
		if err := s.mayAll(ctx, audit.ActionSessionEnd); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return s.config.Store.Update(ctx, func(tx store.Tx) error {
		current, err := find(tx)
		if err != nil {
			return err
		}
		return s.end(tx, current, s.caller, "person")
	})
}

func noSession() error {
	return paycor.Errorf(paycor.KindNotFound, "There is no such sign-in. It may have ended already.")
}
