package app

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
)

func newChannelsTestPage(channels ...notification.Channel) (*Page, *channelsPage, *fakeService, *domtest.Document) {
	start := startList()
	start.Path, start.Channels = "/notifications", notification.ChannelList{Channels: channels}
	p, service, document := newAnyTestPage(start)
	service.channels = channels
	return p, p.screen.(*channelsPage), service, document
}

func operations() notification.Channel {
	return notification.Channel{
		ID: "c", Name: "Operations", Type: notification.TypeWebhook, Host: "hooks.example", Language: "en", Version: 4,
		Filter: notification.Filter{Kinds: []notification.Kind{notification.KindBroke, notification.KindSiteChanged}, Tags: []string{"bakery"}, Credentials: []string{}},
	}
}

func TestAddingAChannel(t *testing.T) {
	p, c, service, document := newChannelsTestPage()
	assert.Contains(t, pageHTML(p), say("channels.none"))
	d := c.dialog
	d.openNew()
	assert.Equal(t, "channel-name", document.HasFocus)
	for _, kind := range notification.Kinds() {
		d.toggle(kind)
	}
	d.submit()
	assert.Empty(t, service.channelDrafts, "nothing is sent")
	var names []fields.Field
	for _, problem := range d.Problems {
		names = append(names, problem.Field)
	}
	assert.Equal(t, []fields.Field{fields.ChannelName, fields.ChannelAddress, fields.ChannelKinds}, names)
	assert.Equal(t, "channel-summary", document.HasFocus)
	assert.Contains(t, pageHTML(p), locale.English.Plural("summary.problems", 3))

	document.Values[d.InputID(fields.ChannelName)] = " Operations "
	document.Values[d.InputID(fields.ChannelAddress)] = "https://hooks.example/canary"
	document.Values[d.InputID(fields.ChannelTags)] = "Bakery"
	d.toggle(notification.KindSiteChanged)
	d.toggle(notification.KindBroke)
	service.channels = []notification.Channel{{ID: "added", Name: "Operations", Host: "hooks.example"}}
	d.submit()
	require.Len(t, service.channelDrafts, 1)
	sent := service.channelDrafts[0]
	assert.Equal(t, "Operations https://hooks.example/canary en", sent.Name+" "+sent.Address+" "+sent.Language)
	assert.Equal(t, []notification.Kind{notification.KindBroke, notification.KindSiteChanged}, sent.Kinds)
	assert.Equal(t, []string(paycor.Tags("Bakery").List()), sent.Tags)
	assert.False(t, d.IsOpen())
	html := pageHTML(p)
	assert.Contains(t, html, "whsec_invented", "shown once")
	assert.NotContains(t, html, "canary")
	assert.Contains(t, html, say("channels.secret-help"))
}

func TestAllEventsAreOnePress(t *testing.T) {
	_, c, _, _ := newChannelsTestPage()
	d := c.dialog
	d.openNew()
	assert.Equal(t, notification.Kinds(), d.kinds)
	d.toggleAll()
	assert.Empty(t, d.kinds)
	d.toggle(notification.KindBroke)
	d.toggleAll()
	assert.Equal(t, notification.Kinds(), d.kinds)
}

func TestEditingAChannel(t *testing.T) {
	p, c, service, document := newChannelsTestPage(operations())
	html := pageHTML(p)
	assert.Contains(t, html, "hooks.example")
	assert.Contains(t, html, say("notification.kind.credential.broke"))
	assert.Contains(t, html, say("channels.working"))
	d := c.dialog
	d.openFor(operations())
	assert.Empty(t, document.Values[d.InputID(fields.ChannelAddress)], "the address is not shown")
	d.submit()
	assert.Empty(t, service.channelPatches, "nothing was changed")
	d.openFor(operations())
	document.Values[d.InputID(fields.ChannelName)] = "Renamed"
	d.toggle(notification.KindRecovered)
	d.submit()
	name, kinds := "Renamed", []notification.Kind{notification.KindBroke, notification.KindRecovered, notification.KindSiteChanged}
	assert.Equal(t, []notification.Patch{{Name: &name, Kinds: &kinds}}, service.channelPatches, "only what was changed is sent")
	assert.False(t, d.IsOpen())

	d.openFor(operations())
	service.channelErr = paycor.Errorf(paycor.KindStale, "Somebody else changed it.")
	document.Values[d.InputID(fields.ChannelName)] = "Mine"
	d.submit()
	assert.True(t, d.IsOpen())
	assert.Contains(t, pageHTML(p), "Somebody else changed it.")
}

