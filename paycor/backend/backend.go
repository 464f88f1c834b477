// Package backend composes the use cases: it constructs them over one store, in
// the order in which they need each other, binds them to a caller as api.Service,
// and runs their background jobs. It knows neither HTTP nor the command line, so
// tests use the same composition as the server.
package backend

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/consumer/apitoken"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/embed/sites"
	"paycorcred/paycor/events"
	"paycorcred/paycor/keys"
	"paycorcred/paycor/notification/channels"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/schedule"
	"paycorcred/paycor/session/signin"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/usage/meter"
)

// Backend is everything the server does apart from HTTP. It is safe for
// concurrent use.
type Backend struct {
	*rights.Authorizer
	*trail.Trail
	*events.Broker
	*meter.Meter
	*signin.Sessions
	*apitoken.Tokens
	*sites.Sites
	*channels.Channels
	*credentials.Service

	Scheduler *schedule.Scheduler
	Rechecks  *schedule.Queue // of credentials whose stored state a call contradicted

	Archiver *archive.Archiver // of the audit trail
	Keys     *keys.Rotator

	deliveries *delivery.Worker

	retention *clock.Retention
	inventory atomic.Pointer[store.Inventory] // the latest; nil before the first
	config    Config
}

// New returns a backend over a store. Call Close before closing the store.
func New(config Config) (*Backend, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Backend{config: config, Broker: &events.Broker{}, Rechecks: schedule.NewQueue()}
	b.retention = clock.NewRetention(config.Clock, config.Elapsed, config.Logger)
	recorder := trail.NewRecorder(config.Clock)
	b.Authorizer = rights.New(rights.Config{
		Store:   store.ScopeOf[store.SharingReader, trail.Appender](config.Store),
		Version: config.Store.Version, Recorder: recorder, Clock: config.Clock, Logger: config.Logger,
	})
	b.Broker.Visible = b.Authorizer.MaySeeChange
	relay(b.Broker, config.Store)
	b.Archiver = archive.New(archive.Config{
		Store: store.ScopeOf[store.AuditReader, archive.Tx](config.Store), Recorder: recorder, Clock: config.Clock,
	})
	b.Keys = keys.New(keys.Config{Store: store.ScopeOf[keys.Reader, keys.Tx](config.Store), Recorder: recorder})
	b.Trail = trail.New(trail.Config{
		Store:    store.ScopeOf[trail.Reader, trail.Appender](config.Store),
		Recorder: recorder, Authorizer: b.Authorizer, Logger: config.Logger,
	})
	b.Meter = meter.New(meter.Config{
		Store:    store.ScopeOf[meter.Reader, meter.Tx](config.Store),
		Recorder: recorder, Authorizer: b.Authorizer, Clock: config.Clock, Elapsed: config.Elapsed, Logger: config.Logger, PausedUntil: config.PausedUntil,
	})
	b.Sessions = signin.New(signin.Config{
		Store:    store.ScopeOf[signin.Reader, signin.Tx](config.Store),
		Recorder: recorder, Authorizer: b.Authorizer, Clock: config.Clock, Idle: config.SessionIdle, Lifetime: config.SessionLifetime,
	})
	b.Tokens = apitoken.New(apitoken.Config{
		Store:   store.ScopeOf[apitoken.Reader, apitoken.Tx](config.Store),
		Version: config.Store.Version, Recorder: recorder, Authorizer: b.Authorizer, Events: b.Broker, LastUsed: b.Meter, Clock: config.Clock,
	})
	b.Sites = sites.New(sites.Config{
		Store:    store.ScopeOf[store.EmbedReader, sites.Tx](config.Store),
		Recorder: recorder, Authorizer: b.Authorizer, Events: b.Broker, Tokens: hosttoken.New(config.Embed), Clock: config.Clock,
	})
	senders := delivery.NewSenders(config.Notify)
	b.deliveries = delivery.NewWorker(delivery.Config{
		Store: store.ScopeOf[store.NotificationReader, delivery.Tx](config.Store), Sender: senders, Clock: config.Clock, Logger: config.Logger,
	})
	b.Channels = channels.New(channels.Config{
		Store:    store.ScopeOf[store.NotificationReader, channels.Tx](config.Store),
		Recorder: recorder, Authorizer: b.Authorizer, Sender: senders, Languages: config.Languages, Mails: config.Notify.Mail.Configured(), Wake: b.deliveries.Wake, Clock: config.Clock,
	})
	b.Service, err = credentials.New(credentials.Config{
		Store: store.ScopeOf[credentials.Reader, credentials.Tx](config.Store), Version: config.Store.Version, Fingerprint: config.Store.Fingerprint,
		Recorder: recorder, Authorizer: b.Authorizer, Events: b.Broker, Available: b.Meter.Available,
		Environments: config.Environments, Verify: config.Verify, ProbeAccess: config.ProbeAccess,
		TokenClient: config.TokenClient, TokenTimeout: config.TokenTimeout, TokenLease: config.TokenLease,
		Clock: config.Clock, Retention: b.retention, Logger: config.Logger, MaxVerifications: config.MaxVerifications, Observer: b.Rechecks,
		OnExchange: config.OnExchange, OnVerification: config.OnVerification,
	})
	if err != nil {
		return nil, err
	}
	b.Scheduler = schedule.New(schedule.Config{
		Store:    store.ScopeOf[schedule.Reader, schedule.Writer](config.Store),
		Verifier: b.Service, Queue: b.Rechecks, Environments: config.Environments, Interval: config.VerifyEvery,
		Clock: config.Clock, Logger: config.Logger,
	})
	return b, nil
}

