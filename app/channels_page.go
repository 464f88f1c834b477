package app

import (
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/events"
	"paycorcred/paycor/notification"
)

const addChannelID = "add-channel"

// channelsPage lists the notification channels of the workspace, and what was delivered.
type channelsPage struct {
	page     *Page
	channels []notification.Channel
	names    credentialNames // of the credentials that a channel may be limited to
	dialog   *channelDialog
	asked    string // ID of the button whose press is being confirmed

	added  string // ID of the channel that was added here, or has a new secret
	secret string // of its signatures, which is shown once

	opened     string // ID of the channel whose deliveries are shown
	deliveries notification.DeliveryPage
	sending    bool // a test
}

func newChannelsPage(p *Page) *channelsPage {
	c := &channelsPage{page: p, channels: p.start.Channels.Channels, names: newCredentialNames(p)}
	c.dialog = newChannelDialog(c)
	return c
}

// apply reads the list again if it may have changed. No event says so.
func (c *channelsPage) apply(changes []events.Change) {
	if concern(changes) {
		c.refresh()
	}
}

// refresh reads the list and the shown deliveries again.
func (c *channelsPage) refresh() {
	opened := c.opened
	c.page.loop.Async(func() {
		list, err := c.page.service.Channels(c.page.ctx)
		var deliveries notification.DeliveryPage
		if err == nil && opened != "" {
			deliveries, err = c.page.service.ChannelDeliveries(c.page.ctx, opened, "")
		}
		c.page.loop.Update(func() {
			if err != nil {
				return
			}
			c.channels = list.Channels
			if opened != "" && c.opened == opened {
				c.deliveries = deliveries
			}
		})
	})
}

// channelPartID returns the ID of an element about a channel.
func channelPartID(id, part string) string { return "channel-" + id + "-" + part }

// run does something with a channel, and shows why it failed at the channel.
func (c *channelsPage) run(id string, do func() error, done func()) {
	c.page.setStatus("", nil)
	c.page.showError(channelPartID(id, "failure"), "")
	c.page.loop.Async(func() {
		err := do()
		c.page.loop.Update(func() {
			if err != nil {
				c.sending = false
				c.page.showError(channelPartID(id, "failure"), c.page.errorText(err))
				return
			}
			done()
			c.refresh()
		})
	})
}

// remove asks for confirmation on the first click, and removes the channel on the second.
func (c *channelsPage) remove(channel notification.Channel) {
	if !c.isConfirmed(channelPartID(channel.ID, "remove"), channelPartID(channel.ID, "keep")) {
		return
	}
	c.run(channel.ID, func() error {
		err := c.page.service.RemoveChannel(c.page.ctx, channel.ID)
		if paycor.KindOf(err) == paycor.KindNotFound {
			return nil
		}
		return err
	}, func() {
		c.asked = ""
		c.channels = slices.DeleteFunc(slices.Clone(c.channels), func(one notification.Channel) bool { return one.ID == channel.ID })
		c.page.setStatus(c.page.say("channels.removed", channel.Name), nil)
		c.page.loop.AfterRender(func() { c.page.document.Focus(addChannelID) })
	})
}

// isConfirmed reports whether a press was asked about, and asks about it otherwise. keep is
// the ID of the button that cancels.
func (c *channelsPage) isConfirmed(button, keep string) bool {
	if c.asked == button {
		return true
	}
	c.asked = button
	c.page.loop.AfterRender(func() { c.page.document.Focus(keep) })
	return false
}

// cancel returns to the button that was asked about.
func (c *channelsPage) cancel() {
	button := c.asked
	c.asked = ""
	c.page.loop.AfterRender(func() { c.page.document.Focus(button) })
}

// replaceSecret gives a channel another signing secret, once that is confirmed.
func (c *channelsPage) replaceSecret(channel notification.Channel) {
	if !c.isConfirmed(channelPartID(channel.ID, "replace-secret"), channelPartID(channel.ID, "keep-secret")) {
		return
	}
	var replaced notification.Added
	c.run(channel.ID, func() (err error) {
		replaced, err = c.page.service.ReplaceChannelSecret(c.page.ctx, channel.ID)
		return err
	}, func() {
		c.asked, c.added, c.secret = "", channel.ID, replaced.Secret.Reveal()
		c.page.setStatusAt(channelPartID(channel.ID, "status"), c.page.say("channels.secret-replaced"))
		c.page.loop.AfterRender(func() { c.page.document.Focus(channelPartID(channel.ID, "secret") + "-copy") })
	})
}

// enable enables or disables a channel.
func (c *channelsPage) enable(channel notification.Channel, enabled bool) {
	c.run(channel.ID, func() error {
		_, err := c.page.service.UpdateChannel(c.page.ctx, channel.ID, notification.Patch{Enabled: &enabled}, "")
		return err
	}, func() {
		c.page.setStatusAt(channelPartID(channel.ID, "status"), c.page.say("channels.changed", channel.Name))
	})
}

// test sends a test, and shows what came of it.
func (c *channelsPage) test(channel notification.Channel) {
	if c.sending {
		return
	}
	c.sending = true
	var sent notification.Delivery
	c.run(channel.ID, func() (err error) {
		sent, err = c.page.service.TestChannel(c.page.ctx, channel.ID)
		return err
	}, func() {
		c.sending = false
		if sent.Result != nil && !sent.Result.Delivered {
			c.page.showError(channelPartID(channel.ID, "failure"), c.page.say("channels.test-failed")+" "+c.page.sentence(sent.Result.Message))
			return
		}
		c.page.setStatusAt(channelPartID(channel.ID, "status"), c.page.say("channels.test-delivered"))
	})
}

// toggleDeliveries shows the deliveries of a channel, or hides them.
func (c *channelsPage) toggleDeliveries(id string) {
	if c.opened == id {
		c.opened = ""
		return
	}
	c.opened, c.deliveries = id, notification.DeliveryPage{}
	c.refresh()
}

// more reads the next page of the deliveries.
func (c *channelsPage) more() {
	id, cursor := c.opened, c.deliveries.Next
	c.page.loop.Async(func() {
		next, err := c.page.service.ChannelDeliveries(c.page.ctx, id, cursor)
		c.page.loop.Update(func() {
			switch {
			case err != nil:
				c.page.showError(channelPartID(id, "failure"), c.page.errorText(err))
			case c.opened == id && c.deliveries.Next == cursor:
				c.deliveries.Deliveries, c.deliveries.Next = append(c.deliveries.Deliveries, next.Deliveries...), next.Next
			}
		})
	})
}

// replay makes a delivery once more.
func (c *channelsPage) replay(delivery notification.Delivery) {
	c.run(delivery.Channel, func() error {
		_, err := c.page.service.ReplayDelivery(c.page.ctx, delivery.Channel, delivery.ID)
		return err
	}, func() {
		c.page.setStatusAt(channelPartID(delivery.Channel, "status"), c.page.say("channels.replayed"))
	})
}
