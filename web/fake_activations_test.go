package web_test

import (
	"context"
	"sync"

	"paycorcred/paycor"
)

// authorizePage is where the fake sends browsers, with an invented key.
const authorizePage = "https://paycor.example/authorize?subscription-key=" + canaryKey

// fakeActivations is web.Activations with one started activation.
type fakeActivations struct {
	mu     sync.Mutex
	opened []paycor.Caller
	err    error
}

func (f *fakeActivations) OpenActivation(_ context.Context, caller paycor.Caller, handle paycor.Secret) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", f.err
	}
	if handle.Reveal() != canaryStart || len(f.opened) > 0 {
		return "", errUnauthorized
	}
	f.opened = append(f.opened, caller)
	return authorizePage, nil
}
