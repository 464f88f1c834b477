package store

import "context"

// Scope is the part of a Store that one use case needs: R is what it reads, W
// what it reads and writes. Each use case declares R and W from the interfaces
// of this package, so its signature shows which records it can touch.
type Scope[R, W any] struct {
	// View runs read on one consistent state of the store.
	View func(ctx context.Context, read func(R) error) error

	// Update runs write in one transaction; see Store.
	Update func(ctx context.Context, write func(W) error) error
}

// ScopeOf narrows a store. Its functions panic where the transactions do not
// have the methods of R or W, which is a programming error.
func ScopeOf[R, W any](s Store) Scope[R, W] {
	return Scope[R, W]{
		View: func(ctx context.Context, read func(R) error) error {
			return s.View(ctx, func(r Reader) error { return read(any(r).(R)) })
		},
		Update: func(ctx context.Context, write func(W) error) error {
			return s.Update(ctx, func(tx Tx) error { return write(any(tx).(W)) })
		},
	}
}