func TestAStaleChannelChangeKeepsBoth(t *testing.T) {
	t.Parallel()
	_, c, service, document := newChannelsTestPage(operations())
	d := c.dialog
	d.openFor(operations())
	document.Values[d.InputID(fields.ChannelName)] = "Mine"
	theirs := operations()
	theirs.Name, theirs.Tags, theirs.Kinds = "Theirs", []string{"theirs"}, []notification.Kind{notification.KindRecovered}
	service.channels, service.channelStale = []notification.Channel{theirs}, paycor.Errorf(paycor.KindStale, "changed elsewhere")
	d.submit()
	assert.True(t, d.IsOpen())
	assert.Contains(t, d.Failure, "changed elsewhere")
	assert.Equal(t, "Mine", document.Values[d.InputID(fields.ChannelName)])
	assert.Equal(t, "theirs", document.Values[d.InputID(fields.ChannelTags)])
	service.channelStale = nil
	d.submit()
	require.Len(t, service.channelPatches, 2)
	mine := "Mine"
	assert.Equal(t, notification.Patch{Name: &mine}, service.channelPatches[1], "their kinds and tags stay")
	assert.False(t, d.IsOpen())
}

// A channel is told about some credentials only; one that no longer exists is left out.
func TestAChannelOfSomeCredentials(t *testing.T) {
	limited := operations()
	limited.Credentials = []string{"id-Ash", "id-Gone"}
	p, c, service, _ := newChannelsTestPage(limited)
	for _, name := range []string{"Ash", "Birch"} {
		service.page.Credentials = append(service.page.Credentials, paycor.Credential{ID: "id-" + name, Name: name, Environment: "sandbox"})
	}
	service.page.Total = 2
	assert.Contains(t, pageHTML(p), locale.English.Plural("list.count", 2))
	d := c.dialog
	d.openFor(limited)
	assert.Contains(t, pageHTML(p), `id="channel-credentials-credential-id-Birch"`)
	d.chooser.toggle("id-Birch")
	d.submit()
	require.Len(t, service.channelPatches, 1)
	assert.Equal(t, []string{"id-Ash", "id-Birch"}, *service.channelPatches[0].Credentials)

	c.channels = []notification.Channel{operations()} // of all credentials
	d.openFor(operations())
	d.chooser.setNarrow(true)
	d.submit()
	assert.True(t, d.IsOpen())
	assert.Contains(t, pageHTML(p), say("token-dialog.choose"), "none is not all")
	d.chooser.setNarrow(false)
	d.submit()
	assert.Len(t, service.channelPatches, 1, "nothing was changed")
}

func TestReplacingASecret(t *testing.T) {
	chat := operations()
	chat.ID, chat.Type = "d", notification.TypeSlack
	p, c, service, document := newChannelsTestPage(operations(), chat)
	assert.Contains(t, pageHTML(p), `id="channel-c-replace-secret"`)
	assert.NotContains(t, pageHTML(p), `id="channel-d-replace-secret"`, "a chat is not signed")
	c.replaceSecret(operations())
	assert.Contains(t, pageHTML(p), say("channels.secret-confirm", "Operations"))
	assert.Equal(t, "channel-c-keep-secret", document.HasFocus)
	c.cancel()
	assert.Equal(t, "channel-c-replace-secret", document.HasFocus)
	assert.Empty(t, service.secretsReplaced)
	c.replaceSecret(operations())
	c.replaceSecret(operations())
	assert.Equal(t, []string{"c"}, service.secretsReplaced)
	assert.Contains(t, pageHTML(p), "whsec_replaced", "shown once")
	assert.Equal(t, "channel-c-secret-copy", document.HasFocus)
}

