package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/notification"
)

// channelDialog adds a notification channel, or changes one.
type channelDialog struct {
	form.Dialog

	page   *Page
	screen *channelsPage
	base   *notification.Channel // the channel to change, as it was read; nil for a new one
	kind   notification.Type     // that is chosen for a new one
	kinds  []notification.Kind   // that are checked

	chooser credentialChooser
}

func newChannelDialog(screen *channelsPage) *channelDialog {
	d := &channelDialog{page: screen.page, screen: screen}
	d.Dialog = form.Dialog{
		Form: form.Form{
			Context: screen.page.forms, Prefix: "channel-", SummaryID: "channel-summary",
			Fields:   []fields.Field{fields.ChannelName, fields.ChannelAddress, fields.ChannelTags, fields.ChannelCredentials, fields.ChannelKinds},
			Describe: d.describe,
		},
		ID: "channel", IDPrefix: "channel-", SubmitID: "channel-save", Width: "medium", Submit: d.submit,
	}
	d.FirstFocus = func() string { return d.InputID(fields.ChannelName) }
	d.resetChooser(nil)
	return d
}

func (d *channelDialog) describe(field fields.Field) form.Input {
	hint := string(field)
	if field == fields.ChannelAddress {
		hint += "-" + string(d.kind)
	}
	if field == fields.ChannelAddress && d.base != nil {
		hint = "keep"
	}
	return form.Input{
		Label: d.page.say("channels.field." + string(field)), Hint: d.page.say("channels.hint." + hint),
		Optional: field == fields.ChannelTags || field == fields.ChannelAddress && d.base != nil,
		Code:     field == fields.ChannelAddress, Group: field == fields.ChannelKinds || field == fields.ChannelCredentials,
	}
}

// draft returns what is typed and checked.
func (d *channelDialog) draft() notification.Draft {
	draft := notification.Draft{Type: d.kind, Name: d.Value(fields.ChannelName), Address: d.Value(fields.ChannelAddress), Language: d.page.catalogue.Tag()}
	draft.Kinds, draft.Tags, draft.Credentials = d.kinds, []string{d.Value(fields.ChannelTags)}, d.chooser.credentials()
	if d.base != nil {
		draft.Language = d.base.Language
	}
	return draft.Clean()
}

// patch returns how the draft changes the channel.
func (d *channelDialog) patch(draft notification.Draft) (patch notification.Patch) {
	if draft.Name != d.base.Name {
		patch.Name = &draft.Name
	}
	if draft.Address != "" {
		patch.Address = &draft.Address
	}
	if !slices.Equal(draft.Kinds, d.base.Kinds) {
		patch.Kinds = &draft.Kinds
	}
	if !slices.Equal(draft.Tags, d.base.Tags) {
		patch.Tags = &draft.Tags
	}
	if !slices.Equal(draft.Credentials, d.base.Credentials) {
		patch.Credentials = &draft.Credentials
	}
	return patch
}

// openNew opens the dialog for a new channel, which is told everything.
func (d *channelDialog) openNew() {
	if d.IsOpen() {
		return
	}
	d.base, d.kind, d.kinds = nil, notification.TypeWebhook, notification.Kinds()
	d.resetChooser(nil)
	d.page.setStatus("", nil)
	d.Open(addChannelID, func() {
		d.Clear()
		d.Document.SetValue(d.chooser.searchID(), "")
	})
}

// openFor opens the dialog for a channel to change.
func (d *channelDialog) openFor(channel notification.Channel) {
	if d.IsOpen() {
		return
	}
	d.base, d.kind, d.kinds = &channel, channel.Type, slices.Clone(channel.Kinds)
	d.resetChooser(channel.Credentials)
	d.page.setStatus("", nil)
	d.Open(channelPartID(channel.ID, "edit"), func() {
		d.SetValue(fields.ChannelName, channel.Name)
		d.SetValue(fields.ChannelAddress, "")
		d.SetValue(fields.ChannelTags, tagsText(channel))
		d.Document.SetValue(d.chooser.searchID(), "")
	})
}

// tagsText returns the tags of a channel as they are typed.
func tagsText(channel notification.Channel) string { return strings.Join(channel.Tags, ", ") }

// rebase takes over what was saved elsewhere in the meantime. Fields that were changed here
// keep their values.
func (d *channelDialog) rebase(now notification.Channel) {
	before, draft := *d.base, d.draft()
	if draft.Name == before.Name {
		d.SetValue(fields.ChannelName, now.Name)
	}
	if slices.Equal(draft.Tags, before.Tags) {
		d.SetValue(fields.ChannelTags, tagsText(now))
	}
	if slices.Equal(draft.Kinds, before.Kinds) {
		d.kinds = slices.Clone(now.Kinds)
	}
	if slices.Equal(draft.Credentials, before.Credentials) {
		d.resetChooser(now.Credentials)
	}
	d.base = &now
}

// resetChooser starts the choice with some credentials, or all of them without any.
func (d *channelDialog) resetChooser(ids []string) {
	d.chooser = credentialChooser{page: d.page, names: d.screen.names, prefix: d.Prefix + "credentials-"}
	d.chooser.choose(ids)
}

// toggle checks a kind, or unchecks it.
func (d *channelDialog) toggle(kind notification.Kind) {
	d.SetDirty()
	d.kinds = toggled(d.kinds, kind)
}

func (d *channelDialog) hasAllKinds() bool { return len(d.kinds) == len(notification.Kinds()) }

