// Package backup backs up the database of a running server at intervals. Each backup is
// verified before it counts, and the newest ones are kept.
package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store/sqlite"
)

const (
	// A backup that failed is tried again after minRetry, and each time twice as long
	// after that, up to maxRetry.
	minRetry = time.Minute
	maxRetry = time.Hour

	// watchInterval is how often it is checked whether backups are behind.
	watchInterval = time.Minute

	// spareSpace is how many bytes a backup leaves free on its disk, which may be the
	// one of the database.
	spareSpace = 64 << 20
)

// Config configures Backups.
type Config struct {
	Database sqlite.Config // what is backed up: path and key
	State    string        // file with the State; it is created
	Clock    func() time.Time
	Logger   *slog.Logger

	FreeSpace func(directory string) (bytes uint64, ok bool) // nil asks the system
}

// Settings say how to back up. The zero Settings mean not to.
type Settings struct {
	Directory string        // must exist, because it may be a disk that is not mounted; created only within the directory of the database
	Every     time.Duration // 0 turns backups off
	Keep      int           // number of verified backups that are kept
	Elsewhere bool          // something else backs up the database, so that Every is 0 on purpose
}

// Backups backs up one database. It is safe for concurrent use.
type Backups struct {
	config  Config
	changed chan struct{} // signaled after Set

	mu       sync.Mutex
	settings Settings
	state    State
	failures int // in a row
	behind   bool
}

// New returns the backups of a database, turned off, with the state that an earlier
// server saved.
func New(config Config) *Backups {
	if config.FreeSpace == nil {
		config.FreeSpace = sqlite.FreeSpace
	}
	state, err := Load(config.State)
	if err != nil { // the backups of before are then never deleted, and the next one is due at once
		config.Logger.Warn("the state of the backups is lost", "error", err)
	}
	return &Backups{config: config, state: state, changed: make(chan struct{}, 1)}
}

// Set changes the settings. Run follows them at once.
func (b *Backups) Set(settings Settings) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if settings.Every != 0 && b.state.Every == 0 {
		b.state.Since = b.config.Clock().UTC()
	}
	b.settings, b.failures = settings, 0
	if b.state.Directory != settings.Directory || b.state.Every != settings.Every || b.state.Elsewhere != settings.Elsewhere {
		b.state.Directory, b.state.Every, b.state.Elsewhere = settings.Directory, settings.Every, settings.Elsewhere
		b.saveLocked()
	}
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// State returns what is known of the backups.
func (b *Backups) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.clone()
}

// Run backs up whenever a backup is due, until ctx ends. Call it once.
func (b *Backups) Run(ctx context.Context) {
	var watching sync.WaitGroup
	watching.Go(func() { b.watch(ctx) })
	defer watching.Wait()
	for {
		timer := time.NewTimer(b.wait())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-b.changed:
			timer.Stop()
		case <-timer.C:
			b.attempt(ctx)
		}
	}
}

// wait returns how long to wait for the next backup.
func (b *Backups) wait() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	every := b.settings.Every
	if every == 0 {
		return math.MaxInt64
	}
	if b.failures > 0 {
		return min(minRetry<<min(b.failures-1, 10), maxRetry, every)
	}
	last, verified := b.state.Last()
	if !verified {
		return 0
	}
	// By a clock that was set back, the last one lies ahead.
	return min(max(0, last.TakenAt.Add(every).Sub(b.config.Clock())), every)
}

