package app

import (
	"context"

	"paycorcred/paycor"
)

func (f *fakeService) TryCounterpart(_ context.Context, request paycor.VerifyRequest) (paycor.CounterpartAnswer, error) {
	f.asked = append(f.asked, request)
	return f.counterpart, f.run()
}
