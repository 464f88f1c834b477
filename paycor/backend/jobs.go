package backend

import (
	"context"
	"errors"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/consumer/apitoken"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage/meter"
)

const (
	sweepInterval      = time.Hour
	archiveInterval    = time.Hour
	denialInterval     = time.Minute
	rotationInterval   = time.Minute
	inventoryInterval  = time.Minute
	reminderInterval   = time.Hour
	checkpointInterval = time.Minute // what a copy of the database file alone may miss
)

// Run runs the background jobs until ctx ends. Call Close after it.
func (b *Backend) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { b.Meter.Run(ctx) })
	group.Go(func() { b.repeatAfter(ctx, clock.Grace, "deleting expired records", sweepInterval, b.sweep) })
	group.Go(func() {
		b.repeat(ctx, "recording counted denials", denialInterval, func(ctx context.Context) error { return b.FlushDenials(ctx, false) })
	})
	group.Go(func() { b.repeatAfter(ctx, clock.Grace, "archiving the audit trail", archiveInterval, b.archive) })
	group.Go(func() { b.checkpoint(ctx) })
	group.Go(func() {
		b.repeat(ctx, "discarding secrets that rotations kept", rotationInterval, b.DiscardExpiredSecrets)
	})
	group.Go(func() { b.Scheduler.Run(ctx) })
	group.Go(func() { b.deliveries.Run(ctx) })
	group.Go(func() { b.repeatAfter(ctx, clock.Grace, "reminding of dates", reminderInterval, b.remind) })
	group.Go(func() { b.repeat(ctx, "counting for metrics", inventoryInterval, b.takeInventory) })
}

// sweep removes what has expired from the store and from memory.
func (b *Backend) sweep(ctx context.Context) error {
	b.ForgetIdle()
	now, ready := b.retention.Now()
	if !ready {
		return nil
	}
	now = now.UTC()
	return b.config.Store.Update(ctx, func(tx store.Tx) error {
		return errors.Join(tx.DeleteExpired(now), tx.DeleteUsage(now.Add(-meter.Retention)), tx.DeleteEndedAPITokens(now.Add(-apitoken.Retention)),
			tx.DeleteNotifications(now.Add(-delivery.Retention)))
	})
}

// remind tells of dates that are near, and of what is wrong with the server.
func (b *Backend) remind(ctx context.Context) error {
	return b.deliveries.Remind(ctx, b.config.Findings())
}

// archive archives the audit entries that are older than the retention keeps, and
// completes what a killed process began.
func (b *Backend) archive(ctx context.Context) error {
	now, ready := b.retention.Now()
	if b.config.AuditRetention.Keep == 0 || !ready {
		return b.Archiver.Finish(ctx)
	}
	server := paycor.Caller{Kind: paycor.CallerServer, ID: "server", Name: "This server", Workspace: paycor.DefaultWorkspace}
	done, err := b.Archiver.Apply(ctx, server, b.config.AuditRetention, now)
	if err == nil && done.Entries > 0 {
		b.config.Logger.InfoContext(ctx, "audit entries archived", "entries", done.Entries, "file", done.File, "head", done.Last.String())
	}
	return err
}

// checkpoint moves the write-ahead log into the database file. It does not
// start at once: until then the file of a new database is empty, and backup
// rejects a copy without a schema.
func (b *Backend) checkpoint(ctx context.Context) {
	b.repeatAfter(ctx, checkpointInterval, "checkpointing the database", checkpointInterval, b.config.Store.Checkpoint)
}

// repeatAfter is repeat after a delay.
func (b *Backend) repeatAfter(ctx context.Context, delay time.Duration, name string, interval time.Duration, job func(context.Context) error) {
	select {
	case <-ctx.Done():
	case <-time.After(delay):
		b.repeat(ctx, name, interval, job)
	}
}

// repeat runs a job at once and then at an interval until ctx ends.
func (b *Backend) repeat(ctx context.Context, name string, interval time.Duration, job func(context.Context) error) {
	for {
		if err := job(ctx); err != nil && ctx.Err() == nil {
			b.config.Logger.Error(name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
	}
}
