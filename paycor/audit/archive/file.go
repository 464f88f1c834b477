package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/newfile"
)

// writeFile writes lines to a new file that only its owner can read, and verifies what is
// on disk. The file gets its name once it is complete and durable.
func writeFile(done Archived, lines iter.Seq2[audit.Line, error]) (err error) {
	if _, err := os.Lstat(done.File); err == nil {
		if check(done.File, done) == nil {
			return nil // an earlier attempt was interrupted after it was written
		}
		return fmt.Errorf("writing the archive %s: %w", done.File, fs.ErrExist)
	}
	file, err := os.CreateTemp(filepath.Dir(done.File), filepath.Base(done.File)+".new-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("creating the archive: %w", err)
	}
	defer func() { err = errors.Join(err, newfile.Discard(file.Name())) }()
	err = encode(file, lines)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the archive: %w", err)
	}
	if err := check(file.Name(), done); err != nil {
		return err
	}
	if err := newfile.Name(file.Name(), done.File); err != nil {
		return fmt.Errorf("naming the archive: %w", err)
	}
	return nil
}

func encode(file *os.File, lines iter.Seq2[audit.Line, error]) error {
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	for line, err := range lines {
		if err != nil {
			return err
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// check verifies that a file has just the entries to archive.
func check(path string, want Archived) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("checking the archive: %w", err)
	}
	defer file.Close()
	found, err := audit.CheckLines(audit.ReadLines(file), false)
	if err != nil {
		return err
	}
	if found.First != want.First || found.Last != want.Last {
		return fmt.Errorf("checking the archive: it has the entries %d to %d", found.First.Sequence+1, found.Last.Sequence)
	}
	return nil
}
