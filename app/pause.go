package app

import (
	"paycorcred/app/dom"
	"time"
)

// renderPause says that Paycor is left alone for a moment, as long as it is.
func (o *own) renderPause() any {
	left := o.pauseLeft()
	if left <= 0 {
		return nil
	}
	return dom.El("div", dom.Class("notice", "odd"), dom.Attr("id", "paused"), dom.Icon("warned"),
		dom.El("div", dom.El("p", dom.Class("notice-title"), say("paused")), dom.El("p", say("paused.words", int((left+time.Second-1)/time.Second)))))
}

// paused reports whether calls were paused when it was last asked.
func (o *own) paused() bool {
	return o != nil && o.usage != nil && !o.usage.PausedUntil.IsZero()
}

// pauseLeft returns how long calls are paused still; not above zero where they
// are not.
func (o *own) pauseLeft() time.Duration {
	if !o.paused() {
		return 0
	}
	return o.usage.PausedUntil.Sub(o.page.now())
}

// countDown shows the pause second by second, and asks what came of the try
// when it is over.
func (o *own) countDown() {
	if o.paused() && o.pauseLeft() <= 0 {
		o.usage.PausedUntil = time.Time{}
		o.reckon()
	}
}
