package delivery

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

const (
	defaultPoll = 2 * time.Second
	lease       = time.Minute // how long a delivery is left to the process that claimed it
	maxEvents   = 2000        // of one transaction
	maxRunning  = 64          // deliveries at a time, one of each channel
)

// Retention is how long finished deliveries and told events are kept.
const Retention = 60 * 24 * time.Hour

// Tx is what deliveries need to write to the store.
type Tx interface {
	store.NotificationReader
	store.NotificationWriter
}

// Sender sends a message to a channel. It is bounded in time.
type Sender interface {
	Send(ctx context.Context, channel notification.Channel, target store.NotificationTarget, delivery notification.Delivery) notification.Result
}

// Config configures a Worker. Store and Sender are required.
type Config struct {
	Store  store.Scope[store.NotificationReader, Tx]
	Sender Sender
	Clock  func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil discards
	Poll   time.Duration    // between two looks for what is due; 0 means 2 s
}

// Worker makes the deliveries of all workspaces. Several processes can share a store.
type Worker struct {
	config Config
	wake   chan struct{}

	mu      sync.Mutex
	running map[string]bool // by channel
	group   sync.WaitGroup
}

// NewWorker returns a worker.
func NewWorker(config Config) *Worker {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.Poll = cmp.Or(config.Poll, defaultPoll)
	return &Worker{config: config, wake: make(chan struct{}, 1), running: map[string]bool{}}
}

// Wake makes Run look for what is due without delay. It does not block.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run makes deliveries until ctx ends, and waits for those that it began.
func (w *Worker) Run(ctx context.Context) {
	defer w.group.Wait()
	for {
		if err := w.pass(ctx); err != nil && ctx.Err() == nil {
			w.config.Logger.ErrorContext(ctx, "delivering notifications", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-time.After(w.config.Poll):
		}
	}
}

// pass makes messages of due events, and begins due deliveries.
func (w *Worker) pass(ctx context.Context) error {
	now := w.now()
	var due bool
	err := w.config.Store.View(ctx, func(r store.NotificationReader) (err error) {
		due, err = r.NotificationsDue(now)
		return err
	})
	if err != nil || !due {
		return err
	}
	for more := true; more; {
		err := w.config.Store.Update(ctx, func(tx Tx) (err error) {
			more, err = dispatch(tx, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return w.begin(ctx, now)
}

func (w *Worker) now() time.Time { return w.config.Clock().UTC().Truncate(time.Millisecond) }

// dispatch makes deliveries of due events. It reports whether there may be more.
func dispatch(tx Tx, now time.Time) (more bool, err error) {
	events, err := tx.TakeDueEvents(now, maxEvents)
	if err != nil {
		return false, err
	}
	type group struct {
		workspace string
		kind      notification.Kind
	}
	var order []group
	groups, channels := map[group][]notification.Event{}, map[string][]notification.Channel{}
	for _, event := range events {
		g := group{event.Workspace, event.Kind}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], event)
	}
	for _, g := range order {
		if _, known := channels[g.workspace]; !known {
			if channels[g.workspace], err = tx.NotificationChannels(g.workspace); err != nil {
				return false, err
			}
		}
		for _, channel := range channels[g.workspace] {
			if err := deliver(tx, channel, groups[g], now); err != nil {
				return false, err
			}
		}
	}
	return len(events) == maxEvents, nil
}

// deliver stores one delivery of the events that a channel is told.
func deliver(tx Tx, channel notification.Channel, events []notification.Event, now time.Time) error {
	if !channel.DisabledAt.IsZero() {
		return nil
	}
	var told []notification.Event
	for _, event := range events {
		if channel.Matches(event) {
			told = append(told, event)
		}
	}
	if len(told) == 0 {
		return nil
	}
	return tx.InsertDelivery(notification.Delivery{
		ID: store.NewDeliveryID(), Workspace: channel.Workspace, Channel: channel.ID, Message: notification.MessageOf(told),
		State: notification.StatePending, CreatedAt: now, BeganAt: now, NextAt: now,
	})
}

// begin claims due deliveries, at most one of each channel, and makes them. A channel that
// does not answer keeps only its own from being made.
func (w *Worker) begin(ctx context.Context, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var busy []string
	for channel := range w.running {
		busy = append(busy, channel)
	}
	room := maxRunning - len(busy)
	if room <= 0 {
		return nil
	}
	var claimed []notification.Delivery
	err := w.config.Store.Update(ctx, func(tx Tx) (err error) {
		claimed, err = tx.ClaimDeliveries(now, now.Add(lease), busy, room)
		return err
	})
	if err != nil {
		return err
	}
	for _, delivery := range claimed {
		w.running[delivery.Channel] = true
		w.group.Go(func() {
			if err := w.make(ctx, delivery); err != nil && ctx.Err() == nil {
				w.config.Logger.ErrorContext(ctx, "delivering a notification", "channel", delivery.Channel, "delivery", delivery.ID, "error", err)
			}
			w.mu.Lock()
			delete(w.running, delivery.Channel)
			w.mu.Unlock()
			w.Wake() // there may be a next one
		})
	}
	return nil
}

// make sends a message and stores what came of it.
func (w *Worker) make(ctx context.Context, delivery notification.Delivery) error {
	var channel notification.Channel
	var target store.NotificationTarget
	var unreadable error
	err := w.config.Store.View(ctx, func(r store.NotificationReader) (err error) {
		if channel, err = r.NotificationChannel(delivery.Workspace, delivery.Channel); err != nil {
			return err
		}
		target, unreadable = r.NotificationTarget(delivery.Workspace, delivery.Channel)
		return nil
	})
	if errors.Is(err, store.ErrNotFound) { // it was removed
		return nil
	}
	if err != nil {
		return err
	}
	result := notification.Result{At: w.now(), Message: message.New("notification.result.unreadable")}
	if unreadable == nil {
		result = w.config.Sender.Send(ctx, channel, target, delivery)
	}
	if ctx.Err() != nil && !result.Delivered {
		return nil // the server stops; the next one tries again
	}
	return w.config.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error { return w.finish(tx, delivery, result) })
}

// finish stores what came of a delivery, and disables a channel that fails for too long.
func (w *Worker) finish(tx Tx, delivery notification.Delivery, result notification.Result) error {
	channel, err := tx.NotificationChannel(delivery.Workspace, delivery.Channel)
	if err == nil {
		err = tx.UpdateDelivery(delivery.After(result, rand.Float64()))
	}
	if err != nil {
		if errors.Is(err, store.ErrNotFound) { // it was removed meanwhile
			return nil
		}
		return err
	}
	after := channel.After(result)
	if after.FailingSince.Equal(channel.FailingSince) && after.DisabledAt.Equal(channel.DisabledAt) {
		return nil
	}
	if after.DisabledAt != channel.DisabledAt {
		w.config.Logger.Warn("notification channel disabled", "workspace", channel.Workspace, "channel", channel.ID, "reason", after.DisabledFor)
	}
	return tx.UpdateNotificationChannel(after, channel.Version, nil)
}
