package app

import (
	"errors"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
)

// embedHostForm is what a host is typed into. Its text stands in the document only.
type embedHostForm struct {
	screen *embedHostsPage
	prefix string      // of its elements' ids, and of its handlers
	base   *embed.Host // what is changed, as it was read; nil for a new one

	rights   paycor.Rights // chosen
	problems []fields.Problem
	failure  string
	working  bool
}

// fields are the form's, in its order.
func (f *embedHostForm) fields() []fields.Field {
	if f.base != nil {
		return []fields.Field{fields.HostName, fields.HostOrigins, fields.HostKeys, fields.HostKeysURL}
	}
	return []fields.Field{fields.HostName, fields.HostID, fields.HostOrigins, fields.HostKeys, fields.HostKeysURL}
}

// input is the id of a field's element; the overlay has a name, too.
func (f *embedHostForm) input(field fields.Field) string {
	return f.prefix + "-" + strings.ReplaceAll(string(field), "_", "-")
}

func (f *embedHostForm) value(field fields.Field) string {
	return f.screen.page.document.Value(f.input(field))
}

// embedHostValue is a host's field as it stands in the form.
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

// draft is what is typed and chosen.
func (f *embedHostForm) draft() embed.HostDraft {
	draft := embed.HostDraft{
		Name: f.value(fields.HostName), Origins: []string{f.value(fields.HostOrigins)},
		Rights: f.rights, Keys: f.value(fields.HostKeys), KeysURL: f.value(fields.HostKeysURL),
	}
	if f.base == nil {
		draft.ID = f.value(fields.HostID)
	}
	return draft.Clean()
}

// patch is in what the draft differs from what was read.
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

// edit takes a host into the form, to be changed.
func (f *embedHostForm) edit(host embed.Host) {
	if f.base != nil && f.patch(f.draft()) != (embed.HostPatch{}) {
		f.screen.page.setStatus(say("embed-hosts.busy", f.base.Name), nil)
		f.screen.page.loop.AfterRender(func() { f.screen.page.document.Focus(f.input(fields.HostName)) })
		return
	}
	f.base, f.rights, f.problems, f.failure = &host, slices.Clone(host.Rights), nil, ""
	f.screen.page.setStatus("", nil)
	f.screen.page.loop.AfterRender(func() {
		for _, field := range f.fields() {
			f.screen.page.document.SetValue(f.input(field), embedHostValue(host, field))
		}
		f.screen.page.document.Focus(f.input(fields.HostName))
	})
}

// close puts the change away.
func (f *embedHostForm) close() {
	id := f.base.ID
	f.base, f.problems, f.failure = nil, nil, ""
	f.screen.page.loop.AfterRender(func() { f.screen.page.document.Focus("host-" + id + "-edit") })
}

// rebase takes what somebody else made of the host, and keeps of the form what
// was changed in it.
func (f *embedHostForm) rebase(now embed.Host) {
	before := *f.base
	surface := f.screen.page.document
	for _, field := range f.fields() {
		if strings.TrimSpace(surface.Value(f.input(field))) == embedHostValue(before, field) {
			surface.SetValue(f.input(field), embedHostValue(now, field))
		}
	}
	if sameRights(f.rights, before.Rights) {
		f.rights = slices.Clone(now.Rights)
	}
	f.base = &now
}

// choose takes a right into the form, or out of it.
func (f *embedHostForm) choose(right paycor.Right) {
	if f.rights.Has(right) {
		f.rights = slices.DeleteFunc(slices.Clone(f.rights), func(r paycor.Right) bool { return r == right })
	} else {
		f.rights = append(slices.Clone(f.rights), right)
	}
}

// save registers what is typed, or changes the host into it.
func (f *embedHostForm) save() {
	if f.working {
		return
	}
	draft := f.draft()
	f.failure, f.problems = "", embed.CheckHost(draft)
	f.screen.page.setStatus("", nil)
	if len(f.problems) > 0 {
		f.focusSummary()
		return
	}
	page := f.screen.page
	if f.base != nil && f.patch(draft) == (embed.HostPatch{}) {
		page.setStatus(say("embed-hosts.unchanged", f.base.Name), nil)
		f.close()
		return
	}
	f.working = true
	page.loop.Async(func() {
		var host embed.Host
		var err error
		if f.base == nil {
			host, err = page.service.AddHost(page.ctx, draft)
		} else {
			host, err = page.service.UpdateHost(page.ctx, f.base.ID, f.patch(draft), f.base.ETag())
		}
		var items []embed.Host
		if paycor.KindOf(err) == paycor.KindStale {
			items, _ = page.service.Hosts(page.ctx)
		}
		page.loop.Update(func() {
			f.working = false
			if err == nil {
				f.saved(host)
				return
			}
			var known *paycor.Error
			if errors.As(err, &known) && len(known.Problems) > 0 {
				f.problems = known.Problems
			} else {
				f.failure = client.ErrorText(err)
			}
			if items != nil {
				f.screen.items = items
				if i := slices.IndexFunc(items, func(one embed.Host) bool { return one.ID == f.base.ID }); i >= 0 {
					f.rebase(items[i])
				}
			}
			f.focusSummary()
		})
	})
}

