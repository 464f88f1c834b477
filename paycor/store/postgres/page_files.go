package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"paycorcred/paycor/store/records"
)

// keptBuilds is how many builds of the page are kept: that of the servers that are replaced, that
// of those which replace them, and one before, for who goes back.
const keptBuilds = 3

// PageFiles are the files of the page of all versions that serve, by build. A browser has a page
// of one version while servers are replaced, and asks servers of both for its files.
type PageFiles struct{ db *DB }

// NewPageFiles returns the files in a database.
func NewPageFiles(db *DB) *PageFiles { return &PageFiles{db} }

const publishFile = `INSERT INTO page_files (build, name, content, mac, published_at) VALUES (?, ?, ?, ?, clock_timestamp())
	ON CONFLICT (build, name) DO UPDATE SET published_at = excluded.published_at`

const forgetBuilds = `DELETE FROM page_files WHERE build IN (
	SELECT build FROM page_files GROUP BY build ORDER BY max(published_at) DESC, build OFFSET ?)`

// Publish stores the files of a build by name, in gzip, and forgets old builds.
func (f *PageFiles) Publish(ctx context.Context, build string, files map[string][]byte) error {
	acquired, err := f.db.acquire(ctx, f.db.views, func(conn connection) (err error) {
		if err := conn.control(ctx, `BEGIN`); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				_ = conn.control(context.WithoutCancel(ctx), `ROLLBACK`)
			}
		}()
		for _, name := range slices.Sorted(maps.Keys(files)) { // servers that start together lock rows in one order
			mac := f.db.keys.Sealer().MAC(pageFilePurpose, coveredOfFile(build, name, files[name]))
			if _, err := conn.Exec(ctx, publishFile, build, name, files[name], mac); err != nil {
				return err
			}
		}
		if _, err := conn.Exec(ctx, forgetBuilds, keptBuilds); err != nil {
			return err
		}
		return conn.control(ctx, `COMMIT`)
	})
	if err == nil {
		acquired.Release()
	}
	return err
}

// Builds returns the names of all builds.
func (f *PageFiles) Builds(ctx context.Context) (builds []string, err error) {
	acquired, err := f.db.acquire(ctx, f.db.views, func(conn connection) error {
		builds = nil
		return conn.Rows(ctx, `SELECT DISTINCT build FROM page_files`, nil, func(scan records.Scan) error {
			var build string
			if err := scan(&build); err != nil {
				return err
			}
			builds = append(builds, build)
			return nil
		})
	})
	if err == nil {
		acquired.Release()
	}
	return builds, err
}

// Files returns the files of a build. Those that something other than this program wrote are
// left out: they run where people type secrets.
func (f *PageFiles) Files(ctx context.Context, build string) (files map[string][]byte, err error) {
	acquired, err := f.db.acquire(ctx, f.db.views, func(conn connection) error {
		files = map[string][]byte{}
		return conn.Rows(ctx, `SELECT name, content, mac FROM page_files WHERE build = ?`, []any{build}, func(scan records.Scan) error {
			var name string
			var file, mac []byte
			if err := scan(&name, &file, &mac); err != nil {
				return err
			}
			if !f.db.keys.Sealer().ValidMAC(pageFilePurpose, coveredOfFile(build, name, file), mac) {
				f.db.config.Logger.WarnContext(ctx, "a file of the page was changed in the database: it is not served", "build", build, "file", name)
				return nil
			}
			files[name] = file
			return nil
		})
	})
	if err == nil {
		acquired.Release()
	}
	return files, err
}

// pageFilePurpose is what the MAC of a file of the page is for.
const pageFilePurpose = "page_files"

// coveredOfFile encodes unambiguously what the MAC covers.
func coveredOfFile(build, name string, file []byte) []byte {
	return append(fmt.Appendf(nil, "%q %q ", build, name), file...)
}
