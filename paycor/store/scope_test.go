package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// fakeStore runs each function once, with a Tx of which only Credential works.
type fakeStore struct{ store.Store }

type fakeTx struct{ store.Tx }

func (fakeTx) Credential(_, id string) (paycor.Credential, error) {
	return paycor.Credential{ID: id}, nil
}

func (fakeStore) View(_ context.Context, read func(store.Reader) error) error { return read(fakeTx{}) }
func (fakeStore) Update(_ context.Context, write func(store.Tx) error) error  { return write(fakeTx{}) }

func TestScopePassesTransactionsOn(t *testing.T) {
	t.Parallel()
	type narrow interface {
		Credential(workspace, id string) (paycor.Credential, error)
	}
	scope := store.ScopeOf[narrow, narrow](fakeStore{})
	failure := errors.New("invented")
	for name, run := range map[string]func(context.Context, func(narrow) error) error{"View": scope.View, "Update": scope.Update} {
		err := run(t.Context(), func(n narrow) error {
			credential, err := n.Credential("w", "c")
			assert.NoError(t, err)
			assert.Equal(t, "c", credential.ID)
			return failure
		})
		assert.ErrorIs(t, err, failure, name)
	}
}

func TestScopeChecksItsInterfaces(t *testing.T) {
	t.Parallel()
	type unknown interface{ NoSuchMethod() }
	assert.Panics(t, func() { store.ScopeOf[unknown, store.Tx](fakeStore{}) })
	assert.Panics(t, func() { store.ScopeOf[store.Reader, unknown](fakeStore{}) })

	assert.Panics(t, func() { store.ScopeOf[store.CredentialWriter, store.CredentialWriter](fakeStore{}) }, "a Reader does not write")
	assert.Panics(t, func() { store.ScopeOf[struct{}, store.Tx](fakeStore{}) }, "not an interface")
}
