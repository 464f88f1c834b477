// Package sites manages the embedding sites of a workspace, and opens the
// sessions of the pages inside their frames: a site's server creates a one-time
// token with an API token, or signs one, and the page exchanges it, once, for a
// session handle. Package hosttoken verifies signed tokens; this package stores
// sites, one-time tokens, used tokens and sessions.
package sites

import (
	"cmp"
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

// Tx is what the embedding sites need to write to the store.
type Tx interface {
	store.EmbedReader
	store.EmbedWriter
	trail.Appender
	APITokenByID(workspace, id string) (store.APIToken, error)
}

// defaultExchangesPerMinute is enough for 18,000 people, whose pages each renew their
// session every quarter of an hour.
const defaultExchangesPerMinute = 1200

// Config configures Sites. All fields but the last two are required.
type Config struct {
	Store      store.Scope[store.EmbedReader, Tx]
	Recorder   *trail.Recorder
	Authorizer *rights.Authorizer
	Events     *events.Broker
	Tokens     *hosttoken.Verifier
	Clock      func() time.Time // nil means time.Now

	// ExchangesPerMinute is how many sessions a site may open in a minute, with
	// all its users, and how many one-time tokens may be created for it; 0 means
	// 1200. Each has an entry in the audit trail.
	ExchangesPerMinute int
}

// Sites manages embedding sites and their sessions. It is safe for concurrent
// use.
type Sites struct {
	config    Config
	exchanges *quota.Rate // sessions that are opened
	creations *quota.Rate // one-time tokens that are created
}

// New returns embedding sites over a store.
func New(config Config) *Sites {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	perMinute := cmp.Or(config.ExchangesPerMinute, defaultExchangesPerMinute)
	newRate := func() *quota.Rate { return quota.NewRate(func(quota.Principal) int { return perMinute }, config.Clock) }
	return &Sites{config: config, exchanges: newRate(), creations: newRate()}
}

func (s *Sites) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

// EmbeddingHost returns a site by its id, or embed.KindHostUnknown. It needs no
// right: the page in the site's frame reveals its origins to the browser
// anyway.
func (s *Sites) EmbeddingHost(ctx context.Context, id string) (embed.Host, error) {
	unknown := paycor.Errorf(embed.KindHostUnknown, "error.site-unknown")
	if !embed.IsHostID(id) {
		return embed.Host{}, unknown
	}
	var host embed.Host
	err := s.config.Store.View(ctx, func(r store.EmbedReader) (err error) {
		host, err = r.EmbedHost(id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return embed.Host{}, unknown
	}
	return host, s.config.Authorizer.DenyAltered(ctx, err, unknown)
}

// ExamineEmbedding reports what keeps a site from embedding the page.
func (s *Sites) ExamineEmbedding(ctx context.Context, symptoms embed.Symptoms) ([]embed.CheckResult, error) {
	host, err := s.EmbeddingHost(ctx, symptoms.Host)
	if err != nil {
		return nil, err
	}
	if !isOneTime(symptoms.Token) {
		var failed error // of the server, not of the token
		scopeOf := func(tenant string) (scope embed.Scope, err error) {
			if scope, err = s.scopeOf(ctx, host)(tenant); paycor.KindOf(err) != embed.KindTokenTenant {
				failed = err
			}
			return scope, err
		}
		results := s.config.Tokens.Diagnose(ctx, host, scopeOf, symptoms)
		return results, failed
	}
	token, err := s.diagnoseOneTime(ctx, host, symptoms)
	return append(s.config.Tokens.DiagnosePage(ctx, host, symptoms), token), err
}
