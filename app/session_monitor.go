package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/session"
)

// maxWarningTime is how long before its end a session is warned of, at most: of
// a short idle limit it is a quarter.
const maxWarningTime = 5 * time.Minute

// sessionPhase is how the session stands.
type sessionPhase int

const (
	sessionActive sessionPhase = iota
	sessionEnding              // it ends soon
	sessionEnded
)

// sessionMonitor looks when the session ends and says so before. The warning stands
// beside what somebody does and takes nothing away; it is in every dialog too,
// because while one is open nothing outside of it can be reached.
type sessionMonitor struct {
	page      *Page
	session   session.Session
	phase     sessionPhase
	extending bool // "Stay signed in" is under way
	checking  bool
	failure   string
	note      string    // what came of it
	noted     time.Time // when
}

// noteDuration is how long a note stays.
const noteDuration = 20 * time.Second

func newSessionMonitor(p *Page) *sessionMonitor {
	w := &sessionMonitor{page: p}
	if p.start.Session != nil {
		w.session = *p.start.Session
	}
	return w
}

// warningTime is how long before the end the warning comes.
func (w *sessionMonitor) warningTime() time.Duration {
	return min(maxWarningTime, w.session.IdleEnds.Sub(w.session.SeenAt)/4)
}

// start looks at the clock from time to time. What the clock alone tells costs
// no request.
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

// check asks the server where the clock says that the end is near: another tab
// may have been used meanwhile, or somebody may have signed in again.
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

// update is what the server said.
func (w *sessionMonitor) update(current session.Session, err error) {
	switch {
	case client.IsSignedOut(err):
		w.phase, w.failure = sessionEnded, ""
	case err != nil: // the next look may find out
	default:
		again := w.phase == sessionEnded
		w.session, w.phase, w.failure = current, sessionActive, ""
		if !w.page.now().Before(current.Ends().Add(-w.warningTime())) {
			w.phase = sessionEnding
		}
		if again && w.phase == sessionActive {
			w.setNote(say("session.again"))
		}
	}
}

// extend is "Stay signed in".
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
				w.failure = client.ErrorText(err)
			case err == nil && w.phase == sessionActive:
				w.setNote(say("session.stayed", formatTime(current.Ends(), locale.Clock)))
			}
		})
	})
}

// setNote notes what came of it where the warning stood: while a dialog is open,
// the page's own status is out of reach.
func (w *sessionMonitor) setNote(note string) { w.note, w.noted = note, w.page.now() }

// render is the warning, in one of the places where it has to be seen.
func (w *sessionMonitor) render(place string) goapp.UI {
	parts := []any{dom.Class("watch")}
	switch {
	case w.phase != sessionActive:
		parts = append(parts, dom.Attr("role", "alert"))
	case w.note != "":
		return dom.El("div", dom.Class("watch", "shown", "good"), dom.Attr("role", "status"), dom.El("p", w.note))
	}
	switch {
	case w.phase == sessionEnded && w.page.embedded():
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", say("embed.ended")))
	case w.phase == sessionEnded:
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", say("session.ended")), dom.El("p", w.page.newTabLink("/sign-in", say("session.link"))))
	case w.phase == sessionEnding && !w.session.EndsAt.After(w.session.IdleEnds): // nothing that is done here moves that
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", say("session.limit", formatTime(w.session.EndsAt, locale.Clock))),
			dom.El("p", w.page.newTabLink("/sign-in?again=1", say("session.link"))))
	case w.phase == sessionEnding:
		label := say("session.stay")
		if w.extending {
			label = say("session.staying")
		}
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", say("session.idle", formatTime(w.session.IdleEnds, locale.Clock))),
			dom.El("p", dom.Class("error"), w.failure), dom.Button("small", "stay-"+place, label, dom.Click("stay-"+place, w.extend)))
	}
	return dom.El("div", parts...)
}