func (f *embedHostForm) saved(host embed.Host) {
	page := f.screen.page
	if f.base != nil {
		f.screen.items = slices.Clone(f.screen.items)
		for i, one := range f.screen.items {
			if one.ID == host.ID {
				f.screen.items[i] = host
			}
		}
		page.setStatus(say("embed-hosts.changed", host.Name), nil)
		f.close()
		f.screen.refresh()
		return
	}
	f.screen.items = append(slices.Clone(f.screen.items), host)
	for _, field := range f.fields() {
		page.document.SetValue(f.input(field), "")
	}
	page.setStatus(say("embed-hosts.added", host.Name, host.ID), nil)
	page.loop.AfterRender(func() { page.document.Focus("host-" + host.ID + "-edit") })
	f.screen.refresh()
}

// focusSummary moves the focus to what is wrong.
func (f *embedHostForm) focusSummary() {
	f.screen.page.loop.AfterRender(func() { f.screen.page.document.Focus(f.prefix + "-summary") })
}

func (f *embedHostForm) render() goapp.UI {
	parts := []any{dom.Attr("id", f.prefix+"-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"), dom.Class("host-form"),
		dom.On("submit", f.prefix+"-form", func(event goapp.Event) {
			event.PreventDefault()
			f.save()
		}),
		dom.Slot(f.renderSummary())}
	for _, field := range f.fields() {
		parts = append(parts, f.renderField(field))
	}
	press := say("embed-hosts.save")
	if f.base != nil {
		press = say("embed-hosts.update")
	}
	buttons := []any{dom.Class("buttons"), dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", f.prefix+"-save"), dom.Class("button", "primary"), dom.El("span", press))}
	if f.base != nil {
		buttons = append(buttons, dom.Button("", f.prefix+"-cancel", say("cancel"), dom.Click(f.prefix+"-cancel", f.close)))
	}
	return dom.El("form", append(parts, f.renderRights(), dom.El("div", buttons...))...)
}

func (f *embedHostForm) renderSummary() any {
	if len(f.problems) == 0 && f.failure == "" {
		return nil
	}
	items := []any{}
	for _, problem := range f.problems {
		items = append(items, dom.El("li", f.screen.page.pointer(f.input(problem.Field), problem.Message)))
	}
	return dom.El("div", dom.Attr("id", f.prefix+"-summary"), dom.Class("summary", "shown"), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert"),
		dom.El("h3", say("summary.problems")), dom.El("p", f.failure), dom.El("ul", items...))
}

// fault is what is wrong with a field, or nothing.
func (f *embedHostForm) fault(field fields.Field) string {
	for _, problem := range f.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	return ""
}

func (f *embedHostForm) renderField(field fields.Field) goapp.UI {
	id, fault, optional := f.input(field), f.fault(field), ""
	if field == fields.HostID || field == fields.HostKeysURL {
		optional = say("optional")
	}
	described := id + "-hint"
	if fault != "" {
		described += " " + id + "-problem"
	}
	input := []any{dom.Attr("id", id), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
		dom.Attr("aria-describedby", described), dom.Attr("aria-invalid", dom.AriaBool(fault != ""))}
	control := dom.El("input", append(input, dom.Attr("type", "text"))...)
	if field == fields.HostOrigins || field == fields.HostKeys {
		control = dom.El("textarea", append(input, dom.Attr("rows", "3"))...)
	}
	return dom.El("div", dom.Class("field", faulty(fault != "")),
		dom.El("label", dom.Attr("for", id), say("embed-hosts.field."+string(field)), " ", dom.El("span", dom.Class("optional"), optional)),
		dom.El("p", dom.Attr("id", id+"-hint"), dom.Class("hint"), say("embed-hosts.hint."+string(field))),
		dom.El("p", dom.Attr("id", id+"-problem"), dom.Class("error"), fault),
		control,
	)
}

func (f *embedHostForm) renderRights() goapp.UI {
	parts := []any{dom.Class("field", "host-rights"), dom.Attr("id", f.input(fields.HostRights)), dom.Attr("tabindex", "-1"),
		dom.El("legend", say("embed-hosts.field.rights")), dom.El("p", dom.Class("hint"), say("embed-hosts.hint.rights")),
		dom.El("p", dom.Class("error"), f.fault(fields.HostRights))}
	for _, right := range paycor.AllRights() {
		id := f.prefix + "-right-" + string(right)
		parts = append(parts, dom.El("label", dom.Class("host-right"), dom.Attr("for", id),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", string(right)), dom.Property("checked", f.rights.Has(right)),
				dom.On("change", id, func(goapp.Event) { f.choose(right) })),
			dom.El("span", renderRight(right))))
	}
	return dom.El("fieldset", parts...)
}
