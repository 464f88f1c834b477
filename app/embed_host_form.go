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

// embedHostForm is the form to register or change an embedding site.
type embedHostForm struct {
	form.Form

	page   *Page
	screen *embedHostsPage
	base   *embed.Host   // the site to change, as it was read; nil for a new one
	rights paycor.Rights // that are checked
	busy   bool
}

func newEmbedHostForm(screen *embedHostsPage, prefix string, fieldList ...fields.Field) *embedHostForm {
	return &embedHostForm{
		Form: form.Form{
			Context: screen.page.forms, Prefix: prefix, SummaryID: prefix + "summary",
			Fields: append(fieldList, fields.HostRights), Describe: describeEmbedHostField,
		},
		page: screen.page, screen: screen,
	}
}

func describeEmbedHostField(field fields.Field) form.Input {
	return form.Input{
		Label: say("embed-hosts.field." + string(field)), Hint: say("embed-hosts.hint." + string(field)),
		Optional: field == fields.HostID || field == fields.HostKeysURL,
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
func (f *embedHostForm) draft() embed.HostDraft {
	draft := embed.HostDraft{
		Name: f.Value(fields.HostName), Origins: []string{f.Value(fields.HostOrigins)},
		Rights: f.rights, Keys: f.Value(fields.HostKeys), KeysURL: f.Value(fields.HostKeysURL),
	}
	if f.base == nil {
		draft.ID = f.Value(fields.HostID)
	}
	return draft.Clean()
}

// patch returns how the draft changes the site.
func (f *embedHostForm) patch(draft embed.HostDraft) (patch embed.HostPatch) {
	base := *f.base
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
	for _, right := range paycor.AllRights() {
		if one.Has(right) != other.Has(right) {
			return false
		}
	}
	return true
}

// edit fills the form with a site to change, unless it holds unsaved changes.
func (f *embedHostForm) edit(host embed.Host) {
	if f.base != nil && f.patch(f.draft()) != (embed.HostPatch{}) {
		f.page.setStatus(say("embed-hosts.busy", f.base.Name), nil)
		f.FocusField(fields.HostName)
		return
	}
	f.ResetResult()
	f.base, f.rights = &host, slices.Clone(host.Rights)
	f.page.setStatus("", nil)
	f.page.loop.AfterRender(func() {
		for _, field := range f.Inputs() {
			f.SetValue(field, embedHostValue(host, field))
		}
		f.page.document.Focus(f.InputID(fields.HostName))
	})
}

// close discards the change.
func (f *embedHostForm) close() {
	id := f.base.ID
	f.base = nil
	f.ResetResult()
	f.page.loop.AfterRender(func() { f.page.document.Focus("host-" + id + "-edit") })
}

// rebase takes over what somebody else saved in the meantime. Fields that were
// changed here keep their values.
func (f *embedHostForm) rebase(now embed.Host) {
	before := *f.base
	for _, field := range f.Inputs() {
		if strings.TrimSpace(f.Value(field)) == embedHostValue(before, field) {
			f.SetValue(field, embedHostValue(now, field))
		}
	}
	if sameRights(f.rights, before.Rights) {
		f.rights = slices.Clone(now.Rights)
	}
	f.base = &now
}

// toggleRight checks a right, or unchecks it.
func (f *embedHostForm) toggleRight(right paycor.Right) {
	if f.rights.Has(right) {
		f.rights = slices.DeleteFunc(slices.Clone(f.rights), func(r paycor.Right) bool { return r == right })
	} else {
		f.rights = append(slices.Clone(f.rights), right)
	}
}

// save registers the site, or updates it.
func (f *embedHostForm) save() {
	if f.busy {
		return
	}
	draft := f.draft()
	f.ResetResult()
	f.Problems = embed.CheckHost(draft)
	f.page.setStatus("", nil)
	if len(f.Problems) > 0 {
		f.FocusSummary()
		return
	}
	if f.base != nil && f.patch(draft) == (embed.HostPatch{}) {
		f.page.setStatus(say("embed-hosts.unchanged", f.base.Name), nil)
		f.close()
		return
	}
	f.busy = true
	f.page.loop.Async(func() {
		var host embed.Host
		var err error
		if f.base == nil {
			host, err = f.page.service.AddHost(f.page.ctx, draft)
		} else {
			host, err = f.page.service.UpdateHost(f.page.ctx, f.base.ID, f.patch(draft), f.base.ETag())
		}
		var items []embed.Host
		if paycor.KindOf(err) == paycor.KindStale {
			items, _ = f.page.service.Hosts(f.page.ctx)
		}
		f.page.loop.Update(func() {
			f.busy = false
			if err == nil {
				f.saved(host)
				return
			}
			f.ShowError(err)
			if items != nil {
				f.screen.items = items
				if i := slices.IndexFunc(items, func(one embed.Host) bool { return one.ID == f.base.ID }); i >= 0 {
					f.rebase(items[i])
				}
			}
			f.FocusSummary()
		})
	})
}

func (f *embedHostForm) saved(host embed.Host) {
	if f.base != nil {
		f.screen.items = slices.Clone(f.screen.items)
		for i, one := range f.screen.items {
			if one.ID == host.ID {
				f.screen.items[i] = host
			}
		}
		f.page.setStatus(say("embed-hosts.changed", host.Name), nil)
		f.close()
		f.screen.refresh()
		return
	}
	f.screen.items = append(slices.Clone(f.screen.items), host)
	f.Clear()
	f.page.setStatus(say("embed-hosts.added", host.Name, host.ID), nil)
	f.page.loop.AfterRender(func() { f.page.document.Focus("host-" + host.ID + "-edit") })
	f.screen.refresh()
}

func (f *embedHostForm) render() goapp.UI {
	id := f.Prefix + "form"
	parts := []any{dom.Attr("id", id), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"), dom.Class("host-form"),
		dom.On("submit", id, func(event goapp.Event) {
			event.PreventDefault()
			f.save()
		}),
		f.RenderSummary(say("summary.failed"), nil)}
	for _, field := range f.Fields {
		switch field {
		case fields.HostRights:
			parts = append(parts, f.renderRights())
		case fields.HostOrigins, fields.HostKeys:
			parts = append(parts, f.RenderTextarea(field, "3", ""))
		default:
			parts = append(parts, f.RenderInput(field, "", nil))
		}
	}
	submit := say("embed-hosts.save")
	if f.base != nil {
		submit = say("embed-hosts.update")
	}
	buttons := []any{dom.Class("buttons"), dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", f.Prefix+"save"), dom.Class("button", "primary"), dom.El("span", submit))}
	if f.base != nil {
		buttons = append(buttons, dom.Button("", f.Prefix+"cancel", say("cancel"), dom.Click(f.Prefix+"cancel", f.close)))
	}
	return dom.El("form", append(parts, dom.El("div", buttons...))...)
}

func (f *embedHostForm) renderRights() goapp.UI {
	field := fields.HostRights
	input := f.Describe(field)
	parts := []any{dom.Class("field", "host-rights"), dom.Attr("id", f.InputID(field)), dom.Attr("tabindex", "-1"),
		dom.El("legend", input.Label), dom.El("p", dom.Class("hint"), input.Hint), f.RenderError(field)}
	for _, right := range paycor.AllRights() {
		id := f.Prefix + "right-" + string(right)
		parts = append(parts, dom.El("label", dom.Class("choice", "host-right"), dom.Attr("for", id),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", string(right)), dom.Property("checked", f.rights.Has(right)),
				dom.On("change", id, func(goapp.Event) { f.toggleRight(right) })),
			dom.El("span", renderRight(right))))
	}
	return dom.El("fieldset", parts...)
}
