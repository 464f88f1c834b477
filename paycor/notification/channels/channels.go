// Package channels manages the notification channels of a workspace. Package delivery
// delivers to them.
package channels

import (
	"context"
	"time"

	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
)

// Tx is what channels need to write to the store.
type Tx interface {
	store.NotificationReader
	store.NotificationWriter
	trail.Appender
}

// Sender sends a message to a channel.
type Sender interface {
	Send(ctx context.Context, channel notification.Channel, target store.NotificationTarget, delivery notification.Delivery) notification.Result
}

// Config configures Channels. All fields but Clock are required.
type Config struct {
	Store      store.Scope[store.NotificationReader, Tx]
	Recorder   *trail.Recorder
	Authorizer *rights.Authorizer
	Sender     Sender
	Languages  func(tag string) bool // reports whether there are sentences in a language
	Mails      bool                  // whether e-mail can be sent
	Wake       func()                // makes due deliveries without delay
	Clock      func() time.Time      // nil means time.Now
}

// Channels manages channels. It is safe for concurrent use.
type Channels struct{ config Config }

// New returns the channels of a store.
func New(config Config) *Channels {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	return &Channels{config}
}

func (c *Channels) now() time.Time { return c.config.Clock().UTC().Truncate(time.Millisecond) }
