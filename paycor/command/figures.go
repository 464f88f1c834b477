package command

import (
	"time"

	"paycorcred/paycor/backup"
	"paycorcred/paycor/health"
	"paycorcred/web"
)

// figures are what serve knows for its metrics.
type figures struct {
	findings    func() []health.Finding
	backup      func() (last time.Time, every time.Duration)
	certificate func() (expires time.Time, ok bool)
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
