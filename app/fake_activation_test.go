package app

import (
	"context"

	"paycorcred/paycor"
)

func (f *fakeService) StartActivation(_ context.Context, _, redirectURI string) (paycor.Activation, error) {
	begun := f.begun
	begun.RedirectURI = redirectURI
	return begun, f.run()
}

func (f *fakeService) Activate(_ context.Context, _ string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Credential, error) {
	f.answers = append(f.answers, answer)
	return f.one, f.run()
}
