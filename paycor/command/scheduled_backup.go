package command

import (
	"os"
	"path/filepath"
	"time"

	"paycorcred/paycor/backup"
)

// minBackupEvery is the shortest interval of scheduled backups.
const minBackupEvery = time.Minute

// scheduledBackups are the flags of backups that the server makes.
type scheduledBackups struct {
	BackupEvery lifetime `help:"cli.help.backup-every" default:"0" placeholder:"6h"`
	BackupKeep  int      `help:"cli.help.backup-keep" default:"28" placeholder:"N"`
	BackupTo    string   `help:"cli.help.backup-directory" placeholder:"DIR"`

	BackupElsewhere bool `help:"cli.help.backup-elsewhere"`
}

// problems returns what is wrong with the flags, and how to fix it. A directory that is
// missing is no mistake: a server whose backup disk is not there still serves.
func (s scheduledBackups) problems(data data) (wrong []string) {
	every := time.Duration(s.BackupEvery)
	switch {
	case every == 0 && s.BackupTo != "":
		wrong = append(wrong, say("cli.backup-every-missing"))
	case every != 0 && s.BackupTo == "":
		wrong = append(wrong, say("cli.backup-directory-missing"))
	case every != 0 && isSameDirectory(s.BackupTo, data.Data):
		wrong = append(wrong, say("cli.backup-directory-data", s.BackupTo))
	}
	if every != 0 {
		used, _ := data.engine()
		wrong = append(wrong, used.noSchedule()...)
	}
	if every != 0 && s.BackupElsewhere {
		wrong = append(wrong, say("cli.backup-elsewhere"))
	}
	if every != 0 && every < minBackupEvery {
		wrong = append(wrong, say("cli.backup-every", every))
	}
	if s.BackupKeep < 1 {
		wrong = append(wrong, say("cli.backup-keep", s.BackupKeep))
	}
	return wrong
}

func (s scheduledBackups) settings() backup.Settings {
	directory := s.BackupTo
	if absolute, err := filepath.Abs(directory); err == nil && directory != "" {
		directory = absolute
	}
	return backup.Settings{Directory: directory, Every: time.Duration(s.BackupEvery), Keep: s.BackupKeep, Elsewhere: s.BackupElsewhere}
}

func isSameDirectory(one, other string) bool {
	first, err := os.Stat(one)
	if err != nil {
		return false
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(first, second)
}

// backups returns the backups of the data directory.
func (d data) backups(terminal terminal) *backup.Backups {
	kek, _ := d.openKEK()
	return backup.New(backup.Config{
		Database: fileEngine{d, kek}.config(),
		State:    filepath.Join(d.Data, backup.StateName), Clock: time.Now, Logger: terminal.log,
	})
}
