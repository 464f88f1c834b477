package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor"
)

// Retention archives entries by their age.
type Retention struct {
	Keep      time.Duration // entries that are older are archived; 0 keeps all
	Directory string        // of the archives; created when it is needed
}

// Apply archives what is older at a time than a retention keeps, by whole days, so that
// there is one file a day.
func (a *Archiver) Apply(ctx context.Context, caller paycor.Caller, retention Retention, now time.Time) (Archived, error) {
	before := now.UTC().Add(-retention.Keep).Truncate(24 * time.Hour)
	if err := os.MkdirAll(retention.Directory, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return Archived{}, fmt.Errorf("creating the directory of audit archives: %w", err)
	}
	return a.Archive(ctx, caller, before, func(first, last int64) string {
		return filepath.Join(retention.Directory, fmt.Sprintf("audit-%d-%d.jsonl", first, last))
	})
}
