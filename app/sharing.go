package app

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/events"
	"paycorcred/paycor/usage"
)

const (
	sharingPeople = "sharing-people"
	sharingGroups = "sharing-groups"
	sharingChange = "sharing-change"
	sharingFault  = "sharing-fault"
)

// sharing is the card "Who may use it" of a detail page.
type sharing struct {
	detail     *detailPage
	editing    bool
	restricted bool // the choice while editing
	saving     bool
	failure    string
	match      string // ETag to save upon

	programsKnown   bool     // blockedPrograms is known
	blockedPrograms []string // names of programs in use that would lose access
}

// edit opens the form.
func (s *sharing) edit() {
	now := s.detail.credential.Sharing
	s.editing, s.restricted, s.failure, s.match = true, now != nil, "", s.detail.credential.ETag()
	s.programsKnown, s.blockedPrograms = false, nil
	s.detail.page.setStatus("", nil)
	s.loadBlockedPrograms()
	people, groups := "", ""
	if now != nil {
		people, groups = strings.Join(now.People, "\n"), strings.Join(now.Groups, "\n")
	}
	s.detail.page.loop.AfterRender(func() {
		surface := s.detail.page.document
		surface.SetValue(sharingPeople, people)
		surface.SetValue(sharingGroups, groups)
		surface.Focus(s.chosen())
	})
}

// loadBlockedPrograms finds out which programs would lose access. Only
// administrators may see the scope of each token, and only outside a frame.
func (s *sharing) loadBlockedPrograms() {
	p := s.detail.page
	if !p.can(paycor.RightAdmin) || p.embedded() || s.detail.usage == nil {
		return
	}
	p.loop.Async(func() {
		programs, err := p.service.Consumers(p.ctx)
		p.loop.Update(func() {
			if err == nil && s.editing {
				s.programsKnown, s.blockedPrograms = true, blockedPrograms(programs, s.detail.usage.Users)
			}
		})
	})
}

// blockedPrograms names the users that are programs without the admin right whose
// token does not list the credential.
func blockedPrograms(programs []consumer.Consumer, users []usage.User) []string {
	var names []string
	for _, user := range users {
		if slices.ContainsFunc(programs, func(c consumer.Consumer) bool {
			return c.ID == user.ID && c.State == consumer.Active && len(c.Credentials) == 0 && !c.Rights.Has(paycor.RightAdmin)
		}) {
			names = append(names, user.Name)
		}
	}
	return names
}

// chosen returns the ID of the selected choice.
func (s *sharing) chosen() string {
	if s.restricted {
		return "sharing-restricted"
	}
	return "sharing-everybody"
}

func (s *sharing) cancel() {
	s.editing = false
	s.detail.page.loop.AfterRender(func() { s.detail.page.document.Focus(sharingChange) })
}

// save saves the chosen sharing.
func (s *sharing) save() {
	if s.saving {
		return
	}
	s.failure = ""
	s.detail.page.setStatus("", nil)
	var with *paycor.Sharing
	if s.restricted {
		lines := func(id string) []string {
			return strings.FieldsFunc(s.detail.page.document.Value(id), func(c rune) bool { return c == '\n' || c == ',' || c == ';' })
		}
		clean := paycor.Sharing{People: lines(sharingPeople), Groups: lines(sharingGroups)}.Clean()
		with = &clean
		if problems := clean.Check(); len(problems) > 0 {
			s.fail(sentence(problems[0].Message))
			return
		}
	}
	s.saving = true
	p := s.detail.page
	p.loop.Async(func() {
		credential, err := p.service.Share(p.ctx, s.detail.credential.ID, with, s.match)
		p.loop.Update(func() {
			s.saving = false
			switch {
			case paycor.KindOf(err) == paycor.KindStale:
				s.match = "" // saving again replaces what somebody else changed
				s.fail(say("sharing.stale"))
			case err != nil:
				s.fail(client.ErrorText(err))
			default:
				s.editing = false
				s.detail.show(credential)
				p.setStatus(say("sharing.saved", credential.Name), nil)
				p.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionShare})
				p.loop.AfterRender(func() { p.document.Focus(sharingChange) })
			}
		})
	})
}

