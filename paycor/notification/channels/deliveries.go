package channels

import (
	"context"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// pageSize is how many deliveries a page has.
const pageSize = 50

// testTimeout bounds a test, so that the caller gets an answer.
const testTimeout = 15 * time.Second

// TestChannel implements notification.Service. The entry is written before the message is
// sent; the delivery afterwards says what came of it.
func (c CallerChannels) TestChannel(ctx context.Context, id string) (notification.Delivery, error) {
	if err := c.authorize(ctx, audit.ActionChannelTest); err != nil {
		return notification.Delivery{}, err
	}
	var channel notification.Channel
	var target store.NotificationTarget
	err := c.update(ctx, audit.ActionChannelTest, id, func(tx Tx) (_ []fields.Field, err error) {
		if channel, err = tx.NotificationChannel(c.caller.Workspace, id); err != nil {
			return nil, err
		}
		if target, err = tx.NotificationTarget(c.caller.Workspace, id); err != nil {
			return nil, paycor.Errorf(paycor.KindConflict, "error.channel-unreadable")
		}
		return nil, nil
	})
	if err != nil {
		return notification.Delivery{}, err
	}
	now := c.channels.now()
	test := notification.Delivery{
		ID: store.NewDeliveryID(), Workspace: channel.Workspace, Channel: channel.ID, CreatedAt: now, BeganAt: now,
		Message: notification.MessageOf([]notification.Event{{Workspace: channel.Workspace, Kind: notification.KindTest, At: now}}),
	}
	sending, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	result := c.channels.config.Sender.Send(sending, channel, target, test)
	test.Attempts, test.Result, test.State = 1, &result, notification.StateFailed
	if result.Delivered {
		test.State = notification.StateDelivered
	}
	test.Sentence = test.Message.Sentence()
	err = c.channels.config.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		if _, err := tx.NotificationChannel(channel.Workspace, channel.ID); err != nil {
			return err
		}
		return tx.InsertDelivery(test)
	})
	return test, err
}

// ChannelDeliveries implements notification.Service.
func (c CallerChannels) ChannelDeliveries(ctx context.Context, channel, cursor string) (notification.DeliveryPage, error) {
	page := notification.DeliveryPage{Deliveries: []notification.Delivery{}}
	if err := c.authorize(ctx, audit.ActionChannels); err != nil {
		return page, err
	}
	after, err := parseCursor(cursor)
	if err != nil {
		return page, err
	}
	found := true
	err = c.channels.config.Store.List(ctx, c.caller, func(r store.NotificationReader) (err error) {
		if _, err = r.NotificationChannel(c.caller.Workspace, channel); err != nil {
			found = err != store.ErrNotFound
			return err
		}
		page.Deliveries, err = r.Deliveries(c.caller.Workspace, channel, after, pageSize+1)
		return err
	})
	for i, listed := range page.Deliveries {
		page.Deliveries[i].Sentence = listed.Message.Sentence()
	}
	if !found {
		return page, paycor.Errorf(paycor.KindNotFound, "error.channel-not-found")
	}
	if len(page.Deliveries) > pageSize {
		page.Deliveries = page.Deliveries[:pageSize]
		last := page.Deliveries[pageSize-1]
		page.Next = strconv.FormatInt(last.CreatedAt.UnixNano(), 10) + "." + last.ID
	}
	return page, err
}

func parseCursor(cursor string) (after store.DeliveryPosition, err error) {
	if cursor == "" {
		return after, nil
	}
	nanoseconds, id, found := strings.Cut(cursor, ".")
	at, err := strconv.ParseInt(nanoseconds, 10, 64)
	if err != nil || !found || id == "" {
		return after, paycor.Errorf(paycor.KindMalformed, "error.audit-cursor")
	}
	return store.DeliveryPosition{CreatedAt: time.Unix(0, at).UTC(), ID: id}, nil
}

// ReplayDelivery implements notification.Service.
func (c CallerChannels) ReplayDelivery(ctx context.Context, channel, id string) (notification.Delivery, error) {
	if err := c.authorize(ctx, audit.ActionChannelReplay); err != nil {
		return notification.Delivery{}, err
	}
	var again notification.Delivery
	err := c.update(ctx, audit.ActionChannelReplay, channel, func(tx Tx) (_ []fields.Field, err error) {
		if again, err = tx.Delivery(c.caller.Workspace, id); err == nil && again.Channel != channel {
			err = store.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		now := c.channels.now()
		again.Sentence = again.Message.Sentence()
		again.State, again.BeganAt, again.NextAt, again.Attempts = notification.StatePending, now, now, 0
		return nil, tx.UpdateDelivery(again)
	})
	if err == nil {
		c.channels.config.Wake()
	}
	return again, err
}
