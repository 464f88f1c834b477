package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"paycorcred/paycor/message"
)

// StateName is the name of the file in the data directory that has the State.
const StateName = "paycorcred.backups"

// State is what is known of a server's scheduled backups. It outlives the server, so that
// other commands can tell too.
type State struct {
	Directory string        `json:"directory"`
	Every     time.Duration `json:"every"`               // 0 if there are no scheduled backups
	Elsewhere bool          `json:"elsewhere,omitempty"` // something else makes backups
	Since     time.Time     `json:"since"`               // when they were turned on
	Files     []File        `json:"files"`               // that still exist, as far as is known, oldest first

	// Of the last attempt, if it failed.
	FailedAt time.Time       `json:"failed_at,omitzero"`
	Problem  message.Message `json:"problem,omitzero"`

	Unfinished string `json:"unfinished,omitempty"` // path of a file that is being written
}

// File is a backup.
type File struct {
	Directory  string    `json:"directory"`
	Name       string    `json:"name"`
	TakenAt    time.Time `json:"taken_at"`
	Bytes      int64     `json:"bytes"`
	ModifiedAt time.Time `json:"modified_at"`
	Suspect    bool      `json:"suspect,omitempty"` // it could not be verified
	Key        string    `json:"key,omitempty"`     // ID of the key that it needs; empty if unknown
}

func (f File) path() string { return filepath.Join(f.Directory, f.Name) }

// Last returns the newest verified backup; ok is false if there is none.
func (s State) Last() (last File, ok bool) {
	for _, file := range slices.Backward(s.Files) {
		if !file.Suspect {
			return file, true
		}
	}
	return File{}, false
}

// Age returns how old the newest verified backup is, or how long there should have been
// one. ok is false if there are no scheduled backups.
func (s State) Age(now time.Time) (age time.Duration, ok bool) {
	if s.Every == 0 {
		return 0, false
	}
	from := s.Since
	if last, verified := s.Last(); verified {
		from = last.TakenAt
	}
	return max(0, now.Sub(from)), true
}

// Behind reports whether a backup is overdue by more than half an interval.
func (s State) Behind(now time.Time) bool {
	age, ok := s.Age(now)
	return ok && age > s.Every+s.Every/2
}

// Load reads a state. A server without scheduled backups has the zero State.
func Load(path string) (state State, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		return State{}, fmt.Errorf("reading the state of the backups in %s: %w", path, err)
	}
	return state, nil
}

// save replaces a saved state.
func (s State) save(path string) (err error) {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}

func (s State) clone() State {
	s.Files = slices.Clone(s.Files)
	return s
}
