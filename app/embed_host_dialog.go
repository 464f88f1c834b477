package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
)

const embedHostID = "host"

// embedHostDialog registers an embedding site, or changes one.
type embedHostDialog struct {
	form.Dialog

	page   *Page
	screen *embedHostsPage
	base   *embed.Host   // the site to change, as it was read; nil for a new one
	rights paycor.Rights // that are checked
}

func newEmbedHostDialog(screen *embedHostsPage) *embedHostDialog {
	d := &embedHostDialog{page: screen.page, screen: screen}
	d.Dialog = form.Dialog{
		Form: form.Form{
			Context: screen.page.forms, Prefix: "host-", SummaryID: "host-summary",
			Fields:   []fields.Field{fields.HostName, fields.HostID, fields.HostOrigins, fields.HostKeys, fields.HostKeysURL, fields.HostRights},
			Describe: func(field fields.Field) form.Input { return describeEmbedHostField(screen.page.words, field) },
			Visible:  func(field fields.Field) bool { return field != fields.HostID || d.base == nil },
		},
		ID: embedHostID, IDPrefix: "host-", SubmitID: "host-save", Width: "medium", Submit: d.submit,
	}
	d.FirstFocus = func() string { return d.InputID(fields.HostName) }
	return d
}

func describeEmbedHostField(w words, field fields.Field) form.Input {
	return form.Input{
		Label: w.say("embed-hosts.field." + string(field)), Hint: w.say("embed-hosts.hint." + string(field)),
		Optional: field == fields.HostID || field == fields.HostKeys || field == fields.HostKeysURL,
		Code:     field != fields.HostName, Group: field == fields.HostRights,
	}
}

// embedHostValue returns a site's field as it is typed into the form.
func embedHostValue(host embed.Host, field fields.Field) string {
	switch field {
	case fields.HostName:
		return host.Name
	case fields.HostOrigins:
		return strings.Join(host.Origins, "\n")
	case fields.HostKeys:
		return string(host.Keys)
	case fields.HostKeysURL:
		return host.KeysURL
	}
	return host.ID
}

// draft returns what is typed and checked.
func (d *embedHostDialog) draft() embed.HostDraft {
	draft := embed.HostDraft{
		Name: d.Value(fields.HostName), Origins: []string{d.Value(fields.HostOrigins)},
		Rights: d.rights, Keys: d.Value(fields.HostKeys), KeysURL: d.Value(fields.HostKeysURL),
	}
	if d.base == nil {
		draft.ID = d.Value(fields.HostID)
	}
	return draft.Clean()
}

// patch returns how the draft changes the site.
func (d *embedHostDialog) patch(draft embed.HostDraft) (patch embed.HostPatch) {
	base := *d.base
	if draft.Name != base.Name {
		patch.Name = &draft.Name
	}
	if !slices.Equal(draft.Origins, base.Origins) {
		patch.Origins = &draft.Origins
	}
	if !sameRights(draft.Rights, base.Rights) {
		patch.Rights = &draft.Rights
	}
	if draft.Keys != string(base.Keys) {
		patch.Keys = &draft.Keys
	}
	if draft.KeysURL != base.KeysURL {
		patch.KeysURL = &draft.KeysURL
	}
	return patch
}

func sameRights(one, other paycor.Rights) bool {
	for _, right := range embed.GrantableRights() {
		if one.Has(right) != other.Has(right) {
			return false
		}
	}
	return true
}

// openNew opens the dialog for a new site.
func (d *embedHostDialog) openNew() {
	if d.IsOpen() {
		return
	}
	d.base, d.rights = nil, paycor.Rights{paycor.RightView}
	d.page.setStatus("", nil)
	d.Open(addHostID, d.Clear)
}

// openFor opens the dialog for a site to change.
func (d *embedHostDialog) openFor(host embed.Host) {
	if d.IsOpen() {
		return
	}
	d.base, d.rights = &host, slices.Clone(host.Rights)
	d.page.setStatus("", nil)
	d.Open(embedHostEditID(host.ID), func() {
		for _, field := range d.Inputs() {
			d.SetValue(field, embedHostValue(host, field))
		}
	})
}

// rebase takes over what somebody else saved in the meantime. Fields that were
// changed here keep their values.
func (d *embedHostDialog) rebase(now embed.Host) {
	before := *d.base
	for _, field := range d.Inputs() {
		if strings.TrimSpace(d.Value(field)) == embedHostValue(before, field) {
			d.SetValue(field, embedHostValue(now, field))
		}
	}
	if sameRights(d.rights, before.Rights) {
		d.rights = slices.Clone(now.Rights)
	}
	d.base = &now
}

