package notification

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// ChannelList is a list of channels, by name.
type ChannelList struct {
	Channels []Channel `json:"channels"`
}

// SecretOverlap is how long messages are also signed with a secret that was replaced, so that
// the receiver can change over.
const SecretOverlap = 24 * time.Hour

// Added is a channel with a new secret that signs its messages, which is shown only here.
type Added struct {
	Channel
	Secret paycor.Secret `json:"-"` // empty for a type without signatures
}

// DeliveryPage is a part of a channel's deliveries, the newest first.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next_cursor,omitempty"`
}

// Service manages the channels of a workspace. It needs the right admin, for the whole
// workspace, and is not available from inside a frame.
type Service interface {
	// Channels lists the channels.
	Channels(ctx context.Context) (ChannelList, error)

	// AddChannel adds a channel. KindConflict if there are MaxChannels.
	AddChannel(ctx context.Context, draft Draft) (Added, error)

	// UpdateChannel changes a channel. ifMatch may be empty; KindStale if it is of another
	// version.
	UpdateChannel(ctx context.Context, id string, patch Patch, ifMatch string) (Channel, error)

	// ReplaceChannelSecret gives a webhook another secret. For SecretOverlap messages are
	// signed with the former one, too. KindConflict if the channel is of another type.
	ReplaceChannelSecret(ctx context.Context, id string) (Added, error)

	// RemoveChannel removes a channel with its deliveries. What waits is not delivered.
	RemoveChannel(ctx context.Context, id string) error

	// TestChannel sends a message at once, to a disabled channel too, and returns what
	// came of it.
	TestChannel(ctx context.Context, id string) (Delivery, error)

	// ChannelDeliveries lists the deliveries of a channel. The cursor is of the page before.
	ChannelDeliveries(ctx context.Context, channel, cursor string) (DeliveryPage, error)

	// ReplayDelivery makes a delivery once more, as soon as possible and with its ID.
	ReplayDelivery(ctx context.Context, channel, id string) (Delivery, error)
}
