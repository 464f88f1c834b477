//go:build linux || darwin

package sqlite

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"unsafe"

	"paycorcred/paycor/store"
)

// walIndex is the header of SQLite's WAL index, a file in shared memory, mapped for
// reading. See https://www.sqlite.org/walformat.html#the_wal_index_header.
type walIndex struct{ words *[walIndexWords]uint32 }

// The header has 48 bytes in native byte order. These of its words identify a state:
// the transaction counter, the number of pages in the log, a checksum of the log,
// and its salts.
const (
	walIndexWords   = 12
	walIndexFormat  = 3007000 // expected first word
	wordTransaction = 2
	wordPages       = 4
	wordChecksum    = 6
	wordSalts       = 8
)

// openWALIndex maps the header of a database that is open in this process.
//
// It never closes the file descriptor: by POSIX, closing any descriptor of a file
// drops all locks of the process on it, SQLite's included. One leaked descriptor per
// store is harmless.
func openWALIndex(database string) (*walIndex, error) {
	path := siblingPath(database, "-shm")
	descriptor, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	mapped, err := syscall.Mmap(descriptor, 0, walIndexWords*4, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", path, err)
	}
	index := &walIndex{(*[walIndexWords]uint32)(unsafe.Pointer(&mapped[0]))}
	if format := atomic.LoadUint32(&index.words[0]); format != walIndexFormat {
		return nil, fmt.Errorf("%s has the unsupported format %d", path, format)
	}
	return index, nil
}

// version reads the words that identify a state. It may see part of a running
// commit; such a version differs from both the one before and the one after, so
// nothing cached under it is used again.
func (w *walIndex) version() store.Version {
	var version store.Version
	for i, word := range [...]int{wordTransaction, wordPages, wordChecksum, wordChecksum + 1, wordSalts, wordSalts + 1} {
		version[i] = atomic.LoadUint32(&w.words[word])
	}
	return version
}
