package sqlite_test

import (
	"path/filepath"
	"testing"

	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

func BenchmarkFleet(b *testing.B) {
	s := open(b, sqlite.Config{Path: filepath.Join(b.TempDir(), "store.db")})
	storetest.BenchmarkLists(b, s, 100_000, func() {})
}
