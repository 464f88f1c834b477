package signin

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/session"
	"paycorcred/paycor/store"
)

// Defaults of Config.
const (
	DefaultIdle     = time.Hour
	DefaultLifetime = 12 * time.Hour
)

// Reader is what the sign-in reads from the store.
type Reader interface {
	store.SessionReader
	store.SignInLinkReader
}

// Tx is what the sign-in writes to the store.
type Tx interface {
	Reader
	store.SessionWriter
	store.SignInLinkWriter
	trail.Appender
}

// Config configures Sessions. Store, Recorder and Authorizer are required.
type Config struct {
	Store      store.Scope[Reader, Tx]
	Recorder   *trail.Recorder
	Authorizer *rights.Authorizer
	Clock      func() time.Time // nil means time.Now
	Idle       time.Duration    // a session that is not used for this long ends; 0 means DefaultIdle
	Lifetime   time.Duration    // a session ends after this long in any case; 0 means DefaultLifetime
}

// Sessions opens, checks and ends sessions. It is safe for concurrent use.
type Sessions struct {
	config   Config
	lastSeen lastSeenCache
}

// New returns sessions over a store.
func New(config Config) *Sessions {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	config.Idle, config.Lifetime = cmp.Or(config.Idle, DefaultIdle), cmp.Or(config.Lifetime, DefaultLifetime)
	return &Sessions{config: config}
}

func (s *Sessions) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

// OpenSession opens a session for a person whom an identity provider
// authenticated, and returns its handle, which only the browser keeps. The
// browser's previous session ends.
func (s *Sessions) OpenSession(ctx context.Context, person session.SignIn) (handle paycor.Secret, expires time.Time, err error) {
	opened, handle := s.newSession(paycor.Caller{
		Kind: paycor.CallerPerson, ID: person.Subject, Name: person.Name, Login: person.Login, Groups: person.Groups,
		Workspace: person.Workspace, Rights: person.Rights,
	}, person.From, person.RequestID)
	opened.Issuer, opened.ProviderSession, opened.IDTokenHint, opened.Browser = person.Issuer, person.SID, person.Hint, person.Browser
	err = s.config.Store.Update(ctx, func(tx Tx) error {
		if !person.Replaces.IsZero() {
			replaced, err := tx.Session(store.HashSecret(person.Replaces))
			if err == nil {
				err = s.end(tx, replaced, opened.Caller, "replaced")
			}
			if errors.As(err, new(*store.AlteredError)) { // it gives no authority; it only has to go
				err = tx.DeleteSession(store.HashSecret(person.Replaces))
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return s.insert(tx, opened)
	})
	return handle, opened.ExpiresAt, err
}

// newSession returns a session that is not stored yet, and its handle. Each
// sign-in makes a new handle and never adopts one the browser sent, so nobody
// can plant a session (session fixation).
func (s *Sessions) newSession(caller paycor.Caller, from, requestID string) (store.Session, paycor.Secret) {
	handle, now := paycor.NewSecret(rand.Text()+rand.Text()), s.now()
	caller.From, caller.RequestID = from, requestID
	hash := store.HashSecret(handle)
	s.lastSeen.note(hash, now)
	return store.Session{
		Hash: hash, ID: "sess_" + strings.ToLower(rand.Text()), Caller: caller, From: from,
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(s.config.Lifetime),
	}, handle
}

// insert stores a new session and records the sign-in.
func (s *Sessions) insert(tx Tx, opened store.Session) error {
	if err := tx.InsertSession(opened); err != nil {
		return err
	}
	return s.config.Recorder.Record(tx, opened.Caller, audit.Entry{Action: audit.ActionSignIn, Outcome: "done", Detail: opened.ID})
}

// end deletes a session and records who ended it.
func (s *Sessions) end(tx Tx, ended store.Session, by paycor.Caller, reason string) error {
	if err := tx.DeleteSession(ended.Hash); err != nil {
		return err
	}
	return s.config.Recorder.Record(tx, by, audit.Entry{Action: audit.ActionSessionEnd, Outcome: "done", Detail: reason + " " + ended.ID})
}

// SignOut ends the session of a handle. An unknown handle is not an error: its
// session has ended already.
func (s *Sessions) SignOut(ctx context.Context, handle paycor.Secret, from, requestID string) error {
	return s.config.Store.Update(ctx, func(tx Tx) error {
		ended, err := tx.Session(store.HashSecret(handle))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if errors.As(err, new(*store.AlteredError)) {
			return tx.DeleteSession(store.HashSecret(handle))
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSession(ended.Hash); err != nil {
			return err
		}
		ended.Caller.From, ended.Caller.RequestID = from, requestID
		return s.config.Recorder.Record(tx, ended.Caller, audit.Entry{Action: audit.ActionSignOut, Outcome: "done"})
	})
}
