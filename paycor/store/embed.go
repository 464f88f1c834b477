package store

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
)

// EmbedSession is the session of an embedded page. The store keeps only the
// hash of its handle.
type EmbedSession struct {
	Hash      []byte // SHA-256 of the handle
	Host      string // id of the embedding site
	Origin    string // of the embedding page
	Caller    paycor.Caller
	CreatedAt time.Time
	ExpiresAt time.Time
}

// EmbedReader reads embedding sites and their sessions.
type EmbedReader interface {
	// EmbedHosts lists the embedding sites of a workspace by name, then by id. A
	// *DamagedError comes with what can be read.
	EmbedHosts(workspace string) ([]embed.Host, error)

	// EmbedHost finds an embedding site of any workspace, or returns an
	// *AlteredError.
	EmbedHost(id string) (embed.Host, error)

	// EmbedSession finds a session by the hash of its handle, or returns an
	// *AlteredError.
	EmbedSession(hash []byte) (EmbedSession, error)
}

// EmbedWriter stores embedding sites and their sessions.
type EmbedWriter interface {
	// InsertEmbedHost returns ErrExists if the id is taken.
	InsertEmbedHost(embed.Host) error

	// UpdateEmbedHost returns ErrStale if the workspace's site is not at version.
	// It ends the sessions of origins that are not in keep.
	UpdateEmbedHost(host embed.Host, version int64, keep []string) error

	// DeleteEmbedHost deletes a site with its sessions, or returns ErrNotFound.
	DeleteEmbedHost(workspace, id string) error

	// MarkEmbedTokenUsed returns ErrExists if the token was used before. The
	// mark remains when the site is deleted.
	MarkEmbedTokenUsed(hash []byte, expires time.Time) error

	// InsertEmbedSession returns ErrExists if the hash is taken.
	InsertEmbedSession(EmbedSession) error
}
