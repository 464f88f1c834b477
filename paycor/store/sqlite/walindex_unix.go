//go:build linux || darwin

package sqlite

import (
	"fmt"
	"paycorcred/paycor/store"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// walIndex is the header of SQLite's shared memory about its log
// (https://www.sqlite.org/walformat.html#the_wal_index_header), mapped for
// reading.
type walIndex struct{ words *[walIndexWords]uint32 }

// The header is 48 bytes, in the machine's own byte order. Of its words, these
// tell one state from another: the counter of transactions, how many pages the
// log has, a checksum over all of the log, and its salts.
const (
	walIndexWords   = 12
	walIndexFormat  = 3007000 // what its first word has to be
	wordTransaction = 2
	wordPages       = 4
	wordChecksum    = 6
	wordSalts       = 8
)

// openWALIndex maps the header of a database that is open in this process.
//
// The file's descriptor is never closed. By the rules of POSIX, closing any
// descriptor of a file drops every lock that the process has on it, SQLite's
// too. One descriptor for each opened store is the smaller evil.
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
		return nil, fmt.Errorf("%s has the format %d, which this program does not know", path, format)
	}
	return index, nil
}

// version reads what tells one state from another. A commit under way may be
// seen in part: that is another version than before and than after, so it
// vouches for nothing.
func (w *walIndex) version() store.Version {
	var version store.Version
	for i, word := range [...]int{wordTransaction, wordPages, wordChecksum, wordChecksum + 1, wordSalts, wordSalts + 1} {
		version[i] = atomic.LoadUint32(&w.words[word])
	}
	return version
}
