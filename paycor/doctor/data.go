package doctor

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store/sqlite"
)

const (
	// maxNamed is how many of many findings are named one by one.
	maxNamed = 20

	// Below lowSpace bytes, or twice the size of the database, there is a warning;
	// below noSpace, the server is not ready.
	lowSpace = 1 << 30
	noSpace  = 4 << 20

	// maxAhead is how far the newest audit entry may be ahead of the clock.
	maxAhead = time.Minute

	// maxOverdue is how late a scheduled verification may be without a warning. It is
	// the usual interval.
	maxOverdue = 24 * time.Hour
)

// Data checks the database and the key of a server.
type Data struct {
	Database, Key string
	Clock         func() time.Time
}

// Checks returns the checks in the order in which they make sense. If the database cannot
// be opened or has another schema, the ones that need it are left out.
func (d Data) Checks(ctx context.Context) (checks []Check, close func() error) {
	checks = []Check{d.access, d.space}
	inspector, err := sqlite.OpenInspector(ctx, sqlite.Config{Path: d.Database, KeyFile: d.Key})
	if err != nil {
		return append(checks, func(context.Context) []Finding {
			return Failed("database", err, message.New("health.restore"))
		}), func() error { return nil }
	}
	i := inspection{inspector, d.Clock}
	checks = append(checks, i.schema, i.integrity)
	if found, own := inspector.Schema(); found == own {
		checks = append(checks, i.rows, i.audit, i.clock, i.schedule)
		if err := inspector.OpenKey(ctx); err != nil {
			checks = append(checks, func(context.Context) []Finding { return Failed("key", err, message.New("health.key-restore")) })
		} else {
			checks = append(checks, i.secrets, i.records)
		}
	}
	return checks, inspector.Close
}

// access checks that nobody else can read or change the files.
func (d Data) access(context.Context) []Finding {
	var found []Finding
	for _, file := range []struct {
		path   string
		others fs.FileMode // permissions that others must not have
	}{{filepath.Dir(d.Database), 0o022}, {d.Database, 0o077}, {d.Key, 0o077}} {
		info, err := os.Stat(file.path)
		if err != nil {
			found = append(found, Failed("access", message.Wrapf(err, "health.access-unknown", file.path, err), message.New("health.key-restore"))...)
			continue
		}
		if mode := info.Mode().Perm(); mode&file.others != 0 {
			found = append(found, Finding{"access", Problem, message.New("health.access-open", file.path, mode.String()),
				message.New("health.access-close", (mode &^ 0o077).String()[1:], file.path)})
		}
	}
	if found == nil {
		return Fine("access", "health.access-ok")
	}
	return found
}

// space checks that the disk has room to go on.
func (d Data) space(context.Context) []Finding {
	free, ok := sqlite.FreeSpace(filepath.Dir(d.Database))
	if !ok {
		return []Finding{{"space", Warning, message.New("health.space-unknown"), message.Message{}}}
	}
	needed := uint64(lowSpace)
	if info, err := os.Stat(d.Database); err == nil {
		needed = max(needed, 2*uint64(info.Size()))
	}
	megabytes := int(free >> 20)
	switch {
	case free < noSpace:
		return []Finding{{"space", Problem, message.New("health.space-none"), message.New("health.space-free")}}
	case free < needed:
		return []Finding{{"space", Warning, message.New("health.space-low", megabytes), message.New("health.space-free")}}
	}
	return Fine("space", "health.space-ok", megabytes)
}
