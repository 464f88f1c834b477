package api

import (
	"context"

	"paycorcred/paycor"
)

// PeerEnvironments tries values in the other environment of a pair.
type PeerEnvironments interface {
	// TryPeerEnvironment verifies the draft's values, or the saved credential's
	// where the draft is blank, in the peer of the draft's environment. Callers
	// ask for it explicitly after a rejected key or client. It stores and changes
	// nothing.
	TryPeerEnvironment(ctx context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error)
}
