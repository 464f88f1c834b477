package sqlite

import (
	"context"
	"errors"
	"path/filepath"

	"paycorcred/paycor/store"
)

// minFree is the free space in bytes below which the store is not ready: a few saves more
// and it would be full.
const minFree = 4 << 20

// checkSpace returns store.ErrFull if the disk is full or nearly so. The free space does
// not tell about a quota; after a write that failed, only one that succeeds does.
func (s *DB) checkSpace(ctx context.Context) error {
	if free, ok := FreeSpace(filepath.Dir(s.config.Path)); ok && free < minFree {
		return &store.FullError{Database: s.config.Path, Cause: errors.New("hardly any space is left")}
	}
	if !s.full.Load() {
		return nil
	}
	return s.Update(ctx, func(tx store.Tx) error { // the smallest write there is
		_, err := tx.(interface {
			Exec(query string, arguments ...any) (int64, error)
		}).Exec(`UPDATE keysets SET made_at = made_at`)
		return err
	})
}
