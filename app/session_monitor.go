package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor/session"
)

// maxWarningTime is the longest time between the warning and the end of a session.
// For a short idle limit it is a quarter of that.
const maxWarningTime = 5 * time.Minute

// sessionPhase is the phase of a session.
type sessionPhase int

const (
	sessionActive sessionPhase = iota
	sessionEnding              // soon
	sessionEnded
)

// sessionMonitor warns before the session ends. The warning takes nothing away from
// what a person is doing. It is in every dialog too, because nothing outside a
// modal dialog can be reached.
type sessionMonitor struct {
	page      *Page
	session   session.Session
	phase     sessionPhase
	extending bool // the session is being extended
	checking  bool
	failure   string
	note      string    // the result of the last extension
	noted     time.Time // when
}

// noteDuration is how long the note stays.
const noteDuration = 20 * time.Second

func newSessionMonitor(p *Page) *sessionMonitor {
	w := &sessionMonitor{page: p}
	if p.start.Session != nil {
		w.session = *p.start.Session
	}
	return w
}

// warningTime returns how long before the session's end the warning is shown.
func (w *sessionMonitor) warningTime() time.Duration {
	return min(maxWarningTime, w.session.IdleEnds.Sub(w.session.SeenAt)/4)
}

// start checks the clock periodically. That alone costs no request.
func (w *sessionMonitor) start() {
	if w.session.ID == "" {
		return
	}
	w.page.loop.Async(func() {
		ticker := time.NewTicker(max(time.Second, min(15*time.Second, w.warningTime()/5)))
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				w.page.loop.Update(w.check)
			case <-w.page.ctx.Done():
				return
			}
		}
	})
}

// check asks the server shortly before the session ends by the local clock. The
// session may have been used in another tab, or renewed.
func (w *sessionMonitor) check() {
	if w.note != "" && w.page.now().Sub(w.noted) > noteDuration {
		w.note = ""
	}
	if w.checking || w.extending || w.page.now().Before(w.session.Ends().Add(-w.warningTime())) {
		return
	}
	w.checking = true
	w.page.loop.Async(func() {
		current, err := w.page.service.CurrentSession(w.page.ctx, false)
		w.page.loop.Update(func() {
			w.checking = false
			w.update(current, err)
		})
	})
}

// update handles the server's response.
func (w *sessionMonitor) update(current session.Session, err error) {
	switch {
	case client.IsSignedOut(err):
		w.phase, w.failure = sessionEnded, ""
	case err != nil: // the next check may succeed
	default:
		again := w.phase == sessionEnded
		w.session, w.phase, w.failure = current, sessionActive, ""
		if !w.page.now().Before(current.Ends().Add(-w.warningTime())) {
			w.phase = sessionEnding
		}
		if again && w.phase == sessionActive {
			w.setNote(w.page.say("session.again"))
		}
	}
}

// extend is the button "Stay signed in".
func (w *sessionMonitor) extend() {
	if w.extending {
		return
	}
	w.extending = true
	w.page.loop.Async(func() {
		current, err := w.page.service.CurrentSession(w.page.ctx, true)
		w.page.loop.Update(func() {
			w.extending = false
			w.update(current, err)
			switch {
			case err != nil && !client.IsSignedOut(err):
				w.failure = w.page.errorText(err)
			case err == nil && w.phase == sessionActive:
				w.setNote(w.page.say("session.stayed", w.page.clockText(current.Ends(), w.page.now())))
			}
		})
	})
}

// setNote shows the result in place of the warning, because the page's status
// cannot be reached while a dialog is open.
func (w *sessionMonitor) setNote(note string) { w.note, w.noted = note, w.page.now() }

// render renders the warning. scope keeps the handlers of several warnings apart.
func (w *sessionMonitor) render(scope string) goapp.UI {
	parts := []any{dom.Class("watch")}
	switch {
	case w.phase != sessionActive:
		parts = append(parts, dom.Attr("role", "alert"))
	case w.note != "":
		return dom.El("div", dom.Class("watch", "shown", "good"), dom.Attr("role", "status"), dom.El("p", w.note))
	}
	switch {
	case w.phase == sessionEnded && w.page.embedded():
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", w.page.say("embed.ended")))
	case w.phase == sessionEnded:
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", w.page.say("session.ended")), dom.El("p", w.page.newTabLink("/sign-in", w.page.say("session.link"))))
	case w.phase == sessionEnding && !w.session.EndsAt.After(w.session.IdleEnds): // activity does not extend it
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", w.page.say("session.limit", w.page.clockText(w.session.EndsAt, w.page.now()))),
			dom.El("p", w.page.newTabLink("/sign-in?again=1", w.page.say("session.link"))))
	case w.phase == sessionEnding:
		label := w.page.say("session.stay")
		if w.extending {
			label = w.page.say("session.staying")
		}
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", w.page.say("session.idle", w.page.clockText(w.session.IdleEnds, w.page.now()))),
			dom.El("p", dom.Class("error"), w.failure), dom.Button("small", "stay-"+scope, label, dom.Click("stay-"+scope, w.extend)))
	}
	return dom.El("div", parts...)
}
