package app

import (
	"context"

	"paycorcred/paycor"
)

func (f *fakeService) StartActivation(_ context.Context, _, redirectURI string) (paycor.Activation, error) {
	return paycor.Activation{RedirectURI: redirectURI}, f.run()
}

func (f *fakeService) Activate(context.Context, string, paycor.ActivationAnswer, paycor.Progress) (paycor.Credential, error) {
	return f.one, f.run()
}
