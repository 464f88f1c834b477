// Package session describes the sessions of signed-in people, for the page and the
// server. Package signin opens and ends them.
package session

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// Session is a signed-in browser, as its person and administrators see it. It does
// not contain the handle that authenticates the browser.
type Session struct {
	ID        string        `json:"id"`
	Person    string        `json:"person"` // id
	Name      string        `json:"name"`
	Login     string        `json:"login,omitempty"` // verified e-mail address, if the provider reports one
	Workspace string        `json:"workspace"`
	Rights    paycor.Rights `json:"rights"`
	Browser   string        `json:"browser,omitempty"` // "Firefox on Linux"
	From      string        `json:"from,omitempty"`    // network address of the sign-in
	CreatedAt time.Time     `json:"created_at"`
	SeenAt    time.Time     `json:"seen_at"`      // accurate to about a minute
	IdleEnds  time.Time     `json:"idle_ends_at"` // unless the session is used before
	EndsAt    time.Time     `json:"ends_at"`      // in any case
	Current   bool          `json:"current"`      // it is the caller's own
}

// Ends returns when the session ends if it is not used again.
func (s Session) Ends() time.Time {
	if s.IdleEnds.Before(s.EndsAt) {
		return s.IdleEnds
	}
	return s.EndsAt
}

// List is a list of sessions, newest first.
type List struct {
	Sessions   []Session `json:"sessions"`
	Unreadable int       `json:"unreadable,omitempty"` // that are left out, because their part of the database is damaged
}

// Service lists and ends sessions.
type Service interface {
	// Sessions lists the caller's own sessions.
	Sessions(ctx context.Context) (List, error)

	// AllSessions lists every session of the workspace. It needs the right admin.
	AllSessions(ctx context.Context) (List, error)

	// EndSession ends a session at once. It needs the right admin for the session
	// of somebody else.
	EndSession(ctx context.Context, id string) error

	// CurrentSession returns the caller's own session. With stay, the request
	// counts as a use of the session. A caller without one gets KindNotFound.
	CurrentSession(ctx context.Context, stay bool) (Session, error)
}

// SignOut is an identity provider's report that sessions have ended.
type SignOut struct {
	Issuer  string    // of the provider
	Subject string    // the provider's id of the person
	SID     string    // the provider's id of the session; empty for all sessions of the person
	Until   time.Time // sessions opened after it are not affected
}

// SignIn is a person an identity provider authenticated, with the workspace and
// rights that the configuration gives them.
type SignIn struct {
	Issuer    string        // of the provider
	Subject   string        // the provider's id of the person; it becomes the caller's id
	SID       string        // the provider's id of its session; may be empty
	Hint      paycor.Secret // ID token that the provider expects at sign-out
	Name      string
	Login     string // verified e-mail address or user name; may be empty
	Groups    []string
	Workspace string
	Rights    paycor.Rights

	Browser   string
	From      string
	RequestID string
	Replaces  paycor.Secret // handle of the browser's previous session
}