// toggleRight checks a right, or unchecks it.
func (d *embedHostDialog) toggleRight(right paycor.Right) {
	d.SetDirty()
	d.rights = toggled(d.rights, right)
}

// submit registers the site, or updates it. A press while it works does nothing.
func (d *embedHostDialog) submit() {
	if !d.IsOpen() || d.IsBusy() {
		return
	}
	draft := d.draft()
	d.ResetResult()
	if d.Problems = embed.CheckHost(draft); len(d.Problems) > 0 {
		d.FocusSummary()
		return
	}
	if d.base != nil && d.patch(draft) == (embed.HostPatch{}) {
		d.page.setStatusAt(embedHostStatusID(d.base.ID), d.page.say("embed-hosts.unchanged", d.base.Name))
		d.Close()
		return
	}
	ctx := d.Start(d.page.ctx, false)
	d.Loop.Async(func() {
		var host embed.Host
		var err error
		if d.base == nil {
			host, err = d.page.service.AddHost(ctx, draft)
		} else {
			host, err = d.page.service.UpdateHost(ctx, d.base.ID, d.patch(draft), d.base.ETag())
		}
		var list embed.HostList
		if paycor.KindOf(err) == paycor.KindStale {
			list, _ = d.page.service.Hosts(ctx)
		}
		d.Loop.Update(func() {
			d.Finish()
			if err == nil {
				d.saved(host)
				return
			}
			d.ShowError(err)
			if list.Hosts != nil {
				d.screen.list = list
				if i := slices.IndexFunc(list.Hosts, func(one embed.Host) bool { return one.ID == d.base.ID }); i >= 0 {
					d.rebase(list.Hosts[i])
				}
			}
			d.FocusSummary()
		})
	})
}

// saved shows the site in the list, and says so where the focus goes.
func (d *embedHostDialog) saved(host embed.Host) {
	items := slices.Clone(d.screen.list.Hosts)
	if d.base == nil {
		items = append(items, host)
		d.page.setStatus(d.page.say("embed-hosts.added", host.Name, host.ID), nil)
	} else {
		for i, one := range items {
			if one.ID == host.ID {
				items[i] = host
			}
		}
		d.page.setStatusAt(embedHostStatusID(host.ID), d.page.say("embed-hosts.changed", host.Name))
	}
	d.screen.list.Hosts = items
	d.Close()
	d.screen.refresh()
}

func (d *embedHostDialog) render() goapp.UI {
	view := form.View{
		Title: d.page.say("embed-hosts.add"), Submit: d.page.say("embed-hosts.save"),
		Body: []any{
			d.RenderSummary(d.page.say("summary.failed"), nil),
			d.RenderInput(fields.HostName, "", nil),
			dom.El("div", dom.Flag("hidden", d.base != nil), d.RenderInput(fields.HostID, "", nil)),
			d.RenderTextarea(fields.HostOrigins, "3", ""),
			d.RenderTextarea(fields.HostKeys, "3", ""),
			d.RenderInput(fields.HostKeysURL, "", nil),
			d.renderRights(),
		},
	}
	if d.base != nil {
		view.Title, view.Submit = d.page.say("embed-hosts.change", d.base.Name), d.page.say("embed-hosts.update")
	}
	if d.IsBusy() {
		view.Status = d.page.say("save.running")
	}
	return d.Render(view)
}

func (d *embedHostDialog) renderRights() goapp.UI {
	field := fields.HostRights
	input := d.Describe(field)
	parts := []any{dom.Class("field", "host-rights"), dom.Attr("id", d.InputID(field)), dom.Attr("tabindex", "-1"),
		dom.El("legend", input.Label), dom.El("p", dom.Class("hint"), input.Hint), d.RenderError(field)}
	for _, right := range embed.GrantableRights() {
		id := d.Prefix + "right-" + string(right)
		parts = append(parts, dom.El("label", dom.Class("choice", "host-right"), dom.Attr("for", id),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", string(right)), dom.Property("checked", d.rights.Has(right)),
				dom.On("change", id, func(goapp.Event) { d.toggleRight(right) })),
			dom.El("span", renderRight(d.page.words, right))))
	}
	return dom.El("fieldset", parts...)
}
