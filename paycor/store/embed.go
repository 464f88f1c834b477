package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"time"
)

// HostReader reads what belongs to embedding hosts.
type HostReader interface {
	// Hosts lists the hosts of a workspace by name, then id.
	Hosts(workspace string) ([]embed.Host, error)

	// Host finds one by its id, of whatever workspace it is.
	Host(id string) (embed.Host, error)

	// EmbedSession finds one by the hash of its handle.
	EmbedSession(hash []byte) (EmbedSession, error)
}

// HostWriter writes it.
type HostWriter interface {
	// InsertHost is ErrExists where the id is taken.
	InsertHost(embed.Host) error

	// UpdateHost is ErrStale where the workspace's host is not at version; it
	// ends the sessions from origins that are not among keep.
	UpdateHost(host embed.Host, version int64, keep []string) error

	// DeleteHost removes a host with its sessions; ErrNotFound where the
	// workspace has none of that id.
	DeleteHost(workspace, id string) error

	// UseEmbedToken notes that a token was used; ErrExists if it was before. It
	// stays noted where its host is removed.
	UseEmbedToken(hash []byte, expires time.Time) error

	// InsertEmbedSession is ErrExists for what is known.
	InsertEmbedSession(EmbedSession) error

	// DeleteEmbedSession is no error where there is no such session.
	DeleteEmbedSession(hash []byte) error
}

// EmbedSession is an embedded page. Only the hash of its handle is kept.
type EmbedSession struct {
	Hash      []byte // SHA-256 of the handle
	Host      string // id
	Origin    string // of the page around the frame
	Caller    paycor.Caller
	CreatedAt time.Time
	ExpiresAt time.Time
}
