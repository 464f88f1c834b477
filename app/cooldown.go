package app

import (
	"time"

	"paycorcred/app/dom"
)

// cooldown is the time for which calls through a credential are paused, because Paycor
// failed several times in a row.
type cooldown struct{ detail *detailPage }

func (o *detailPage) cooldown() cooldown { return cooldown{o} }

// render says for how long calls to Paycor are paused.
func (c cooldown) render() any {
	left, page := c.left(), c.detail.page
	if left <= 0 {
		return nil
	}
	return dom.El("div", dom.Class("notice", "odd"), dom.Attr("id", "paused"), dom.Icon("warned"),
		dom.El("div", dom.El("p", dom.Class("notice-title"), page.say("paused")), dom.El("p", page.count(int((left+time.Second-1)/time.Second), "paused.words"))))
}

// isKnown reports whether calls were paused when the usage was last read.
func (c cooldown) isKnown() bool {
	return c.detail != nil && c.detail.usage != nil && !c.detail.usage.PausedUntil.IsZero()
}

// left returns how long calls stay paused. It is zero or negative if they are not.
func (c cooldown) left() time.Duration {
	if !c.isKnown() {
		return 0
	}
	return c.detail.usage.PausedUntil.Sub(c.detail.page.now())
}

// update ends the cooldown on the page and reads whether calls work again.
func (c cooldown) update() {
	if c.isKnown() && c.left() <= 0 {
		c.detail.usage.PausedUntil = time.Time{}
		c.detail.refreshUsage()
	}
}
