package store

import (
	"crypto/rand"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/notification"
)

// NotificationTargetField is the field of the encrypted target of a channel.
const NotificationTargetField fields.Field = "notification_target"

// NotificationTarget is where and how a channel is reached. It is encrypted at rest.
type NotificationTarget struct {
	Address paycor.Secret // URL, or e-mail addresses
	Secret  paycor.Secret // signs what is sent to a webhook; empty for other types

	// Former is the secret before, which signs until FormerUntil, too. It is empty if there
	// is none.
	Former      paycor.Secret
	FormerUntil time.Time
}

// DeliveryPosition is the position after a delivery in a list.
type DeliveryPosition struct {
	CreatedAt time.Time
	ID        string
}

// NotificationReader reads channels and deliveries.
type NotificationReader interface {
	// NotificationChannels lists the channels of a workspace by name, then by ID.
	NotificationChannels(workspace string) ([]notification.Channel, error)

	// NotificationChannel finds a channel.
	NotificationChannel(workspace, id string) (notification.Channel, error)

	// NotificationTarget decrypts the target of a channel.
	NotificationTarget(workspace, id string) (NotificationTarget, error)

	// Deliveries lists the deliveries of a channel after a position, the newest first.
	Deliveries(workspace, channel string, after DeliveryPosition, limit int) ([]notification.Delivery, error)

	// Delivery finds a delivery.
	Delivery(workspace, id string) (notification.Delivery, error)

	// Reminders returns what can be told about dates until a time: credentials whose
	// secrets are to be replaced, and API tokens that expire, of workspaces with channels.
	// An event's At is the date, its DueAt is zero. Those of before now are credentials
	// only. They follow a position in the order of Workspace, Kind and Subject.
	Reminders(now, until time.Time, after notification.Event, limit int) ([]notification.Event, error)

	// NotificationsDue reports whether an event or a delivery is due.
	NotificationsDue(now time.Time) (bool, error)
}

// NotificationWriter stores channels, events and deliveries.
//
// These writes add events by themselves, in the same transaction, so that nothing is lost
// when a server is killed: UpdateCredential for a change of the state and for lost access,
// InsertSession and InsertAPIToken for a new administrator, and AppendAudit for a changed
// embedding site. A workspace without channels has no events.
type NotificationWriter interface {
	// InsertNotificationChannel returns ErrExists if the ID is taken.
	InsertNotificationChannel(notification.Channel, NotificationTarget) error

	// UpdateNotificationChannel stores a changed channel, or returns ErrStale if it is
	// not at version. A nil target keeps the stored one. The deliveries of a disabled
	// channel are not tried again.
	UpdateNotificationChannel(channel notification.Channel, version int64, target *NotificationTarget) error

	// DeleteNotificationChannel deletes a channel with its deliveries, or returns ErrNotFound.
	DeleteNotificationChannel(workspace, id string) error

	// PutEvent stores an event, unless there is one with its key or its workspace has no
	// channel.
	PutEvent(notification.Event) error

	// TakeDueEvents returns events that are due, by workspace, kind and time, and marks
	// them as told.
	TakeDueEvents(now time.Time, limit int) ([]notification.Event, error)

	// InsertDelivery stores a delivery. Of the deliveries of its channel, the oldest ones
	// beyond MaxDeliveries are deleted.
	InsertDelivery(notification.Delivery) error

	// ClaimDeliveries returns the first due delivery of each channel that is not in except,
	// and sets its next try to until, so that no other process makes
	// the same one.
	ClaimDeliveries(now, until time.Time, except []string, limit int) ([]notification.Delivery, error)

	// UpdateDelivery stores what came of a try, or returns ErrNotFound.
	UpdateDelivery(notification.Delivery) error

	// DeleteNotifications deletes told events and finished deliveries of before a time.
	// It keeps who is known as an administrator.
	DeleteNotifications(before time.Time) error
}

// MaxDeliveries is how many deliveries of a channel are kept, those that wait included.
const MaxDeliveries = 1000

// NewDeliveryID returns a random ID for a delivery.
func NewDeliveryID() string { return "msg_" + rand.Text() }
