package store

import (
	"context"
	"fmt"
	"reflect"

	"paycorcred/paycor"
)

// Scope is the part of a Store that one use case needs: R is what it reads, W
// what it reads and writes. Each use case composes R and W from the interfaces
// of this package, so its signature shows which records it can touch.
type Scope[R, W any] struct {
	// View runs read on one consistent snapshot; see Store.
	View func(ctx context.Context, read func(R) error) error

	// List is View for what may read many rows; see Store.
	List func(ctx context.Context, caller paycor.Caller, read func(R) error) error

	// Update runs write in one transaction; see Store.
	Update func(ctx context.Context, write func(W) error) error
}

// ScopeOf narrows a store to R and W. It panics if Reader lacks a method of R,
// or Tx one of W: that is a programming error, found when the program starts.
func ScopeOf[R, W any](s Store) Scope[R, W] {
	mustImplement[Reader, R]()
	mustImplement[Tx, W]()
	return Scope[R, W]{
		View: func(ctx context.Context, read func(R) error) error {
			return s.View(ctx, func(r Reader) error { return read(any(r).(R)) })
		},
		List: func(ctx context.Context, caller paycor.Caller, read func(R) error) error {
			return s.List(ctx, caller, func(r Reader) error { return read(any(r).(R)) })
		},
		Update: func(ctx context.Context, write func(W) error) error {
			return s.Update(ctx, func(tx Tx) error { return write(any(tx).(W)) })
		},
	}
}

func mustImplement[Wide, Narrow any]() {
	wide, narrow := reflect.TypeFor[Wide](), reflect.TypeFor[Narrow]()
	if narrow.Kind() != reflect.Interface || !wide.Implements(narrow) {
		panic(fmt.Sprintf("store: %v does not implement %v", wide, narrow))
	}
}
