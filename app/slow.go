package app

import (
	"context"
	"time"

	"paycorcred/app/dom"
)

// slowAfter is when a verification begins to feel slow.
const slowAfter = 8 * time.Second

// onSlow does something once a verification takes long, unless ctx has ended
// by then.
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
