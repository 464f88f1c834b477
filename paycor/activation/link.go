package activation

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// LinkLifetime is how long a link can be used.
const LinkLifetime = 7 * 24 * time.Hour

// LinkService manages the links of one credential. Each method needs the right edit.
type LinkService interface {
	// CreateActivationLink creates a link, which is shown only once. It needs a Scope ID.
	// Without an account here, people can use only a link that a signed-in person
	// created: it carries no more authority than its creator has.
	CreateActivationLink(ctx context.Context, credential string) (NewLink, error)

	// ActivationLinks lists the links, including recent ones that have ended.
	ActivationLinks(ctx context.Context, credential string) (LinkList, error)

	// RevokeActivationLink ends a link at once. It is not an error if it has ended
	// already.
	RevokeActivationLink(ctx context.Context, credential, link string) error
}

// Link lets its holder activate the application of one credential in Paycor, once.
// Its code is not stored.
type Link struct {
	ID        string    `json:"id"`
	State     LinkState `json:"state"`
	SignIn    bool      `json:"sign_in"` // its holder must be signed in here, with the right edit
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"` // name
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
	RevokedBy string    `json:"revoked_by,omitempty"` // name
}

// LinkList is a list of links, newest first.
type LinkList struct {
	Links      []Link `json:"links"`
	Unreadable int    `json:"unreadable,omitempty"` // that are left out, because their part of the database is damaged
}

// LinkState says whether a link can be used.
type LinkState string

// The states of a link.
const (
	LinkOpen    LinkState = "open"
	LinkUsed    LinkState = "used" // the application was activated with it
	LinkExpired LinkState = "expired"
	LinkRevoked LinkState = "revoked"
)

// At returns the link with its state at a time.
func (l Link) At(now time.Time) Link {
	switch {
	case !l.UsedAt.IsZero():
		l.State = LinkUsed
	case !l.RevokedAt.IsZero():
		l.State = LinkRevoked
	case !now.Before(l.ExpiresAt):
		l.State = LinkExpired
	default:
		l.State = LinkOpen
	}
	return l
}

// NewLink is a link with its code, which is shown only here.
type NewLink struct {
	Link
	Code paycor.Secret `json:"-"`   // from which the server makes URL
	URL  string        `json:"url"` // of this server
}

// Invitation is what a link is for, without any secret.
type Invitation struct {
	Link
	Credential  string // name
	ClientID    string
	Environment string
}
