package app

import (
	"context"
	"errors"

	"paycorcred/paycor"
)

// fakeConsumers is what the fake service knows of consumers and uses.
type fakeConsumers struct {
	uses     *paycor.Usage // nil is an error
	programs []paycor.Consumer
	hired    []paycor.ConsumerDraft
	token    string
	revoked  []string
}

func (f *fakeService) Usage(context.Context, string) (paycor.Usage, error) {
	if f.uses == nil {
		return paycor.Usage{}, errors.New("not asked for here")
	}
	return *f.uses, nil
}

func (f *fakeService) Consumers(context.Context) ([]paycor.Consumer, error) { return f.programs, f.err }

func (f *fakeService) CreateConsumer(_ context.Context, draft paycor.ConsumerDraft) (paycor.NewConsumer, error) {
	f.hired = append(f.hired, draft)
	return paycor.NewConsumer{Consumer: paycor.Consumer{ID: "token_new", Name: draft.Name}, Token: paycor.NewSecret(f.token)}, f.run()
}

func (f *fakeService) RevokeConsumer(_ context.Context, id string) error {
	f.revoked = append(f.revoked, id)
	return f.run()
}
