package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"time"
)

// EmbedReader reads what belongs to embedding hosts.
type EmbedReader interface {
	// EmbedHosts lists the hosts of a workspace by name, then id.
	EmbedHosts(workspace string) ([]embed.Host, error)

	// EmbedHost finds one by its id, of whatever workspace it is.
	EmbedHost(id string) (embed.Host, error)

	// EmbedSession finds one by the hash of its handle.
	EmbedSession(hash []byte) (EmbedSession, error)
}

// EmbedWriter writes it.
type EmbedWriter interface {
	// InsertEmbedHost is ErrExists where the id is taken.
	InsertEmbedHost(embed.Host) error

	// UpdateEmbedHost is ErrStale where the workspace's host is not at version; it
	// ends the sessions from origins that are not among keep.
	UpdateEmbedHost(host embed.Host, version int64, keep []string) error

	// DeleteEmbedHost removes a host with its sessions; ErrNotFound where the
	// workspace has none of that id.
	DeleteEmbedHost(workspace, id string) error

	// MarkEmbedTokenUsed notes that a token was used; ErrExists if it was before. It
	// stays noted where its host is removed.
	MarkEmbedTokenUsed(hash []byte, expires time.Time) error

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
