package backend

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/health"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// Config configures a Backend. Store, Verify and TokenClient are required.
type Config struct {
	Store store.Store
	Clock func() time.Time // nil means time.Now

	Elapsed func() time.Duration // monotonic time since the start; nil means Clock's
	Logger  *slog.Logger         // nil discards

	Environments []paycor.Environment   // to choose from; nil means Paycor's own two
	Verify       credentials.VerifyFunc // verifies a credential with Paycor
	ProbeAccess  credentials.ProbeFunc  // probes data access after a save; nil leaves that to a verification
	TokenClient  *tokens.Client         // exchanges and refreshes access tokens at Paycor
	TokenTimeout time.Duration          // for one token exchange; 0 means 45 s
	TokenLease   time.Duration          // how long one process holds a credential's exchange; 0 means TokenTimeout and 15 s
	Embed        hosttoken.Config       // how tokens of embedding sites are verified

	Notify    delivery.SenderConfig // how channels are told
	Languages func(tag string) bool // reports whether messages can be in a language; nil means in every one

	SessionIdle     time.Duration     // a session that is not used for this long ends; 0 means an hour
	SessionLifetime time.Duration     // a session ends after this long in any case; 0 means 12 hours
	AuditRetention  archive.Retention // older audit entries are archived; the zero value keeps all in the store
	LastFlush       time.Duration     // how long Close tries to write what is counted in memory; 0 means 8 s

	VerifyEvery      time.Duration // how often each credential is verified by schedule; 0 means never
	MaxVerifications int           // concurrent verifications, a quarter of them for one caller; 0 means 32

	// PausedUntil returns until when calls through a credential are paused
	// because Paycor failed too often, or zero. nil means that none are.
	PausedUntil func(workspace, credential string) time.Time

	// Health returns what the checks of the server found. nil means that there are none.
	Health func(context.Context) health.Report

	// Findings returns what the checks of the server found last, for notifications. It
	// starts no check. nil means that there are none.
	Findings func() []health.Finding

	// OnExchange and OnVerification are called with the outcome of each token
	// exchange and each verification, for metrics. They must not block.
	OnExchange, OnVerification func(environment string, outcome verdicts.Outcome)
}

// defaultLastFlush is how long a stopping server tries to write, on a busy disk too. With the
// default drain time it ends before the unit and the chart kill the server, after 20 seconds.
const defaultLastFlush = 8 * time.Second

// withDefaults fills in the optional fields of Config.
func (c Config) withDefaults() (Config, error) {
	if c.Store == nil || c.Verify == nil || c.TokenClient == nil {
		return c, errors.New("backend: Config needs Store, Verify and TokenClient")
	}
	if c.Environments == nil {
		c.Environments = paycor.Environments()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Embed.Clock == nil {
		c.Embed.Clock = c.Clock
	}
	if c.Elapsed == nil {
		started := c.Clock()
		c.Elapsed = func() time.Duration { return c.Clock().Sub(started) }
	}
	if c.Notify.Clock == nil {
		c.Notify.Clock = c.Clock
	}
	if c.Languages == nil {
		c.Languages = func(string) bool { return true }
	}
	if c.Health == nil {
		c.Health = func(context.Context) health.Report { return health.NewReport(nil) }
	}
	if c.Findings == nil {
		c.Findings = func() []health.Finding { return nil }
	}
	c.LastFlush = cmp.Or(c.LastFlush, defaultLastFlush)
	return c, nil
}