// attempt makes one backup and records what came of it.
func (b *Backups) attempt(ctx context.Context) {
	b.mu.Lock()
	settings := b.settings
	b.mu.Unlock()
	began := time.Now()
	made, err := b.backUp(ctx, settings)
	if ctx.Err() != nil && made.Name == "" {
		return // the next server removes what is unfinished
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.config.Clock().UTC()
	if made.Name != "" {
		b.state.Files = append(b.state.Files, made)
	}
	b.state.Unfinished = ""
	if err != nil {
		b.failures++
		b.state.FailedAt, b.state.Problem = now, message.Of(err)
		b.config.Logger.ErrorContext(ctx, "the scheduled backup failed; it will be tried again", "directory", settings.Directory, "error", err)
	} else {
		b.failures = 0
		b.state.FailedAt, b.state.Problem = time.Time{}, message.Message{}
		b.config.Logger.InfoContext(ctx, "backup made and verified", "path", made.path(), "bytes", made.Bytes, "key", made.Key, "took", time.Since(began).Round(time.Millisecond))
	}
	b.pruneLocked(ctx, settings)
	b.saveLocked()
}

// backUp makes and verifies one backup. If the file was made and could not be verified, it
// returns the file and an error.
func (b *Backups) backUp(ctx context.Context, settings Settings) (made File, err error) {
	b.createWithinData(settings.Directory)
	if info, err := os.Stat(settings.Directory); err != nil || !info.IsDir() {
		return File{}, message.Errorf("backup.no-directory", settings.Directory)
	}
	b.mu.Lock()
	b.removeUnfinishedLocked(ctx)
	taken := b.config.Clock().UTC().Truncate(time.Millisecond)
	name := "paycorcred-" + taken.Format("20060102T150405.000Z")
	unverified := filepath.Join(settings.Directory, name+".unverified.db")
	b.state.Unfinished = unverified
	b.saveLocked()
	b.mu.Unlock()

	if needed, enough := b.hasSpace(settings.Directory); !enough {
		return File{}, message.Errorf("backup.no-space", settings.Directory, int(needed>>20)+1)
	}
	if err := sqlite.Backup(ctx, b.config.Database.Path, unverified); err != nil {
		return File{}, err
	}
	key, problem := verify(ctx, unverified, b.config.Database)
	if ctx.Err() != nil {
		return File{}, ctx.Err()
	}
	made = File{Directory: settings.Directory, Name: name + ".db", TakenAt: taken, Key: key}
	if problem != nil {
		made.Name, made.Suspect = name+".suspect.db", true
	}
	if _, err := os.Lstat(made.path()); !errors.Is(err, fs.ErrNotExist) {
		return File{}, message.Wrapf(fs.ErrExist, "store.no-copy", made.path(), fs.ErrExist)
	}
	if err := os.Rename(unverified, made.path()); err != nil {
		return File{}, message.Wrapf(err, "store.no-copy", made.path(), err)
	}
	if err := syncDir(settings.Directory); err != nil {
		return File{}, message.Wrapf(err, "store.no-copy", made.path(), err)
	}
	info, err := os.Stat(made.path())
	if err != nil {
		return File{}, message.Wrapf(err, "store.no-copy", made.path(), err)
	}
	made.Bytes, made.ModifiedAt = info.Size(), info.ModTime().UTC()
	if problem != nil && b.hasOtherKey(key, problem) {
		return made, message.Wrapf(problem, "backup.other-key", made.path(), key)
	}
	if problem != nil {
		return made, message.Wrapf(problem, "backup.suspect", made.path(), message.Of(problem))
	}
	return made, nil
}

// hasOtherKey reports whether a copy could not be verified because another process has
// changed the key of the database since the server started. key is the one that it needs.
func (b *Backups) hasOtherKey(key string, problem error) bool {
	if !strings.HasPrefix(message.Of(problem).Key, "store.key-") {
		return false
	}
	own, err := b.config.Database.KeyID()
	return err == nil && key != "" && key != own
}

// createWithinData creates a directory that is directly within the one of the database.
// That disk is there, and where only the server can write to it, as in a container without
// a shell, no other program can create it.
func (b *Backups) createWithinData(directory string) {
	data, err := os.Stat(filepath.Dir(b.config.Database.Path))
	if err != nil {
		return
	}
	if parent, err := os.Stat(filepath.Dir(directory)); err == nil && os.SameFile(data, parent) {
		_ = os.Mkdir(directory, 0o700) // if it fails, the directory is missing, or was there
	}
}

// hasSpace reports whether the directory has room for another copy, and how many bytes
// one needs. It is true where that is unknown.
func (b *Backups) hasSpace(directory string) (needed uint64, enough bool) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(b.config.Database.Path + suffix); err == nil {
			needed += uint64(info.Size())
		}
	}
	needed += spareSpace
	free, known := b.config.FreeSpace(directory)
	return needed, !known || free >= needed
}

// watch logs when backups fall behind and when they have caught up. A backup that hangs,
// such as on a network disk, keeps nothing else from being told.
func (b *Backups) watch(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.checkAge(ctx)
		}
	}
}

func (b *Backups) checkAge(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.config.Clock()
	age, _ := b.state.Age(now)
	switch behind := b.state.Behind(now); {
	case behind && !b.behind:
		b.config.Logger.ErrorContext(ctx, "scheduled backups are behind", "age", age.Round(time.Second), "every", b.state.Every, "directory", b.state.Directory)
	case !behind && b.behind:
		b.config.Logger.InfoContext(ctx, "scheduled backups have caught up")
	}
	b.behind = b.state.Behind(now)
}

// pruneLocked deletes the oldest verified backups of the directory, and those that could
// not be verified as soon as there is a newer file. It deletes only files that are still as
// this program wrote them. The caller holds b.mu.
func (b *Backups) pruneLocked(ctx context.Context, settings Settings) {
	var kept []File
	verified := 0
	for i := len(b.state.Files) - 1; i >= 0; i-- { // the newest first, by order and not by a clock
		file := b.state.Files[i]
		keep := file.Directory != settings.Directory
		if !keep && !file.Suspect {
			verified++
			keep = verified <= settings.Keep
		} else if !keep {
			keep = i == len(b.state.Files)-1
		}
		if keep || !b.remove(ctx, file) {
			kept = append(kept, file)
		}
	}
	b.state.Files = kept
	slices.Reverse(b.state.Files)
}

// remove deletes a backup and reports whether it is to be forgotten.
func (b *Backups) remove(ctx context.Context, file File) (forget bool) {
	info, err := os.Lstat(file.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true
	case err == nil && (info.Size() != file.Bytes || !info.ModTime().Equal(file.ModifiedAt)):
		b.config.Logger.WarnContext(ctx, "an old backup was changed, so it is not deleted", "path", file.path())
		return true
	case err == nil:
		err = os.Remove(file.path())
	}
	if err != nil {
		b.config.Logger.WarnContext(ctx, "an old backup could not be deleted", "path", file.path(), "error", err)
	}
	return err == nil
}

// removeUnfinishedLocked deletes what a killed server left behind. The caller holds b.mu.
func (b *Backups) removeUnfinishedLocked(ctx context.Context) {
	path := b.state.Unfinished
	if path == "" {
		return
	}
	b.state.Unfinished = ""
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, entry := range entries {
		name := entry.Name()
		if name == filepath.Base(path) || strings.HasPrefix(name, filepath.Base(path)+".new-") {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), name)))
		}
	}
	if err != nil {
		b.config.Logger.WarnContext(ctx, "an unfinished backup could not be deleted", "path", path, "error", err)
	}
}

// saveLocked saves the state. The caller holds b.mu.
func (b *Backups) saveLocked() {
	if err := b.state.save(b.config.State); err != nil {
		b.config.Logger.Warn("saving the state of the backups failed", "path", b.config.State, "error", err)
	}
}

// syncDir makes new names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
