package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

func testUsedEnvironments(t *testing.T, s store.Store) {
	used := func() (used map[string]int) {
		view(t, s, func(r store.Reader) (err error) { used, err = r.UsedEnvironments(); return err })
		return used
	}
	assert.Empty(t, used())
	for id, environment := range map[string]string{"a": "production", "b": "simulator", "c": "simulator"} {
		c := fullCredential(id)
		c.Environment = environment
		insert(t, s, "w", c, nil)
	}
	c := fullCredential("a")
	c.Environment = "simulator"
	insert(t, s, "other", c, nil)
	assert.Equal(t, map[string]int{"production": 1, "simulator": 3}, used())
}
