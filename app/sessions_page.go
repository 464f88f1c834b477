package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/events"
	"paycorcred/paycor/session"
)

// sessionsPage lists the caller's own sign-ins, or everybody's for an
// administrator.
type sessionsPage struct {
	page    *Page
	list    session.List
	failure string
	running string // ID of the session that is being ended
}

func newSessionsPage(p *Page) *sessionsPage { return &sessionsPage{page: p, list: p.start.Sessions} }

// all reports whether everybody's sign-ins are listed.
func (s *sessionsPage) all() bool { return s.page.can(paycor.RightAdmin) }

// apply reads the list again if it may have changed. No event says so.
func (s *sessionsPage) apply(changes []events.Change) {
	if concern(changes) {
		s.refresh()
	}
}

func (s *sessionsPage) refresh() {
	s.page.loop.Async(func() {
		read := s.page.service.Sessions
		if s.all() {
			read = s.page.service.AllSessions
		}
		list, err := read(s.page.ctx)
		s.page.loop.Update(func() {
			if err != nil {
				s.failure = s.page.errorText(err)
				return
			}
			s.list, s.failure = list, ""
		})
	})
}

// end ends a session.
func (s *sessionsPage) end(one session.Session) {
	if s.running != "" {
		return
	}
	s.running, s.failure = one.ID, ""
	s.page.setStatus("", nil)
	s.page.loop.Async(func() {
		err := s.page.service.EndSession(s.page.ctx, one.ID)
		s.page.loop.Update(func() {
			s.running = ""
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				s.failure = s.page.errorText(err)
				return
			}
			kept := []session.Session{}
			for _, other := range s.list.Sessions {
				if other.ID != one.ID {
					kept = append(kept, other)
				}
			}
			s.list.Sessions = kept
			s.page.setStatus(s.page.say("sign-ins.ended", s.page.nameText(one.Name)), nil)
			s.page.loop.AfterRender(func() { s.page.document.Focus("sign-ins-title") })
		})
	})
}

func (s *sessionsPage) render() goapp.UI {
	title, lead := s.page.say("sign-ins.yours"), s.page.say("sign-ins.yours-words")
	if s.all() {
		title, lead = s.page.say("sign-ins.all"), s.page.say("sign-ins.all-words")
	}
	items := []any{dom.Class("sign-ins")}
	for _, one := range s.list.Sessions {
		items = append(items, s.renderOne(one))
	}
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead"), dom.El("div", dom.Class("lead-text"),
			dom.El("h1", dom.Attr("id", "sign-ins-title"), dom.Attr("tabindex", "-1"), title), dom.El("p", dom.Class("lead-words"), lead))),
		dom.El("p", dom.Class("error"), dom.Attr("role", "alert"), s.failure),
		renderUnreadable(s.list.Unreadable, s.page.count(s.list.Unreadable, "sign-ins.unreadable")),
		dom.El("ul", items...),
	)
}

func (s *sessionsPage) renderOne(one session.Session) goapp.UI {
	now := s.page.now()
	where := one.Browser
	if where == "" {
		where = s.page.say("sign-ins.browser")
	}
	var action any = dom.El("span", dom.Class("badge", "verified"), s.page.say("sign-ins.current"))
	if !one.Current {
		label := s.page.say("sign-ins.end")
		if s.running == one.ID {
			label = s.page.say("sign-ins.ending")
		}
		action = dom.Button("", "end-"+one.ID, label, dom.VisuallyHidden(s.page.nameText(one.Name)+", "+where), dom.Click("end/"+one.ID, func() { s.end(one) }))
	}
	facts := []any{dom.Class("facts"),
		fact(s.page.say("sign-ins.seen"), s.page.pastTime(one.SeenAt, now)),
		fact(s.page.say("sign-ins.since"), s.page.pastTime(one.CreatedAt, now)),
		fact(s.page.say("sign-ins.from"), dom.El("code", one.From)),
		fact(s.page.say("sign-ins.rights"), renderRights(s.page.words, one.Rights)),
	}
	who := s.page.nameText(one.Name)
	if one.Login != "" && one.Login != one.Name {
		who += ", " + one.Login
	}
	return dom.El("li", dom.Class("card", "sign-in"),
		dom.El("div", dom.Class("sign-in-head"), dom.El("div", dom.El("h2", where), dom.El("p", dom.Class("muted"), who)), action),
		dom.El("dl", facts...))
}
