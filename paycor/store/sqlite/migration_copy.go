package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"paycorcred/paycor/message"
)

// keptCopies is how many copies from before migrations are kept. Each is as large as
// the database, and has secrets that were replaced since.
const keptCopies = 3

// copyBeforeMigration copies the database beside it and returns the path. The
// caller's write transaction, which has changed nothing yet, keeps other processes
// from changing the database between the copy and the migration.
func (s *DB) copyBeforeMigration(ctx context.Context) (string, error) {
	taken := s.config.Clock().UTC().Format("20060102T150405.000Z")
	path := fmt.Sprintf("%s%d-%s.db", s.copyPrefix(), s.migration.From, taken)
	if err := Backup(ctx, s.config.Path, path); err != nil {
		return "", message.Wrapf(err, "cli.schema-copy-failed", s.config.Path, s.explain(err))
	}
	s.removeOldCopies(ctx)
	return path, nil
}

// copyPrefix is the start of the paths of the copies.
func (s *DB) copyPrefix() string {
	return strings.TrimSuffix(s.config.Path, filepath.Ext(s.config.Path)) + "-schema"
}

// removeOldCopies removes all but the newest copies. A copy that cannot be removed
// does not keep the server from starting.
func (s *DB) removeOldCopies(ctx context.Context) {
	dir, prefix := filepath.Split(s.copyPrefix())
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.config.Logger.WarnContext(ctx, "looking for old copies of the database", "error", err)
	}
	type aged struct{ name, taken string }
	var copies []aged
	for _, entry := range entries {
		name := entry.Name()
		_, taken, found := strings.Cut(strings.TrimPrefix(name, prefix), "-")
		if found && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, "Z.db") {
			copies = append(copies, aged{name, taken})
		}
	}
	slices.SortFunc(copies, func(a, b aged) int { return strings.Compare(b.taken, a.taken) })
	for i, old := range copies {
		if i < keptCopies {
			continue
		}
		path := filepath.Join(dir, old.name)
		if err := os.Remove(path); err != nil {
			s.config.Logger.WarnContext(ctx, "removing an old copy of the database", "path", path, "error", err)
			continue
		}
		s.config.Logger.InfoContext(ctx, "removed an old copy of the database", "path", path, "kept", keptCopies)
	}
}
