package app

import (
	"time"

	"paycorcred/app/dom"
)

// renderPause says that Paycor is left alone for a moment, as long as it is.
func (o *detailPage) renderPause() any {
	left := o.pauseLeft()
	if left <= 0 {
		return nil
	}
	return dom.El("div", dom.Class("notice", "odd"), dom.Attr("id", "paused"), dom.Icon("warned"),
		dom.El("div", dom.El("p", dom.Class("notice-title"), say("paused")), dom.El("p", count(int((left+time.Second-1)/time.Second), "paused.words"))))
}

// hasPause reports whether calls were paused when it was last asked.
func (o *detailPage) hasPause() bool {
	return o != nil && o.usage != nil && !o.usage.PausedUntil.IsZero()
}

// pauseLeft returns how long calls are paused still; not above zero where they
// are not.
func (o *detailPage) pauseLeft() time.Duration {
	if !o.hasPause() {
		return 0
	}
	return o.usage.PausedUntil.Sub(o.page.now())
}

// updatePause shows the pause second by second, and asks what came of the try
// when it is over.
func (o *detailPage) updatePause() {
	if o.hasPause() && o.pauseLeft() <= 0 {
		o.usage.PausedUntil = time.Time{}
		o.refreshUsage()
	}
}
