// Package apitoken creates, checks and revokes the API tokens by which consumers
// (programs) authenticate. The store keeps a token's hash, so it is shown once.
package apitoken

import (
	"context"
	"crypto/sha256"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/events"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

const (
	// prefix makes an API token recognizable to people and to scanners that look
	// for leaked ones.
	prefix = "pcc_"

	// maxCached is how many API tokens are cached, by their hashes.
	maxCached = 4096
)

// Retention is how long an API token is listed after it expired or was revoked.
const Retention = 90 * 24 * time.Hour

// Reader is what the API tokens need to read from the store.
type Reader interface {
	store.APITokenReader
	store.SharingReader // an allow-list names credentials that may be deleted by now
}

// Tx is what the API tokens need to write to the store.
type Tx interface {
	Reader
	store.APITokenWriter
	trail.Appender
	Credential(workspace, id string) (paycor.Credential, error)
}

// LastUsed is notified when tokens are used. It must not block.
type LastUsed interface {
	// Touch records that a token was used.
	Touch(token string, at time.Time)

	// Flush writes the recorded times, and reports whether it succeeded.
	Flush(ctx context.Context) bool
}

// Config configures Tokens. All fields but Clock are required.
type Config struct {
	Store      store.Scope[Reader, Tx]
	Version    func(context.Context) (store.Version, error) // of the store, for caching tokens
	Recorder   *trail.Recorder
	Authorizer *rights.Authorizer
	Events     *events.Broker
	LastUsed   LastUsed
	Clock      func() time.Time // nil means time.Now
}

// Tokens creates, checks and revokes API tokens. It is safe for concurrent use.
type Tokens struct {
	config Config
	cache  *cache.Versioned[[sha256.Size]byte, store.APIToken]
}

// New returns API tokens over a store.
func New(config Config) *Tokens {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	tokens := cache.New(cache.Config[[sha256.Size]byte, store.APIToken]{
		Version: config.Version, Max: maxCached,
		Read: func(ctx context.Context, hash [sha256.Size]byte) (token store.APIToken, err error) {
			err = config.Store.View(ctx, func(r Reader) (err error) {
				token, err = r.APIToken(hash[:])
				return err
			})
			return token, err
		},
	})
	return &Tokens{config: config, cache: tokens}
}

func (t *Tokens) now() time.Time { return t.config.Clock().UTC().Truncate(time.Millisecond) }
