package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

func testEnvironmentAddresses(t *testing.T, s store.Store) {
	first := store.EnvironmentAddress{Name: "a", APIURL: "https://a.example", AuthorizeURL: "https://b.example", ConfirmedAt: at(1)}
	second := store.EnvironmentAddress{Name: "b", APIURL: "https://c.example", ConfirmedAt: at(2)}
	moved := store.EnvironmentAddress{Name: "a", APIURL: "https://d.example", ConfirmedAt: at(3)}
	for _, address := range []store.EnvironmentAddress{first, second, moved} {
		update(t, s, func(tx store.Tx) error { return tx.PutEnvironmentAddress(address) })
	}
	view(t, s, func(r store.Reader) error {
		found, err := r.EnvironmentAddresses()
		assert.Equal(t, map[string]store.EnvironmentAddress{"a": moved, "b": second}, found)
		return err
	})
}