func TestStatesOfAChannel(t *testing.T) {
	failing, gone := operations(), operations()
	failing.FailingSince = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	gone.ID, gone.DisabledAt, gone.DisabledFor = "d", failing.FailingSince, notification.DisabledGone
	p, c, service, _ := newChannelsTestPage(failing, gone)
	html := pageHTML(p)
	assert.Contains(t, html, say("channels.failing"))
	assert.Contains(t, html, say("channels.disabled.gone"))
	c.enable(gone, true)
	enabled := true
	assert.Equal(t, []notification.Patch{{Enabled: &enabled}}, service.channelPatches)
}

func TestAddingAChat(t *testing.T) {
	p, c, service, document := newChannelsTestPage()
	d := c.dialog
	d.openNew()
	d.kind = notification.TypeSlack
	assert.Contains(t, pageHTML(p), say("channels.hint.address-slack"))
	document.Values[d.InputID(fields.ChannelName)] = "Chat"
	document.Values[d.InputID(fields.ChannelAddress)] = "https://hooks.example/secret"
	d.submit()
	require.Len(t, service.channelDrafts, 1)
	assert.Equal(t, notification.TypeSlack, service.channelDrafts[0].Type)
}

func TestSendingATest(t *testing.T) {
	p, c, service, _ := newChannelsTestPage(operations())
	service.sent = notification.Delivery{State: notification.StateDelivered, Result: &notification.Result{Delivered: true}}
	c.test(operations())
	assert.Contains(t, pageHTML(p), say("channels.test-delivered"))
	service.sent = notification.Delivery{State: notification.StateFailed, Result: &notification.Result{Message: message.Text("It answered 500.")}}
	c.test(operations())
	assert.Contains(t, pageHTML(p), say("channels.test-failed")+" It answered 500.")
	service.channelErr = paycor.Errorf(paycor.KindForbidden, "No.")
	c.test(operations())
	assert.Contains(t, pageHTML(p), "No.")
}

func TestDeliveriesOfAChannel(t *testing.T) {
	p, c, service, _ := newChannelsTestPage(operations())
	c.toggleDeliveries("c")
	assert.Contains(t, pageHTML(p), say("channels.no-deliveries"))
	c.toggleDeliveries("c")
	service.deliveries = []notification.Delivery{
		{ID: "msg_b", Channel: "c", State: notification.StateFailed, Sentence: message.Text("Paycor rejects 12 credentials."), Result: &notification.Result{Message: message.Text("It answered 500.")}},
		{ID: "msg_a", Channel: "c", State: notification.StateDelivered, Sentence: message.Text("Backups are behind."), Result: &notification.Result{Delivered: true}},
	}
	c.toggleDeliveries("c")
	html := pageHTML(p)
	assert.Contains(t, html, "Paycor rejects 12 credentials.")
	assert.Contains(t, html, say("channels.delivery.failed")+" It answered 500.")
	assert.Contains(t, html, say("channels.delivery.delivered"))
	c.replay(service.deliveries[0])
	assert.Equal(t, []string{"msg_b"}, service.replayed)
	assert.Contains(t, pageHTML(p), say("channels.replayed"))
}

func TestRemovingAChannel(t *testing.T) {
	p, c, service, document := newChannelsTestPage(operations())
	c.remove(operations())
	assert.Empty(t, service.channelRemoved, "it asks first")
	assert.Contains(t, pageHTML(p), say("channels.confirm", "Operations"))
	assert.Equal(t, "channel-c-keep", document.HasFocus)
	c.cancel()
	assert.Equal(t, "channel-c-remove", document.HasFocus)
	c.remove(operations())
	service.channels = nil
	c.remove(operations())
	assert.Equal(t, []string{"c"}, service.channelRemoved)
	assert.Contains(t, pageHTML(p), say("channels.none"))
	assert.False(t, slices.ContainsFunc(c.channels, func(one notification.Channel) bool { return one.ID == "c" }))
}
