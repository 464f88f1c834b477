package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/notification"
)

// render renders the notifications page.
func (c *channelsPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead", "lead-detail"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", c.page.say("channels")),
				dom.El("p", dom.Class("lead-words"), c.page.say("channels.lead")),
			),
			dom.Button("primary", addChannelID, c.page.say("channels.add"), dom.Attr("aria-haspopup", "dialog"), dom.Click(addChannelID, c.dialog.openNew)),
		),
		c.renderList(),
		c.dialog.render(),
	)
}

func (c *channelsPage) renderList() goapp.UI {
	if len(c.channels) == 0 {
		return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), c.page.say("channels.none")), dom.El("p", c.page.say("channels.none-help"))))
	}
	cards := []any{dom.Class("consumers"), dom.Attr("aria-label", c.page.say("channels"))}
	for _, channel := range c.channels {
		cards = append(cards, c.renderChannel(channel))
	}
	return dom.El("ul", cards...)
}

func (c *channelsPage) renderChannel(channel notification.Channel) goapp.UI {
	part := func(name string) string { return channelPartID(channel.ID, name) }
	return dom.El("li", dom.Class("card", "host"), dom.Attr("aria-labelledby", part("heading")),
		dom.El("h2", dom.Attr("id", part("heading")), channel.Name),
		c.renderSecret(channel),
		dom.El("dl", dom.Class("facts", "small"),
			fact(c.page.say("channels.to"), dom.El("code", channel.Host)),
			fact(c.page.say("channels.field.kinds"), c.renderKinds(channel.Kinds)),
			c.renderTags(channel),
			c.renderCredentials(channel),
			fact(c.page.say("channels.state"), c.renderState(channel)),
		),
		c.page.renderError(part("failure")),
		c.page.renderStatus(part("status")),
		c.renderActs(channel),
		c.renderDeliveries(channel),
	)
}

// renderSecret shows the secret of a channel that was just added.
func (c *channelsPage) renderSecret(channel notification.Channel) any {
	if c.added != channel.ID || c.secret == "" {
		return nil
	}
	id := channelPartID(channel.ID, "secret")
	return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
		dom.El("p", dom.Class("notice-title"), c.page.say("channels.secret")),
		dom.El("p", c.page.say("channels.secret-help")),
		dom.El("p", dom.El("code", dom.Class("host-origin"), dom.Attr("id", id), c.secret)),
		c.page.copyButton(id+"-copy", c.page.say("channels.secret"), c.secret)))
}

// renderKinds lists the events that a channel is told.
func (c *channelsPage) renderKinds(kinds []notification.Kind) any {
	if len(kinds) == len(notification.Kinds()) {
		return c.page.say("channels.all")
	}
	names := []any{dom.Class("host-origins")}
	for _, kind := range kinds {
		names = append(names, dom.El("span", c.page.say("notification.kind."+string(kind))))
	}
	return dom.El("span", names...)
}

func (c *channelsPage) renderTags(channel notification.Channel) any {
	if len(channel.Tags) == 0 {
		return nil
	}
	names := []any{dom.Class("host-origins")}
	for _, tag := range channel.Tags {
		names = append(names, dom.El("span", tag))
	}
	return fact(c.page.say("channels.field.tags"), dom.El("span", names...))
}

func (c *channelsPage) renderCredentials(channel notification.Channel) any {
	if len(channel.Credentials) == 0 {
		return nil
	}
	return fact(c.page.say("channels.field.credentials"), c.page.count(len(channel.Credentials), "list.count"))
}

// renderState says whether a channel works.
func (c *channelsPage) renderState(channel notification.Channel) any {
	switch {
	case !channel.DisabledAt.IsZero():
		return dom.El("span", c.page.say("channels.disabled."+string(channel.DisabledFor)), " ", c.page.pastTime(channel.DisabledAt, c.page.now()))
	case !channel.FailingSince.IsZero():
		return dom.El("span", c.page.say("channels.failing"), " ", c.page.pastTime(channel.FailingSince, c.page.now()))
	}
	return c.page.say("channels.working")
}

