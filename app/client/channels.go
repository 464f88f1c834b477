package client

import (
	"context"
	"encoding/json"
	"net/url"

	"paycorcred/paycor"
	"paycorcred/paycor/notification"
)

const channelsPath = apiPath + "/channels"

// notificationClient implements notification.Service.
type notificationClient struct{ transport }

func channelPath(id string) string { return channelsPath + "/" + url.PathEscape(id) }

// Channels implements notification.Service.
func (c notificationClient) Channels(ctx context.Context) (listed notification.ChannelList, err error) {
	err = c.call(ctx, Request{Method: "GET", Path: channelsPath}, &listed)
	return listed, err
}

// AddChannel implements notification.Service.
func (c notificationClient) AddChannel(ctx context.Context, draft notification.Draft) (notification.Added, error) {
	sent := map[string]any{
		"type": draft.Type, "name": draft.Name, "address": draft.Address, "kinds": draft.Kinds, "tags": draft.Tags, "credentials": draft.Credentials,
	}
	if draft.Language != "" {
		sent["language"] = draft.Language
	}
	var added addedChannel
	err := c.sendJSON(ctx, "POST", channelsPath, sent, "", &added)
	return added.added(), err
}

// addedChannel is a channel with a new secret, as JSON.
type addedChannel struct {
	notification.Channel
	Secret string `json:"secret"`
}

func (a addedChannel) added() notification.Added {
	return notification.Added{Channel: a.Channel, Secret: paycor.NewSecret(a.Secret)}
}

// ReplaceChannelSecret implements notification.Service.
func (c notificationClient) ReplaceChannelSecret(ctx context.Context, id string) (notification.Added, error) {
	var replaced addedChannel
	err := c.call(ctx, Request{Method: "POST", Path: channelPath(id) + "/secret"}, &replaced)
	return replaced.added(), err
}

// UpdateChannel implements notification.Service.
func (c notificationClient) UpdateChannel(ctx context.Context, id string, patch notification.Patch, ifMatch string) (channel notification.Channel, err error) {
	sent := map[string]any{}
	put(sent, "name", patch.Name)
	put(sent, "address", patch.Address)
	put(sent, "language", patch.Language)
	put(sent, "kinds", patch.Kinds)
	put(sent, "tags", patch.Tags)
	put(sent, "credentials", patch.Credentials)
	put(sent, "enabled", patch.Enabled)
	err = c.sendJSON(ctx, "PATCH", channelPath(id), sent, ifMatch, &channel)
	return channel, err
}

// put adds a value of a patch, unless it is kept.
func put[T any](sent map[string]any, name string, value *T) {
	if value != nil {
		sent[name] = *value
	}
}

// sendJSON sends a JSON body.
func (c notificationClient) sendJSON(ctx context.Context, method, path string, sent any, ifMatch string, response any) error {
	body, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	header := map[string]string{}
	if ifMatch != "" {
		header["If-Match"] = ifMatch
	}
	return c.call(ctx, Request{Method: method, Path: path, Header: header, Body: body}, response)
}

// RemoveChannel implements notification.Service.
func (c notificationClient) RemoveChannel(ctx context.Context, id string) error {
	return c.call(ctx, Request{Method: "DELETE", Path: channelPath(id)}, nil)
}

// TestChannel implements notification.Service.
func (c notificationClient) TestChannel(ctx context.Context, id string) (sent notification.Delivery, err error) {
	err = c.call(ctx, Request{Method: "POST", Path: channelPath(id) + "/test"}, &sent)
	return sent, err
}

// ChannelDeliveries implements notification.Service.
func (c notificationClient) ChannelDeliveries(ctx context.Context, channel, cursor string) (page notification.DeliveryPage, err error) {
	path := channelPath(channel) + "/deliveries"
	if cursor != "" {
		path += "?cursor=" + url.QueryEscape(cursor)
	}
	err = c.call(ctx, Request{Method: "GET", Path: path}, &page)
	return page, err
}

// ReplayDelivery implements notification.Service.
func (c notificationClient) ReplayDelivery(ctx context.Context, channel, id string) (again notification.Delivery, err error) {
	err = c.call(ctx, Request{Method: "POST", Path: channelPath(channel) + "/deliveries/" + url.PathEscape(id) + "/replay"}, &again)
	return again, err
}
