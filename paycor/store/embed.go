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
	Tenant    string // of the site; empty without one
	Caller    paycor.Caller
	CreatedAt time.Time
	ExpiresAt time.Time
}

// EmbedToken is a one-time token of an embedding site: it opens one session. The store
// keeps only its hash.
type EmbedToken struct {
	Hash      []byte        // SHA-256 of the token
	Host      string        // id of the embedding site
	Origin    string        // of the page around the frame
	Tenant    string        // of the site; empty without one
	APIToken  string        // id of the API token that it was created with
	Caller    paycor.Caller // whom the session belongs to
	Session   []byte        // hash of the handle of the session it opened; empty until then
	CreatedAt time.Time
	ExpiresAt time.Time // of its session, once it opened one
}

// EmbedReader reads embedding sites and their sessions.
type EmbedReader interface {
	// EmbedHosts lists the embedding sites of a workspace by name, then by id. A
	// *DamagedError comes with what can be read.
	EmbedHosts(workspace string) ([]embed.Host, error)

	// EmbedHost finds an embedding site of any workspace, or returns an
	// *AlteredError.
	EmbedHost(id string) (embed.Host, error)

	// EmbedTenants lists the tenants of a site by name. A *DamagedError comes with what can
	// be read.
	EmbedTenants(host string) ([]embed.Tenant, error)

	// EmbedTenantWorkspaces lists the workspaces of a site's tenants, also of those that
	// something else wrote: it tells whom a change concerns, and gives no authority.
	EmbedTenantWorkspaces(host string) ([]string, error)

	// CountEmbedTenants counts the tenants of a site.
	CountEmbedTenants(host string) (int, error)

	// EmbedTenant finds a tenant of a site, or returns an *AlteredError.
	EmbedTenant(host, tenant string) (embed.Tenant, error)

	// EmbedToken finds a one-time token by its hash, or returns an *AlteredError.
	EmbedToken(hash []byte) (EmbedToken, error)

	// EmbedSession finds a session by the hash of its handle, or returns an
	// *AlteredError.
	EmbedSession(hash []byte) (EmbedSession, error)
}

// EmbedWriter stores embedding sites and their sessions.
type EmbedWriter interface {
	// InsertEmbedHost returns ErrExists if the id is taken.
	InsertEmbedHost(embed.Host) error

	// UpdateEmbedHost returns ErrStale if the workspace's site is not at version.
	// It ends the sessions and one-time tokens of origins that are not in keep.
	UpdateEmbedHost(host embed.Host, version int64, keep []string) error

	// DeleteEmbedHost deletes a site with its tenants, sessions and one-time tokens, or
	// returns ErrNotFound.
	DeleteEmbedHost(workspace, id string) error

	// InsertEmbedTenant returns ErrExists if the site has a tenant of that name, in whatever
	// case. It ends the site's sessions and one-time tokens that are for no tenant.
	InsertEmbedTenant(host string, tenant embed.Tenant) error

	// DeleteEmbedTenant deletes a tenant of a site with its sessions and one-time tokens, or
	// returns ErrNotFound.
	DeleteEmbedTenant(host, tenant string) error

	// MarkEmbedTokenUsed returns ErrExists if the token was used before. The
	// mark remains when the site is deleted.
	MarkEmbedTokenUsed(hash []byte, expires time.Time) error

	// InsertEmbedToken returns ErrExists if the hash is taken. RevokeAPIToken deletes
	// the one-time tokens that were created with an API token, and their sessions.
	InsertEmbedToken(EmbedToken) error

	// UseEmbedToken notes which session a one-time token opened, and until when that
	// lasts. It returns ErrExists if the token opened one before, or is gone.
	UseEmbedToken(hash, session []byte, expires time.Time) error

	// InsertEmbedSession returns ErrExists if the hash is taken.
	InsertEmbedSession(EmbedSession) error
}
