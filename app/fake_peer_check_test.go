package app

import (
	"context"

	"paycorcred/paycor"
)

func (f *fakeService) TryPeerEnvironment(_ context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error) {
	f.asked = append(f.asked, request)
	return f.peer, f.run()
}
