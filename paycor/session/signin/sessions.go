package signin

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/session"
	"paycorcred/paycor/store"
)

// As returns the sessions as one caller may see and end them.
func (s *Sessions) As(caller paycor.Caller) CallerSessions { return CallerSessions{s, caller} }

// CallerSessions implements session.Service for one caller.
type CallerSessions struct {
	sessions *Sessions
	caller   paycor.Caller
}

var _ session.Service = CallerSessions{}

// Sessions implements session.Service. Only people have sessions.
func (c CallerSessions) Sessions(ctx context.Context) (session.List, error) {
	if c.caller.Kind != paycor.CallerPerson {
		return session.List{Sessions: []session.Session{}}, nil
	}
	return c.list(ctx, c.caller.ID)
}

// AllSessions implements session.Service.
func (c CallerSessions) AllSessions(ctx context.Context) (session.List, error) {
	if err := c.sessions.config.Authorizer.AuthorizeWorkspace(ctx, c.caller, audit.ActionSessions); err != nil {
		return session.List{}, err
	}
	return c.list(ctx, "")
}

// CurrentSession implements session.Service.
func (c CallerSessions) CurrentSession(ctx context.Context, _ bool) (session.Session, error) {
	if c.caller.SignIn == "" {
		return session.Session{}, errNoSession()
	}
	own, err := c.Sessions(ctx)
	for _, found := range own.Sessions {
		if found.Current {
			return found, nil
		}
	}
	if err == nil {
		err = errNoSession()
	}
	return session.Session{}, err
}

// EndSession implements session.Service.
func (c CallerSessions) EndSession(ctx context.Context, id string) error {
	own := false
	var found store.Session
	err := c.sessions.config.Store.View(ctx, func(r Reader) (err error) {
		found, err = c.find(r, id)
		own = err == nil && c.caller.Kind == paycor.CallerPerson && found.Caller.Kind == paycor.CallerPerson && found.Caller.ID == c.caller.ID
		return err
	})
	if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
		return err
	}
	if !own { // even if there is none, so that a denied caller learns nothing
		if err := c.sessions.config.Authorizer.AuthorizeWorkspace(ctx, c.caller, audit.ActionSessionEnd); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return c.sessions.config.Store.Update(ctx, func(tx Tx) error {
		_, err := tx.Session(found.Hash)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return errNoSession()
		case err != nil && !errors.As(err, new(*store.AlteredError)): // an altered one can be ended
			return err
		}
		return c.sessions.end(tx, found, c.caller, "person")
	})
}

// find returns a session of the caller's workspace.
func (c CallerSessions) find(r Reader, id string) (store.Session, error) {
	all, err := r.Sessions(c.caller.Workspace, "")
	for _, found := range all {
		if found.ID == id {
			return found, nil
		}
	}
	if _, err := store.Lost(err); err != nil {
		return store.Session{}, err
	}
	return store.Session{}, errNoSession()
}

// list returns the sessions of a person, or of the whole workspace.
func (c CallerSessions) list(ctx context.Context, person string) (session.List, error) {
	listed := session.List{Sessions: []session.Session{}}
	err := c.sessions.config.Store.List(ctx, c.caller, func(r Reader) error {
		found, err := r.Sessions(c.caller.Workspace, person)
		listed.Unreadable, err = store.Lost(err)
		for _, stored := range found {
			if !c.sessions.expired(stored) {
				listed.Sessions = append(listed.Sessions, c.view(stored))
			}
		}
		return err
	})
	return listed, err
}

// view returns a session without the values that only the server may know.
func (c CallerSessions) view(stored store.Session) session.Session {
	seen := c.sessions.lastSeen.latest(stored.Hash, stored.LastSeenAt, c.sessions.now())
	return session.Session{
		ID: stored.ID, Person: stored.Caller.ID, Name: stored.Caller.Name, Login: stored.Caller.Login,
		Workspace: stored.Caller.Workspace, Rights: stored.Caller.Rights, Browser: stored.Browser, From: stored.From,
		CreatedAt: stored.CreatedAt, SeenAt: seen, IdleEnds: seen.Add(c.sessions.config.Idle), EndsAt: stored.ExpiresAt,
		Current: stored.ID == c.caller.SignIn,
	}
}

func errNoSession() error {
	return paycor.Errorf(paycor.KindNotFound, "error.session-not-found")
}
