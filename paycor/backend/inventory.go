package backend

import (
	"context"

	"paycorcred/paycor/store"
)

// noticeDays is how many days ahead metrics say that something is due or expires, as the
// page's reminders do.
const noticeDays = 14

// Inventory returns what is stored, as it was counted last; nil before the first count.
func (b *Backend) Inventory() *store.Inventory { return b.inventory.Load() }

// takeInventory counts what is stored.
func (b *Backend) takeInventory(ctx context.Context) error {
	now := b.config.Clock().UTC()
	return b.config.Store.View(ctx, func(r store.Reader) error {
		counted, err := r.Inventory(now, now.AddDate(0, 0, noticeDays))
		if err == nil {
			b.inventory.Store(&counted)
		}
		return err
	})
}
