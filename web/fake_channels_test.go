package web_test

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
)

// channels is the part of fakeService about notification channels.
type channels struct {
	channelDraft notification.Draft
	channelPatch notification.Patch
	channelMatch string
	channelErr   error
	replayed     string
}

func sampleChannel() notification.Channel {
	return notification.Channel{
		ID: "channel_a", Workspace: paycor.DefaultWorkspace, Type: notification.TypeWebhook, Name: "Operations", Host: "hooks.example", Language: "en",
		Filter:    notification.Filter{Kinds: notification.Kinds(), Tags: []string{"bakery"}, Credentials: []string{}},
		CreatedAt: testTime, CreatedBy: "Ann", Version: 3, FailingSince: testTime, DisabledAt: testTime, DisabledFor: notification.DisabledGone,
	}
}

func sampleDelivery() notification.Delivery {
	return notification.Delivery{
		ID: "msg_a", Workspace: paycor.DefaultWorkspace, Channel: "channel_a", State: notification.StatePending, CreatedAt: testTime, BeganAt: testTime,
		NextAt: testTime.Add(time.Minute), Attempts: 1, Sentence: message.New("notification.in", "x"),
		Message: notification.Message{Kind: notification.KindBroke, Workspace: paycor.DefaultWorkspace, Count: 1, Subjects: []notification.Subject{{ID: "a", Name: "A"}}, At: testTime},
		Result:  &notification.Result{At: testTime, Status: 410, Message: message.New("notification.result.gone")},
	}
}

func (c *channels) Channels(context.Context) (notification.ChannelList, error) {
	return notification.ChannelList{Channels: []notification.Channel{sampleChannel()}}, c.channelErr
}

func (c *channels) AddChannel(_ context.Context, draft notification.Draft) (notification.Added, error) {
	c.channelDraft = draft
	return notification.Added{Channel: sampleChannel(), Secret: paycor.NewSecret("whsec_aW52ZW50ZWQ=")}, c.channelErr
}

func (c *channels) UpdateChannel(_ context.Context, _ string, patch notification.Patch, ifMatch string) (notification.Channel, error) {
	c.channelPatch, c.channelMatch = patch, ifMatch
	return sampleChannel(), c.channelErr
}

func (c *channels) ReplaceChannelSecret(context.Context, string) (notification.Added, error) {
	return notification.Added{Channel: sampleChannel(), Secret: paycor.NewSecret("whsec_cmVwbGFjZWQ=")}, c.channelErr
}

func (c *channels) RemoveChannel(context.Context, string) error { return c.channelErr }

func (c *channels) TestChannel(context.Context, string) (notification.Delivery, error) {
	return sampleDelivery(), c.channelErr
}

func (c *channels) ChannelDeliveries(context.Context, string, string) (notification.DeliveryPage, error) {
	return notification.DeliveryPage{Deliveries: []notification.Delivery{sampleDelivery()}, Next: "1.msg_a"}, c.channelErr
}

func (c *channels) ReplayDelivery(_ context.Context, channel, id string) (notification.Delivery, error) {
	c.replayed = channel + " " + id
	return sampleDelivery(), c.channelErr
}
