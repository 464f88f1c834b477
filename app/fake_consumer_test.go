package app

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
)

// fakeConsumers is the part of fakeService about consumers and usage.
type fakeConsumers struct {
	uses     *usage.Usage // nil returns an error
	programs []consumer.Consumer

	nextPrograms    string // cursor of the next page
	consumerQueries []consumer.Query

	hired   []consumer.Draft
	token   string
	revoked []string
}

func (f *fakeService) Usage(context.Context, string) (usage.Usage, error) {
	if f.uses == nil {
		return usage.Usage{}, errors.New("not asked for here")
	}
	return *f.uses, nil
}

func (f *fakeService) ApplicationUsage(ctx context.Context, _ string) (usage.Usage, error) {
	return f.Usage(ctx, "")
}

func (f *fakeService) Consumers(_ context.Context, query consumer.Query) (consumer.Page, error) {
	f.consumerQueries = append(f.consumerQueries, query)
	return consumer.Page{Consumers: f.programs, Next: f.nextPrograms, Total: len(f.programs)}, f.err
}

func (f *fakeService) CreateConsumer(_ context.Context, draft consumer.Draft) (consumer.Created, error) {
	f.hired = append(f.hired, draft)
	return consumer.Created{Consumer: consumer.Consumer{ID: "token_new", Name: draft.Name}, Token: paycor.NewSecret(f.token)}, f.run()
}

func (f *fakeService) RevokeConsumer(_ context.Context, id string) error {
	f.revoked = append(f.revoked, id)
	return f.run()
}
