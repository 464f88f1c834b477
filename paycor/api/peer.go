package api

import (
	"context"

	"paycorcred/paycor"
)

// PeerEnvironments tries values in the other environment of a pair.
type PeerEnvironments interface {
	// TryPeerEnvironment verifies the draft's values in the peer of the draft's
	// environment. Blank fields are taken from the saved credential. Callers
	// request it explicitly after a rejected key or client. It stores and
	// changes nothing.
	TryPeerEnvironment(ctx context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error)
}
