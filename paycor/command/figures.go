package command

import (
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/backup"
	"paycorcred/paycor/health"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/web"
)

// figures are what serve knows for its metrics.
type figures struct {
	findings    func() []health.Finding
	backup      func() (last time.Time, every time.Duration)
	certificate func() (expires time.Time, ok bool)
}

// files returns the sizes of the database's files, and the space that is left.
func (d data) files() metrics.Files {
	size := func(path string) float64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return float64(info.Size())
	}
	free, known := sqlite.FreeSpace(filepath.Dir(d.database()))
	return metrics.Files{Database: size(d.database()), WAL: size(d.database() + "-wal"), Free: float64(free), FreeKnown: known}
}

// lastBackup returns when the newest verified backup was made, and the interval.
func lastBackup(backups *backup.Backups) func() (time.Time, time.Duration) {
	return func() (time.Time, time.Duration) {
		state := backups.State()
		last, _ := state.Last()
		return last.TakenAt, state.Every
	}
}

// certificateEnd returns when the certificate expires that the server uses, if it has one.
func certificateEnd(certificates *web.Certificates) func() (time.Time, bool) {
	return func() (time.Time, bool) {
		if certificates == nil {
			return time.Time{}, false
		}
		return certificates.Leaf().NotAfter, true
	}
}
