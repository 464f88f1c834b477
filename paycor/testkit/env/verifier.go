package env

import (
	"context"
	"slices"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Verifier responds to verifications in Paycor's place and records the
// requests. It is safe for concurrent use.
type Verifier struct {
	mu       sync.Mutex
	code     verdicts.Code
	wait     int // seconds that verdicts ask to wait
	err      error
	during   func()
	requests []upstream.VerifyRequest
	now      func() time.Time
}

// Verify is a credentials.VerifyFunc.
func (v *Verifier) Verify(ctx context.Context, request upstream.VerifyRequest, _ upstream.TokenSource, _ paycor.Progress) (verdicts.Verdict, error) {
	v.mu.Lock()
	v.requests = append(v.requests, request)
	verdict, err, during := v.code.Verdict().Waiting(v.wait), v.err, v.during
	v.mu.Unlock()
	if during != nil {
		during()
	}
	verdict.CheckedAt = v.now()
	if ctx.Err() != nil {
		return verdicts.Verdict{}, ctx.Err()
	}
	return verdict, err
}

// Answer sets the code of the following verdicts.
func (v *Verifier) Answer(code verdicts.Code) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.code = code
}

// AnswerWaiting is Answer with the seconds that Paycor asks to wait.
func (v *Verifier) AnswerWaiting(code verdicts.Code, seconds int) {
	v.Answer(code)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.wait = seconds
}

// Fail makes the following verifications end with an error instead of a verdict.
func (v *Verifier) Fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

// During sets a function that runs during each of the following verifications;
// nil means none.
func (v *Verifier) During(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.during = do
}

// Requests returns the requests so far.
func (v *Verifier) Requests() []upstream.VerifyRequest {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}

// Calls returns how many verifications there were.
func (v *Verifier) Calls() int { return len(v.Requests()) }
