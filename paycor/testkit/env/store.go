package env

import (
	"context"
	"errors"
	"sync/atomic"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// ErrBrokenTrail is the error of a BrokenTrail.
var ErrBrokenTrail = errors.New("the audit trail cannot be written")

// BrokenTrail is a store that cannot append to the audit trail.
type BrokenTrail struct{ store.Store }

// Update implements store.Store.
func (s BrokenTrail) Update(ctx context.Context, write func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return write(brokenTrailTx{tx}) })
}

type brokenTrailTx struct{ store.Tx }

func (brokenTrailTx) AppendAudit(audit.Entry) error { return ErrBrokenTrail }

// ErrFailing is the error of a FailingStore.
var ErrFailing = errors.New("the store cannot be used")

// FailingStore is a store whose transactions all fail while Failing is set, as on a disk
// that is gone.
type FailingStore struct {
	store.Store
	Failing atomic.Bool
}

// View implements store.Store.
func (s *FailingStore) View(ctx context.Context, read func(store.Reader) error) error {
	if s.Failing.Load() {
		return ErrFailing
	}
	return s.Store.View(ctx, read)
}

// List implements store.Store.
func (s *FailingStore) List(ctx context.Context, caller paycor.Caller, read func(store.Reader) error) error {
	if s.Failing.Load() {
		return ErrFailing
	}
	return s.Store.List(ctx, caller, read)
}

// Update implements store.Store.
func (s *FailingStore) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.Failing.Load() {
		return ErrFailing
	}
	return s.Store.Update(ctx, write)
}

// CountingStore counts calls of View and List.
type CountingStore struct {
	store.Store
	views atomic.Int64
}

// View implements store.Store.
func (s *CountingStore) View(ctx context.Context, read func(store.Reader) error) error {
	s.views.Add(1)
	return s.Store.View(ctx, read)
}

// List implements store.Store.
func (s *CountingStore) List(ctx context.Context, caller paycor.Caller, read func(store.Reader) error) error {
	s.views.Add(1)
	return s.Store.List(ctx, caller, read)
}

// Views returns how often they were called.
func (s *CountingStore) Views() int { return int(s.views.Load()) }