// toggleAll checks all kinds, or unchecks them if all are checked.
func (d *channelDialog) toggleAll() {
	d.SetDirty()
	if d.hasAllKinds() {
		d.kinds = nil
		return
	}
	d.kinds = notification.Kinds()
}

// submit adds the channel, or updates it. A press while it works does nothing.
func (d *channelDialog) submit() {
	if !d.IsOpen() || d.IsBusy() {
		return
	}
	draft := d.draft()
	d.ResetResult()
	d.Problems = append(notification.Check(draft, d.base == nil), d.chooser.problems(fields.ChannelCredentials)...)
	if len(d.Problems) > 0 {
		d.FocusSummary()
		return
	}
	if d.base != nil && d.patch(draft) == (notification.Patch{}) {
		d.Close()
		return
	}
	ctx := d.Start(d.page.ctx, false)
	d.Loop.Async(func() {
		var added notification.Added
		var err error
		if d.base == nil {
			added, err = d.page.service.AddChannel(ctx, draft)
		} else {
			added.Channel, err = d.page.service.UpdateChannel(ctx, d.base.ID, d.patch(draft), d.base.ETag())
		}
		var list notification.ChannelList
		if paycor.KindOf(err) == paycor.KindStale {
			list, _ = d.page.service.Channels(ctx)
		}
		d.Loop.Update(func() {
			d.Finish()
			if err == nil {
				d.saved(added)
				return
			}
			d.ShowError(err)
			if i := slices.IndexFunc(list.Channels, func(one notification.Channel) bool { return d.base != nil && one.ID == d.base.ID }); i >= 0 {
				d.rebase(list.Channels[i])
			}
			d.FocusSummary()
			d.screen.refresh()
		})
	})
}

// saved shows the channel in the list, with its secret if it is new.
func (d *channelDialog) saved(added notification.Added) {
	items := slices.Clone(d.screen.channels)
	if d.base == nil {
		items = append(items, added.Channel)
		d.screen.added, d.screen.secret = added.ID, added.Secret.Reveal()
		words := d.page.say("channels.added-unsigned", added.Name)
		if d.screen.secret != "" {
			words = d.page.say("channels.added", added.Name)
		}
		d.page.setStatus(words, nil)
	} else {
		for i, one := range items {
			if one.ID == added.ID {
				items[i] = added.Channel
			}
		}
		d.page.setStatusAt(channelPartID(added.ID, "status"), d.page.say("channels.changed", added.Name))
	}
	d.screen.channels = items
	d.Close()
	d.screen.refresh()
}

func (d *channelDialog) render() goapp.UI {
	view := form.View{
		Title: d.page.say("channels.add"), Submit: d.page.say("channels.save"),
		Body: []any{
			d.RenderSummary(d.page.say("summary.failed"), nil),
			d.RenderInput(fields.ChannelName, "", nil),
			d.renderTypes(),
			d.RenderInput(fields.ChannelAddress, "", nil),
			d.renderKinds(),
			d.RenderInput(fields.ChannelTags, "", nil),
			d.renderCredentials(),
		},
	}
	if d.base != nil {
		view.Title, view.Submit = d.page.say("channels.change", d.base.Name), d.page.say("channels.update")
	}
	if d.IsBusy() {
		view.Status = d.page.say("save.running")
	}
	return d.Render(view)
}

// renderTypes lets people choose the type of a new channel.
func (d *channelDialog) renderTypes() goapp.UI {
	parts := []any{dom.Class("field", "host-rights"), dom.Flag("hidden", d.base != nil), dom.El("legend", d.page.say("channels.type"))}
	for _, one := range notification.Types() {
		id := d.Prefix + "type-" + string(one)
		parts = append(parts, dom.El("label", dom.Class("choice", "host-right"), dom.Attr("for", id),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", d.Prefix+"type"), dom.Attr("id", id), dom.Property("checked", d.kind == one),
				dom.On("change", id, func(goapp.Event) { d.kind = one })),
			dom.El("span", d.page.say("channels.type."+string(one)))))
	}
	return dom.El("fieldset", parts...)
}

func (d *channelDialog) renderKinds() goapp.UI {
	field := fields.ChannelKinds
	input := d.Describe(field)
	parts := []any{dom.Class("field", "host-rights"), dom.Attr("id", d.InputID(field)), dom.Attr("tabindex", "-1"),
		dom.El("legend", input.Label), dom.El("p", dom.Class("hint"), input.Hint), d.RenderError(field)}
	box := func(name, label string, checked bool, toggle func()) goapp.UI {
		id := d.Prefix + "kind-" + name
		return dom.El("label", dom.Class("choice", "host-right"), dom.Attr("for", id),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", name), dom.Property("checked", checked),
				dom.On("change", id, func(goapp.Event) { toggle() })),
			dom.El("span", label))
	}
	parts = append(parts, box("all", d.page.say("channels.all"), d.hasAllKinds(), d.toggleAll))
	for _, kind := range notification.Kinds() {
		parts = append(parts, box(string(kind), d.page.say("notification.kind."+string(kind)), slices.Contains(d.kinds, kind), func() { d.toggle(kind) }))
	}
	return dom.El("fieldset", parts...)
}

func (d *channelDialog) renderCredentials() goapp.UI {
	field := fields.ChannelCredentials
	input := d.Describe(field)
	return dom.El("fieldset", dom.Class("choices", form.ErrorClass(d.Error(field) != "")), dom.El("legend", input.Label), dom.El("p", dom.Class("hint"), input.Hint),
		d.RenderError(field), d.chooser.render(d.InputID(field)))
}
