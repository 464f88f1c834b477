package app

import (
	"context"
	"time"

	"paycorcred/app/dom"
)

// slowAfter is when a verification counts as slow.
const slowAfter = 8 * time.Second

// onSlow calls do once a verification is slow, unless ctx has ended by then.
func (p *Page) onSlow(ctx context.Context, do func()) {
	timer := time.AfterFunc(slowAfter, func() {
		dom.Protect(func() {
			if ctx.Err() == nil {
				p.loop.Update(do)
			}
		})
	})
	context.AfterFunc(ctx, func() { timer.Stop() })
}
