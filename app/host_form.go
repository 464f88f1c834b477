package app

import (
	"errors"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// hostForm is what a host is typed into. Its text stands in the document only.
type hostForm struct {
	hosts  *hosts
	prefix string       // of its elements' ids, and of its handlers
	base   *paycor.Host // what is changed, as it was read; nil for a new one

	rights   paycor.Rights // chosen
	problems []paycor.Problem
	failure  string
	working  bool
}

// fields are the form's, in its order.
func (f *hostForm) fields() []paycor.Field {
	if f.base != nil {
		return []paycor.Field{paycor.FieldHostName, paycor.FieldHostOrigins, paycor.FieldHostKeys, paycor.FieldHostKeysURL}
	}
	return []paycor.Field{paycor.FieldHostName, paycor.FieldHostID, paycor.FieldHostOrigins, paycor.FieldHostKeys, paycor.FieldHostKeysURL}
}

// input is the id of a field's element; the overlay has a name, too.
func (f *hostForm) input(field paycor.Field) string {
	return f.prefix + "-" + strings.ReplaceAll(string(field), "_", "-")
}

func (f *hostForm) value(field paycor.Field) string {
	return f.hosts.page.surface.Value(f.input(field))
}

// hostText is a host's field as it stands in the form.
func hostText(host paycor.Host, field paycor.Field) string {
	switch field {
	case paycor.FieldHostName:
		return host.Name
	case paycor.FieldHostOrigins:
		return strings.Join(host.Origins, "\n")
	case paycor.FieldHostKeys:
		return string(host.Keys)
	case paycor.FieldHostKeysURL:
		return host.KeysURL
	}
	return host.ID
}

// draft is what is typed and chosen.
func (f *hostForm) draft() paycor.HostDraft {
	draft := paycor.HostDraft{
		Name: f.value(paycor.FieldHostName), Origins: []string{f.value(paycor.FieldHostOrigins)},
		Rights: f.rights, Keys: f.value(paycor.FieldHostKeys), KeysURL: f.value(paycor.FieldHostKeysURL),
	}
	if f.base == nil {
		draft.ID = f.value(paycor.FieldHostID)
	}
	return draft.Clean()
}

// patch is in what the draft differs from what was read.
func (f *hostForm) patch(draft paycor.HostDraft) (patch paycor.HostPatch) {
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

// begin takes a host into the form, to be changed.
func (f *hostForm) begin(host paycor.Host) {
	if f.base != nil && f.patch(f.draft()) != (paycor.HostPatch{}) {
		f.hosts.page.tell(say("hosts.busy", f.base.Name), nil)
		f.hosts.page.after(func() { f.hosts.page.surface.Focus(f.input(paycor.FieldHostName)) })
		return
	}
	f.base, f.rights, f.problems, f.failure = &host, slices.Clone(host.Rights), nil, ""
	f.hosts.page.tell("", nil)
	f.hosts.page.after(func() {
		for _, field := range f.fields() {
			f.hosts.page.surface.SetValue(f.input(field), hostText(host, field))
		}
		f.hosts.page.surface.Focus(f.input(paycor.FieldHostName))
	})
}

// end puts the change away.
func (f *hostForm) end() {
	id := f.base.ID
	f.base, f.problems, f.failure = nil, nil, ""
	f.hosts.page.after(func() { f.hosts.page.surface.Focus("host-" + id + "-edit") })
}

// rebase takes what somebody else made of the host, and keeps of the form what
// was changed in it.
func (f *hostForm) rebase(now paycor.Host) {
	before := *f.base
	surface := f.hosts.page.surface
	for _, field := range f.fields() {
		if strings.TrimSpace(surface.Value(f.input(field))) == hostText(before, field) {
			surface.SetValue(f.input(field), hostText(now, field))
		}
	}
	if sameRights(f.rights, before.Rights) {
		f.rights = slices.Clone(now.Rights)
	}
	f.base = &now
}

// choose takes a right into the form, or out of it.
func (f *hostForm) choose(right paycor.Right) {
	if f.rights.Has(right) {
		f.rights = slices.DeleteFunc(slices.Clone(f.rights), func(r paycor.Right) bool { return r == right })
	} else {
		f.rights = append(slices.Clone(f.rights), right)
	}
}

// save registers what is typed, or changes the host into it.
func (f *hostForm) save() {
	if f.working {
		return
	}
	draft := f.draft()
	f.failure, f.problems = "", paycor.CheckHost(draft)
	f.hosts.page.tell("", nil)
	if len(f.problems) > 0 {
		f.point()
		return
	}
	page := f.hosts.page
	if f.base != nil && f.patch(draft) == (paycor.HostPatch{}) {
		page.tell(say("hosts.same", f.base.Name), nil)
		f.end()
		return
	}
	f.working = true
	page.async(func() {
		var host paycor.Host
		var err error
		if f.base == nil {
			host, err = page.service.AddHost(page.ctx, draft)
		} else {
			host, err = page.service.UpdateHost(page.ctx, f.base.ID, f.patch(draft), f.base.ETag())
		}
		var items []paycor.Host
		if paycor.KindOf(err) == paycor.KindStale {
			items, _ = page.service.Hosts(page.ctx)
		}
		page.do(func() {
			f.working = false
			if err == nil {
				f.saved(host)
				return
			}
			var known *paycor.Error
			if errors.As(err, &known) && len(known.Problems) > 0 {
				f.problems = known.Problems
			} else {
				f.failure = words(err)
			}
			if items != nil {
				f.hosts.items = items
				if i := slices.IndexFunc(items, func(one paycor.Host) bool { return one.ID == f.base.ID }); i >= 0 {
					f.rebase(items[i])
				}
			}
			f.point()
		})
	})
}

func (f *hostForm) saved(host paycor.Host) {
	page := f.hosts.page
	if f.base != nil {
		f.hosts.items = slices.Clone(f.hosts.items)
		for i, one := range f.hosts.items {
			if one.ID == host.ID {
				f.hosts.items[i] = host
			}
		}
		page.tell(say("hosts.changed", host.Name), nil)
		f.end()
		f.hosts.refresh()
		return
	}
	f.hosts.items = append(slices.Clone(f.hosts.items), host)
	for _, field := range f.fields() {
		page.surface.SetValue(f.input(field), "")
	}
	page.tell(say("hosts.added", host.Name, host.ID), nil)
	page.after(func() { page.surface.Focus("host-" + host.ID + "-edit") })
	f.hosts.refresh()
}

// point moves the focus to what is wrong.
func (f *hostForm) point() {
	f.hosts.page.after(func() { f.hosts.page.surface.Focus(f.prefix + "-summary") })
}

func (f *hostForm) render() goapp.UI {
	parts := []any{at("id", f.prefix+"-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"), class("host-form"),
		on("submit", f.prefix+"-form", func(event goapp.Event) {
			event.PreventDefault()
			f.save()
		}),
		slot(f.renderSummary())}
	for _, field := range f.fields() {
		parts = append(parts, f.renderField(field))
	}
	press := say("hosts.save")
	if f.base != nil {
		press = say("hosts.keep")
	}
	buttons := []any{class("buttons"), el("button", at("type", "submit"), at("id", f.prefix+"-save"), class("button", "primary"), el("span", press))}
	if f.base != nil {
		buttons = append(buttons, button("", f.prefix+"-cancel", say("cancel"), click(f.prefix+"-cancel", f.end)))
	}
	return el("form", append(parts, f.renderRights(), el("div", buttons...))...)
}

func (f *hostForm) renderSummary() any {
	if len(f.problems) == 0 && f.failure == "" {
		return nil
	}
	items := []any{}
	for _, problem := range f.problems {
		items = append(items, el("li", f.hosts.page.pointer(f.input(problem.Field), problem.Message)))
	}
	return el("div", at("id", f.prefix+"-summary"), class("summary", "shown"), at("tabindex", "-1"), at("role", "alert"),
		el("h3", say("summary.problems")), el("p", f.failure), el("ul", items...))
}

// fault is what is wrong with a field, or nothing.
func (f *hostForm) fault(field paycor.Field) string {
	for _, problem := range f.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	return ""
}

func (f *hostForm) renderField(field paycor.Field) goapp.UI {
	id, fault, optional := f.input(field), f.fault(field), ""
	if field == paycor.FieldHostID || field == paycor.FieldHostKeysURL {
		optional = say("optional")
	}
	described := id + "-hint"
	if fault != "" {
		described += " " + id + "-problem"
	}
	input := []any{at("id", id), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
		at("aria-describedby", described), at("aria-invalid", yes(fault != ""))}
	control := el("input", append(input, at("type", "text"))...)
	if field == paycor.FieldHostOrigins || field == paycor.FieldHostKeys {
		control = el("textarea", append(input, at("rows", "3"))...)
	}
	return el("div", class("field", faulty(fault != "")),
		el("label", at("for", id), say("hosts.field."+string(field)), " ", el("span", class("optional"), optional)),
		el("p", at("id", id+"-hint"), class("hint"), say("hosts.hint."+string(field))),
		el("p", at("id", id+"-problem"), class("error"), fault),
		control,
	)
}

func (f *hostForm) renderRights() goapp.UI {
	parts := []any{class("field", "host-rights"), at("id", f.input(paycor.FieldHostRights)), at("tabindex", "-1"),
		el("legend", say("hosts.field.rights")), el("p", class("hint"), say("hosts.hint.rights")),
		el("p", class("error"), f.fault(paycor.FieldHostRights))}
	for _, right := range paycor.AllRights() {
		id := f.prefix + "-right-" + string(right)
		parts = append(parts, el("label", class("host-right"), at("for", id),
			el("input", at("type", "checkbox"), at("id", id), at("value", string(right)), state("checked", f.rights.Has(right)),
				on("change", id, func(goapp.Event) { f.choose(right) })),
			el("span", renderRight(right))))
	}
	return el("fieldset", parts...)
}
