package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// warnedBefore is how long before its end a session is warned of, at most: of
// a short idle limit it is a quarter.
const warnedBefore = 5 * time.Minute

// watched is how the session stands.
type watched int

const (
	calm   watched = iota
	ending         // it ends soon
	ended
)

// watch looks when the session ends and says so before. The warning stands
// beside what somebody does and takes nothing away; it is in every dialog too,
// because while one is open nothing outside of it can be reached.
type watch struct {
	page    *Page
	session paycor.Session
	how     watched
	staying bool // "Stay signed in" is under way
	asking  bool
	failure string
	note    string    // what came of it
	noted   time.Time // when
}

// noteTime is how long a note stays.
const noteTime = 20 * time.Second

func newWatch(p *Page) *watch {
	w := &watch{page: p}
	if p.start.Session != nil {
		w.session = *p.start.Session
	}
	return w
}

// lead is how long before the end the warning comes.
func (w *watch) lead() time.Duration {
	return min(warnedBefore, w.session.IdleEnds.Sub(w.session.SeenAt)/4)
}

// begin looks at the clock from time to time. What the clock alone tells costs
// no request.
func (w *watch) begin() {
	if w.session.ID == "" {
		return
	}
	w.page.async(func() {
		ticker := time.NewTicker(max(time.Second, min(15*time.Second, w.lead()/5)))
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				w.page.do(w.look)
			case <-w.page.ctx.Done():
				return
			}
		}
	})
}

// look asks the server where the clock says that the end is near: another tab
// may have been used meanwhile, or somebody may have signed in again.
func (w *watch) look() {
	if w.note != "" && w.page.now().Sub(w.noted) > noteTime {
		w.note = ""
	}
	if w.asking || w.staying || w.page.now().Before(w.session.Ends().Add(-w.lead())) {
		return
	}
	w.asking = true
	w.page.async(func() {
		session, err := w.page.service.CurrentSession(w.page.ctx, false)
		w.page.do(func() {
			w.asking = false
			w.take(session, err)
		})
	})
}

// take is what the server said.
func (w *watch) take(session paycor.Session, err error) {
	switch {
	case signedOut(err):
		w.how, w.failure = ended, ""
	case err != nil: // the next look may find out
	default:
		again := w.how == ended
		w.session, w.how, w.failure = session, calm, ""
		if !w.page.now().Before(session.Ends().Add(-w.lead())) {
			w.how = ending
		}
		if again && w.how == calm {
			w.say(say("watch.again"))
		}
	}
}

// stay is "Stay signed in".
func (w *watch) stay() {
	if w.staying {
		return
	}
	w.staying = true
	w.page.async(func() {
		session, err := w.page.service.CurrentSession(w.page.ctx, true)
		w.page.do(func() {
			w.staying = false
			w.take(session, err)
			switch {
			case err != nil && !signedOut(err):
				w.failure = words(err)
			case err == nil && w.how == calm:
				w.say(say("watch.stayed", clockTime(session.Ends())))
			}
		})
	})
}

// say notes what came of it where the warning stood: while a dialog is open,
// the page's own status is out of reach.
func (w *watch) say(note string) { w.note, w.noted = note, w.page.now() }

// clockTime is a time of the day where the person is.
func clockTime(at time.Time) string { return at.Local().Format("15:04") }

// render is the warning, in one of the places where it has to be seen.
func (w *watch) render(place string) goapp.UI {
	parts := []any{dom.Class("watch")}
	switch {
	case w.how != calm:
		parts = append(parts, dom.Attr("role", "alert"))
	case w.note != "":
		return dom.El("div", dom.Class("watch", "shown", "good"), dom.Attr("role", "status"), dom.El("p", w.note))
	}
	switch {
	case w.how == ended && w.page.embedded():
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", say("embed.ended")))
	case w.how == ended:
		parts = append(parts, dom.Class("watch", "shown", "bad"), dom.El("p", say("watch.ended")), dom.El("p", w.page.outside("/sign-in", say("session.link"))))
	case w.how == ending && !w.session.EndsAt.After(w.session.IdleEnds): // nothing that is done here moves that
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", say("watch.limit", clockTime(w.session.EndsAt))),
			dom.El("p", w.page.outside("/sign-in?again=1", say("session.link"))))
	case w.how == ending:
		label := say("watch.stay")
		if w.staying {
			label = say("watch.staying")
		}
		parts = append(parts, dom.Class("watch", "shown"), dom.El("p", say("watch.idle", clockTime(w.session.IdleEnds))),
			dom.El("p", dom.Class("error"), w.failure), dom.Button("small", "stay-"+place, label, dom.Click("stay-"+place, w.stay)))
	}
	return dom.El("div", parts...)
}
