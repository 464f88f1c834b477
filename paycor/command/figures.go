package command

import (
	"time"

	"paycorcred/paycor/audit/stream"
	"paycorcred/paycor/backup"
	"paycorcred/paycor/health"
	"paycorcred/web"
)

// figures are what serve knows for its metrics.
type figures struct {
	findings    func() []health.Finding
	backup      func() (last time.Time, every time.Duration)
	certificate func() (expires time.Time, ok bool)
	auditStream func() (waiting int64, since time.Time)
}

// lastBackup returns when the newest verified backup was made, and the interval.
func lastBackup(backups *backup.Backups) func() (time.Time, time.Duration) {
	return func() (time.Time, time.Duration) {
		state := backups.State()
		last, _ := state.Last()
		return last.TakenAt, state.Every
	}
}

// unsent returns how many audit entries wait to be sent elsewhere, and since when; nil if
// they are sent nowhere.
func unsent(state func() stream.State) func() (int64, time.Time) {
	if state == nil {
		return nil
	}
	return func() (int64, time.Time) {
		now := state()
		return now.Waiting, now.Since
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
