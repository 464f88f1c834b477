package quota

import (
	"context"
	"errors"
	"runtime"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// maxWaitingLists is how many lists of one workspace wait. A caller may have a quarter
// of them.
const maxWaitingLists = 256

// maxListsAtOnce bounds how many lists run at once by default.
const maxListsAtOnce = 4

// ListsAtOnce returns how many lists of a store run at once by default.
func ListsAtOnce() int { return min(HalfOfProcessors(), maxListsAtOnce) }

// HalfOfProcessors returns how many requests that take processor time may run at once, so
// that as many processors are left for calls. Threads beyond the processors do not count.
func HalfOfProcessors() int { return max(1, min(runtime.NumCPU(), runtime.GOMAXPROCS(0))/2) }

// Lists shares the time of a store's lists among workspaces and callers, as Fair does.
type Lists struct{ fair *Fair }

// NewLists returns a quota of so many lists at once.
func NewLists(slots int) Lists {
	return Lists{NewFair(FairConfig{Slots: slots, MaxWaiting: maxWaitingLists, MaxPerCaller: maxWaitingLists / 4})}
}

// Acquire waits for the caller's turn, which release ends. If too many lists wait
// already, the error is a *paycor.Error of KindBusy.
func (l Lists) Acquire(ctx context.Context, caller paycor.Caller) (release func(), err error) {
	release, err = l.fair.Acquire(ctx, caller)
	if errors.Is(err, ErrCrowded) {
		err = &paycor.Error{Kind: paycor.KindBusy, Message: message.New("error.lists-busy"), RetryAfter: time.Second}
	}
	return release, err
}