func (c *channelsPage) renderActs(channel notification.Channel) goapp.UI {
	part := func(name string) string { return channelPartID(channel.ID, name) }
	act := func(name, label string, do func(), attributes ...any) goapp.UI { // with another handler once the channel is changed
		return dom.Button("", part(name), label, append([]any{dom.VisuallyHidden(channel.Name), dom.Click(part(name)+channel.ETag(), do)}, attributes...)...)
	}
	switch c.asked {
	case part("remove"):
		return c.renderQuestion(c.page.say("channels.confirm", channel.Name), part("keep"),
			dom.Button("danger", part("sure"), c.page.say("channels.remove"), dom.Click(part("sure"), func() { c.remove(channel) })))
	case part("replace-secret"):
		return c.renderQuestion(c.page.say("channels.secret-confirm", channel.Name), part("keep-secret"),
			dom.Button("primary", part("sure-secret"), c.page.say("channels.secret-replace"), dom.Click(part("sure-secret"), func() { c.replaceSecret(channel) })))
	}
	enable, label := channel.DisabledAt.IsZero(), c.page.say("channels.disable")
	if !enable {
		label = c.page.say("channels.enable")
	}
	expanded := "false"
	if c.opened == channel.ID {
		expanded = "true"
	}
	var secret any
	if channel.Type == notification.TypeWebhook {
		secret = act("replace-secret", c.page.say("channels.secret-replace"), func() { c.replaceSecret(channel) })
	}
	return dom.Slot(dom.El("div", dom.Class("buttons"),
		act("test", c.page.say("channels.test"), func() { c.test(channel) }),
		act("edit", c.page.say("channels.edit"), func() { c.asked = ""; c.dialog.openFor(channel) }),
		act("deliveries", c.page.say("channels.deliveries"), func() { c.toggleDeliveries(channel.ID) }, dom.Attr("aria-expanded", expanded)),
		secret,
		act("enable", label, func() { c.enable(channel, !enable) }),
		dom.Button("danger-quiet", part("remove"), c.page.say("channels.remove"), dom.VisuallyHidden(channel.Name), dom.Click(part("remove"), func() { c.remove(channel) }))))
}

// renderQuestion asks before something is done, in place of the buttons.
func (c *channelsPage) renderQuestion(question, keep string, sure goapp.UI) goapp.UI {
	return dom.Slot(dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), question),
		dom.El("div", dom.Class("buttons"), dom.Button("", keep, c.page.say("cancel"), dom.Click(keep, c.cancel)), sure))
}

// renderDeliveries lists what was delivered to the channel whose deliveries are shown.
func (c *channelsPage) renderDeliveries(channel notification.Channel) any {
	if c.opened != channel.ID {
		return nil
	}
	if len(c.deliveries.Deliveries) == 0 {
		return dom.El("p", c.page.say("channels.no-deliveries"))
	}
	rows := []any{dom.Class("deliveries"), dom.Attr("aria-label", c.page.say("channels.deliveries"))}
	for _, delivery := range c.deliveries.Deliveries {
		rows = append(rows, c.renderDelivery(delivery))
	}
	parts := []any{dom.El("ul", rows...)}
	if c.deliveries.Next != "" {
		id := channelPartID(channel.ID, "more")
		parts = append(parts, dom.Button("", id, c.page.say("channels.more"), dom.Click(id, c.more)))
	}
	return dom.El("div", append([]any{dom.Class("stack")}, parts...)...)
}

func (c *channelsPage) renderDelivery(delivery notification.Delivery) goapp.UI {
	id := "delivery-" + delivery.ID
	result := c.page.say("channels.delivery." + string(delivery.State))
	if delivery.Result != nil && !delivery.Result.Delivered {
		result += " " + c.page.sentence(delivery.Result.Message)
	}
	return dom.El("li", dom.Class("small"),
		dom.El("p", c.page.pastTime(delivery.CreatedAt, c.page.now()), " · ", c.page.sentence(delivery.Sentence)),
		dom.El("p", dom.Class("hint"), result),
		dom.Button("small", id, c.page.say("channels.replay"), dom.VisuallyHidden(c.page.sentence(delivery.Sentence)), dom.Click(id, func() { c.replay(delivery) })))
}
