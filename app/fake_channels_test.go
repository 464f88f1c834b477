package app

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/notification"
)

// fakeChannels is a notification.Service with responses that a test sets.
type fakeChannels struct {
	channels       []notification.Channel
	channelDrafts  []notification.Draft
	channelPatches []notification.Patch
	channelErr     error
	channelStale   error // of updates
	deliveries     []notification.Delivery
	sent           notification.Delivery
	replayed       []string
	channelRemoved []string

	secretsReplaced []string // of channels, by ID
}

func (f *fakeChannels) Channels(context.Context) (notification.ChannelList, error) {
	return notification.ChannelList{Channels: f.channels}, f.channelErr
}

func (f *fakeChannels) AddChannel(_ context.Context, draft notification.Draft) (notification.Added, error) {
	f.channelDrafts = append(f.channelDrafts, draft)
	added := notification.Channel{ID: "added", Name: draft.Name, Type: draft.Type, Host: notification.HostOf(draft.Type, draft.Address), Filter: draft.Filter}
	return notification.Added{Channel: added, Secret: paycor.NewSecret("whsec_invented")}, f.channelErr
}

func (f *fakeChannels) UpdateChannel(_ context.Context, id string, patch notification.Patch, _ string) (notification.Channel, error) {
	f.channelPatches = append(f.channelPatches, patch)
	if f.channelStale != nil {
		return notification.Channel{}, f.channelStale
	}
	for _, channel := range f.channels {
		if channel.ID == id {
			draft := patch.Over(channel)
			channel.Name, channel.Filter = draft.Name, draft.Filter
			return channel, f.channelErr
		}
	}
	return notification.Channel{}, f.channelErr
}

func (f *fakeChannels) ReplaceChannelSecret(_ context.Context, id string) (notification.Added, error) {
	f.secretsReplaced = append(f.secretsReplaced, id)
	return notification.Added{Channel: f.channels[0], Secret: paycor.NewSecret("whsec_replaced")}, f.channelErr
}

func (f *fakeChannels) RemoveChannel(_ context.Context, id string) error {
	f.channelRemoved = append(f.channelRemoved, id)
	return f.channelErr
}

func (f *fakeChannels) TestChannel(context.Context, string) (notification.Delivery, error) {
	return f.sent, f.channelErr
}

func (f *fakeChannels) ChannelDeliveries(context.Context, string, string) (notification.DeliveryPage, error) {
	return notification.DeliveryPage{Deliveries: f.deliveries}, f.channelErr
}

func (f *fakeChannels) ReplayDelivery(_ context.Context, _, id string) (notification.Delivery, error) {
	f.replayed = append(f.replayed, id)
	return f.sent, f.channelErr
}
