package postgres_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// Several processes behind one pooler, which has fewer connections than they have.
func TestPooler(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	assert.False(t, postgres.Pooled(open(t, config)))
	config.URL = testkit.Pooler(t, config.URL)
	stores := []*postgres.DB{open(t, config), open(t, config)}
	var group sync.WaitGroup
	for i, s := range stores {
		assert.True(t, postgres.Pooled(s))
		for k := range 4 {
			group.Go(func() {
				for n := range 5 {
					id := fmt.Sprint(i, "-", k, "-", n)
					assert.NoError(t, storetest.SaveWithAudit(s, id))
					assert.NoError(t, s.View(t.Context(), func(r store.Reader) error {
						_, err := r.Credential("w", id)
						return err
					}))
				}
			})
		}
	}
	group.Wait()
	requireSaved(t, stores[1], []string{"0-0-0", "1-3-4"})
}

func TestConformanceBehindPooler(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as the suite")
	}
	t.Parallel()
	var configs sync.Map // by store
	storetest.Run(t, func(t *testing.T) store.Store {
		config := newConfig(t)
		config.URL = testkit.Pooler(t, config.URL)
		s := open(t, config)
		configs.Store(s, config)
		return s
	}, func(t *testing.T, s store.Store) store.Store {
		require.NoError(t, s.Close())
		config, _ := configs.Load(s)
		return open(t, config.(postgres.Config))
	})
}
