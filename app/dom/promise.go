package dom

import (
	"context"
	"errors"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// ErrRejected is returned by Await for a rejected promise.
var ErrRejected = errors.New("promise rejected")

// Await waits for a promise. It returns ErrRejected if the promise is rejected, and
// the context's error if ctx ends first.
func Await(ctx context.Context, promise goapp.Value) (goapp.Value, error) {
	type end struct {
		value  goapp.Value
		failed bool
	}
	ended := make(chan end, 1)
	then(promise, func(value goapp.Value, failed bool) { ended <- end{value, failed} })
	select {
	case e := <-ended:
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if e.failed {
			return nil, ErrRejected
		}
		return e.value, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// then calls done once, when the promise settles.
func then(promise goapp.Value, done func(value goapp.Value, failed bool)) {
	var fulfilled, rejected goapp.Func
	finish := func(args []goapp.Value, failed bool) any {
		fulfilled.Release()
		rejected.Release()
		value := goapp.Undefined()
		if len(args) > 0 {
			value = args[0]
		}
		done(value, failed)
		return nil
	}
	fulfilled = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any { return finish(args, false) })
	rejected = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any { return finish(args, true) })
	promise.Call("then", fulfilled, rejected)
}