// callerService is api.Service for one caller.
type callerService struct {
	credentials.CallerCredentials
	trail.CallerTrail
	meter.CallerUsage
	signin.CallerSessions
	apitoken.CallerConsumers
	sites.CallerSites
	channels.CallerChannels
	callerHealth
}

// As returns what one caller can do.
func (b *Backend) As(caller paycor.Caller) api.Service {
	return callerService{
		b.Service.As(caller), b.Trail.As(caller), b.Meter.As(caller), b.Sessions.As(caller), b.Tokens.As(caller), b.Sites.As(caller), b.Channels.As(caller),
		callerHealth{b, caller},
	}
}

// Operator returns what a command on the server's own machine can do. An empty
// workspace means the default one.
func (b *Backend) Operator(workspace string) api.Service { return b.As(rights.Operator(workspace)) }

// Ready reports whether requests can be served.
func (b *Backend) Ready(ctx context.Context) error {
	return errors.Join(b.config.Store.Ping(ctx), b.Available())
}

// CallFinished counts a call to Paycor, and queues the credential for
// verification if the call contradicts its state. It neither blocks nor fails.
func (b *Backend) CallFinished(call usage.Call) {
	b.Meter.Count(call)
	b.Rechecks.CallEnded(call, b.config.Clock())
}

// Close waits for token exchanges in flight, so that no refresh token that
// Paycor just issued is lost, and writes what is counted in memory, unless the
// database does not answer. No other method may be called afterwards. Close the
// store after it.
func (b *Backend) Close(ctx context.Context) error {
	err := b.Service.Drain(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.config.LastFlush)
	defer cancel()
	if away := b.awayAtLast(last); away != nil {
		return errors.Join(err, fmt.Errorf("the last denials and %d calls are not recorded: %w", b.Waiting(), away))
	}
	err = errors.Join(err, b.Meter.Close(last))
	if denialErr := b.FlushDenials(last, true); denialErr != nil {
		err = errors.Join(err, fmt.Errorf("recording the last denials: %w", denialErr))
	}
	return err
}

// awayTimeout is how long a stopping server waits for its database to answer at all. What is
// written to one that is only slow may take longer.
const awayTimeout = 2 * time.Second

// awayAtLast returns why the database does not answer a stopping server, or nil if it does.
func (b *Backend) awayAtLast(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, awayTimeout)
	defer cancel()
	return b.config.Store.View(ctx, func(r store.Reader) error {
		if _, err := r.LastAuditEntry(); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}
