package api

import (
	"context"
	"paycorcred/paycor"
)

// Counterparts answers "could it be the other environment?".
type Counterparts interface {
	// TryCounterpart asks the counterpart of the draft's environment about the
	// draft's values, or about the saved credential's where the draft is blank.
	// It is for somebody who asks for it after the key or the client was refused:
	// nothing does it by itself, and nothing is stored or changed by it.
	TryCounterpart(ctx context.Context, request paycor.VerifyRequest) (paycor.CounterpartAnswer, error)
}