func (s *sharing) fail(text string) {
	s.failure = text
	s.detail.page.loop.AfterRender(func() { s.detail.page.document.Focus(sharingFault) })
}

func (s *sharing) render() goapp.UI {
	parts := []any{dom.Class("card"), dom.Attr("aria-labelledby", "sharing"), dom.El("h2", dom.Attr("id", "sharing"), say("sharing"))}
	if s.editing {
		return dom.El("section", append(parts, s.renderForm())...)
	}
	if now := s.detail.credential.Sharing; now == nil {
		parts = append(parts, dom.El("p", say("sharing.everybody")))
	} else {
		parts = append(parts, dom.El("p", say("sharing.restricted")), dom.El("dl", dom.Class("facts"),
			fact(say("sharing.people"), nameList(now.People)), fact(say("sharing.groups"), nameList(now.Groups))))
	}
	if s.detail.page.can(paycor.RightEdit) {
		parts = append(parts, dom.Button("", sharingChange, say("sharing.change"), dom.Click(sharingChange, s.edit)))
	}
	return dom.El("section", parts...)
}

// nameList lists names, or says that there are none.
func nameList(names []string) any {
	if len(names) == 0 {
		return dom.El("span", dom.Class("muted"), say("fact.none"))
	}
	return strings.Join(names, ", ")
}

func (s *sharing) renderForm() goapp.UI {
	fields := "sharing-fields"
	if !s.restricted {
		fields += " away"
	}
	save := say("save")
	if s.saving {
		save = say("save.running")
	}
	return dom.El("form", dom.Class("sharing-form"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
		dom.On("submit", "sharing", func(event goapp.Event) {
			event.PreventDefault()
			s.save()
		}),
		dom.El("p", dom.Attr("id", sharingFault), dom.Attr("tabindex", "-1"), dom.Class("error"), dom.Attr("role", "alert"), s.failure),
		dom.El("fieldset", dom.Class("choices"),
			dom.El("legend", dom.Class("visually-hidden"), say("sharing")),
			s.renderChoice("sharing-everybody", false, say("sharing.everybody"), ""),
			s.renderChoice("sharing-restricted", true, say("sharing.some"), say("sharing.some-words")),
		),
		dom.El("div", dom.Class(fields),
			dom.El("p", dom.Class("hint"), dom.Attr("id", "sharing-cut"), dom.Attr("role", "status"), s.blockedProgramsText()),
			s.renderNames(sharingPeople, say("sharing.people"), say("sharing.people-hint")),
			s.renderNames(sharingGroups, say("sharing.groups"), say("sharing.groups-hint")),
		),
		dom.El("div", dom.Class("buttons"),
			dom.Button("", "sharing-cancel", say("cancel"), dom.Click("sharing-cancel", s.cancel)),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "sharing-save"), dom.Class("button", "primary"), dom.El("span", save)),
		),
	)
}

// blockedProgramsText says which programs would lose access.
func (s *sharing) blockedProgramsText() string {
	if s.programsKnown && len(s.blockedPrograms) > 0 {
		return say("sharing.cut", strings.Join(s.blockedPrograms, ", "))
	}
	if s.programsKnown {
		return say("sharing.cut-none")
	}
	return say("sharing.cut-unknown")
}

func (s *sharing) renderChoice(id string, restricted bool, name, text string) goapp.UI {
	return dom.El("label", dom.Class("choice"),
		dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "sharing"), dom.Attr("id", id), dom.Property("checked", s.restricted == restricted),
			dom.On("change", id, func(goapp.Event) { s.restricted = restricted })),
		dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), name), dom.El("span", dom.Class("hint"), text)))
}

func (s *sharing) renderNames(id, label, hint string) goapp.UI {
	return dom.El("div", dom.Class("field"),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", id), label)),
		dom.El("p", dom.Attr("id", id+"-hint"), dom.Class("hint"), hint),
		dom.El("textarea", dom.Attr("id", id), dom.Class("input"), dom.Attr("rows", "3"), dom.Attr("spellcheck", "false"), dom.Attr("aria-describedby", id+"-hint")))
}
