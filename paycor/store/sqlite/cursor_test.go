package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
)

// A cursor is either one that a list returned or an error of KindMalformed.
func FuzzCursor(f *testing.F) {
	s, err := sqlite.Open(f.Context(), sqlite.Config{Path: filepath.Join(f.TempDir(), "store.db")})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, s.Close()) })
	issued := map[string]bool{"": true}
	for _, id := range []string{"a", "b", "c"} {
		require.NoError(f, storetest.SaveWithAudit(s, id))
	}
	cursor := ""
	for range 2 {
		require.NoError(f, s.View(f.Context(), func(r store.Reader) error {
			page, err := r.Credentials("w", paycor.Query{Limit: 1, Cursor: cursor}, nil)
			cursor = page.Next
			return err
		}))
		issued[cursor] = true
		f.Add(cursor)
		f.Add(cursor[1:])
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		err := s.View(t.Context(), func(r store.Reader) error {
			_, err := r.Credentials("w", paycor.Query{Cursor: cursor}, nil)
			return err
		})
		if issued[cursor] {
			assert.NoError(t, err)
		} else {
			assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err))
		}
	})
}
