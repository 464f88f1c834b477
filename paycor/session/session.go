package session

import (
	"context"
	"paycorcred/paycor"
	"time"
)

// Session is a signed-in browser, as its person and administrators see it.
// What it is opened with is not in it.
type Session struct {
	ID        string        `json:"id"`
	Person    string        `json:"person"` // id
	Name      string        `json:"name"`
	Login     string        `json:"login,omitempty"` // e-mail address, where the sign-in tells a verified one
	Workspace string        `json:"workspace"`
	Rights    paycor.Rights `json:"rights"`
	Browser   string        `json:"browser,omitempty"` // "Firefox on Linux"
	From      string        `json:"from,omitempty"`    // network address of the sign-in
	CreatedAt time.Time     `json:"created_at"`
	SeenAt    time.Time     `json:"seen_at"`      // to the minute or so
	IdleEnds  time.Time     `json:"idle_ends_at"` // unless something is done before
	EndsAt    time.Time     `json:"ends_at"`      // whatever is done
	Current   bool          `json:"current"`      // the one that asks
}

// Ends returns when the session ends if nothing more is done.
func (s Session) Ends() time.Time {
	if s.IdleEnds.Before(s.EndsAt) {
		return s.IdleEnds
	}
	return s.EndsAt
}

// SessionService lists and ends sign-ins.
type Service interface {
	// Sessions lists the caller's own, the newest first.
	Sessions(ctx context.Context) ([]Session, error)

	// AllSessions lists everybody's of the workspace. It needs the right admin.
	AllSessions(ctx context.Context) ([]Session, error)

	// EndSession ends one at once. Somebody else's needs the right admin.
	EndSession(ctx context.Context, id string) error

	// CurrentSession says when the caller's own session ends. With stay, asking
	// counts as something done. KindNotFound for who came without a session.
	CurrentSession(ctx context.Context, stay bool) (Session, error)
}

// SignOut is a provider's word that sessions of its have ended.
type SignOut struct {
	Issuer  string    // of the provider
	Subject string    // the provider's id of the person
	SID     string    // the provider's name for the one session; empty for all of the person
	Until   time.Time // later sessions are not meant: the word is from before them
}

// SignIn is somebody who has proven to a provider who they are, and what the
// configuration makes of that.
type SignIn struct {
	Issuer    string        // of the provider
	Subject   string        // the provider's id of the person, which becomes the caller's
	SID       string        // the provider's name for its session; may be empty
	Hint      paycor.Secret // what the provider wants back at the sign-out
	Name      string
	Login     string // verified e-mail address or user name; may be empty
	Groups    []string
	Workspace string
	Rights    paycor.Rights

	Browser   string
	From      string
	RequestID string
	Replaces  paycor.Secret // handle of the session that the browser had before
}
