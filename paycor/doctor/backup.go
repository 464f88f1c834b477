package doctor

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/backup"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

// backup checks that the scheduled backups are not behind, and that the newest one is
// still there.
func (d *Doctor) backup(context.Context) []health.Finding {
	state, err := backup.Load(d.config.Backups)
	if err != nil {
		return []health.Finding{warning("backup", message.Of(err), message.New("health.backup-state"))}
	}
	if state.Every == 0 && state.Elsewhere {
		return health.Fine("backup", "health.backup-elsewhere")
	}
	if state.Every == 0 && d.config.Server != nil {
		return []health.Finding{warning("backup", message.New("health.backup-server"), message.New("health.backup-server-fix"))}
	}
	if state.Every == 0 {
		return []health.Finding{warning("backup", message.New("health.backup-none"), message.New("health.backup-schedule"))}
	}
	now := d.config.Clock()
	last, verified := state.Last()
	taken := last.TakenAt.UTC().Format(time.RFC3339)
	path := filepath.Join(last.Directory, last.Name)
	finding := health.Finding{Check: "backup", Status: health.OK, Message: message.New("health.backup-ok", taken, path)}
	switch {
	case state.Behind(now) && verified:
		finding = problem("backup", message.New("health.backup-old", taken, state.Every), message.New("health.backup-fix"))
	case state.Behind(now):
		finding = problem("backup", message.New("health.backup-never", state.Since.UTC().Format(time.RFC3339)), message.New("health.backup-fix"))
	case !state.FailedAt.IsZero():
		finding = warning("backup", message.New("health.backup-failed", state.FailedAt.UTC().Format(time.RFC3339)), message.New("health.backup-fix"))
	case !verified:
		return health.Fine("backup", "health.backup-first", state.Directory)
	default:
		if _, err := os.Stat(path); err != nil {
			return []health.Finding{problem("backup", message.New("health.backup-missing", path), message.New("health.backup-fix"))}
		}
	}
	if !state.FailedAt.IsZero() { // why, if the server knows
		finding.Message = message.New("health.because", finding.Message, state.Problem)
	}
	return []health.Finding{finding}
}
