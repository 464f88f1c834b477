package records

import (
	"errors"
	"fmt"
	"strconv"

	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// keyChange is a change of the keys of a database.
type keyChange struct {
	source   *KeySource
	from, to seal.Wrapped
	removed  []string // IDs of keys
}

func (c *keyChange) Rewrap(to store.KEK) error {
	return c.apply(func(kek seal.KEK) (seal.Wrapped, error) { return c.to.Rewrap(kek, to) })
}

func (c *keyChange) AddKey() (string, error) {
	var added seal.KeyID
	err := c.apply(func(kek seal.KEK) (wrapped seal.Wrapped, err error) {
		wrapped, added, err = c.to.AddKey(kek)
		return wrapped, err
	})
	return added.String(), err
}

func (c *keyChange) RemoveKeys(ids []string) error {
	removed := make([]seal.KeyID, len(ids))
	for i, id := range ids {
		number, err := strconv.ParseUint(id, 16, 32)
		if err != nil {
			return fmt.Errorf("the ID %q is none of a key", id)
		}
		removed[i] = seal.KeyID(number)
	}
	c.removed = append(c.removed, ids...)
	return c.apply(func(kek seal.KEK) (seal.Wrapped, error) { return c.to.RemoveKeys(kek, removed) })
}

func (c *keyChange) apply(change func(seal.KEK) (seal.Wrapped, error)) error {
	kek, err := c.source.kek()
	if err != nil {
		return err
	}
	changed, err := change(kek)
	if errors.Is(err, seal.ErrWrongKey) { // another process has wrapped the keys again
		return c.source.wrongKey(err, kek, c.to.Wrapping())
	}
	if err == nil {
		c.to = changed
	}
	return err
}
