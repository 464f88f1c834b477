package app

import (
	"time"

	"paycorcred/app/dom"
)

// renderPause says for how long calls to Paycor are paused.
func (o *detailPage) renderPause() any {
	left := o.pauseLeft()
	if left <= 0 {
		return nil
	}
	return dom.El("div", dom.Class("notice", "odd"), dom.Attr("id", "paused"), dom.Icon("warned"),
		dom.El("div", dom.El("p", dom.Class("notice-title"), o.page.say("paused")), dom.El("p", o.page.count(int((left+time.Second-1)/time.Second), "paused.words"))))
}

// hasPause reports whether calls were paused at the last reading.
func (o *detailPage) hasPause() bool {
	return o != nil && o.usage != nil && !o.usage.PausedUntil.IsZero()
}

// pauseLeft returns the rest of the pause. It is zero or negative if calls are not
// paused.
func (o *detailPage) pauseLeft() time.Duration {
	if !o.hasPause() {
		return 0
	}
	return o.usage.PausedUntil.Sub(o.page.now())
}

// updatePause ends the pause on the page and reads whether calls work again.
func (o *detailPage) updatePause() {
	if o.hasPause() && o.pauseLeft() <= 0 {
		o.usage.PausedUntil = time.Time{}
		o.refreshUsage()
	}
}
