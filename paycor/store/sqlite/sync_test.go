package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// syncMethod is the function of SQLite that syncs a file.
type syncMethod = func(tls *libc.TLS, file uintptr, flags int32) int32

// syncs counts SQLite's file syncs in this process.
var syncs struct {
	atomic.Int64
	once       sync.Once
	referenced []syncMethod // keeps them reachable for the garbage collector
}

// countSyncs starts counting. SQLite has two tables of file methods, one for
// databases and one for logs. In both, it replaces the sync method by one that counts
// and then syncs.
func countSyncs(t testing.TB) {
	t.Helper()
	syncs.once.Do(func() {
		path := filepath.Join(t.TempDir(), "any.db")
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		defer db.Close()
		_, err = db.ExecContext(context.Background(), "PRAGMA journal_mode = WAL; CREATE TABLE t (c)")
		require.NoError(t, err)

		tls := libc.NewTLS()
		defer tls.Close()
		name, err := libc.CString(path)
		require.NoError(t, err)
		defer libc.Xfree(tls, name)
		out := libc.Xmalloc(tls, 8)
		defer libc.Xfree(tls, out)
		require.Zero(t, sqlite3.Xsqlite3_open(tls, name, out))
		handle := *pointerAt[uintptr](out)
		defer sqlite3.Xsqlite3_close(tls, handle)
		query, err := libc.CString("SELECT * FROM t")
		require.NoError(t, err)
		defer libc.Xfree(tls, query)
		require.Zero(t, sqlite3.Xsqlite3_exec(tls, handle, query, 0, 0, 0)) // opens the log

		for _, which := range []int32{sqlite3.SQLITE_FCNTL_FILE_POINTER, sqlite3.SQLITE_FCNTL_JOURNAL_POINTER} {
			require.Zero(t, sqlite3.Xsqlite3_file_control(tls, handle, 0, which, out))
			methods := pointerAt[sqlite3.Tsqlite3_io_methods](pointerAt[sqlite3.Tsqlite3_file](*pointerAt[uintptr](out)).FpMethods)
			function := methods.FxSync
			before := *(*syncMethod)(unsafe.Pointer(&struct{ uintptr }{function}))
			counting := syncMethod(func(tls *libc.TLS, file uintptr, flags int32) int32 {
				syncs.Add(1)
				return before(tls, file, flags)
			})
			syncs.referenced = append(syncs.referenced, before, counting)
			methods.FxSync = *(*uintptr)(unsafe.Pointer(&counting))
		}
	})
}

// pointerAt converts the address of C memory to a pointer.
func pointerAt[T any](address uintptr) *T {
	return *(**T)(unsafe.Pointer(&address))
}
