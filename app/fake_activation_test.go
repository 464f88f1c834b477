package app

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
)

func (f *fakeService) StartActivation(_ context.Context, _, redirectURI string) (paycor.Activation, error) {
	begun := f.begun
	begun.RedirectURI = redirectURI
	return begun, f.run()
}

func (f *fakeService) Activate(_ context.Context, _ string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Saved, error) {
	f.answers = append(f.answers, answer)
	return paycor.Saved{Credential: f.one}, f.run()
}

func (f *fakeService) CreateActivationLink(context.Context, string) (activation.NewLink, error) {
	if err := f.run(); err != nil {
		return activation.NewLink{}, err
	}
	link := f.link
	f.links = append([]activation.Link{link.Link}, f.links...)
	return link, nil
}

func (f *fakeService) ActivationLinks(context.Context, string) (activation.LinkList, error) {
	return activation.LinkList{Links: slices.Clone(f.links), Unreadable: f.lost}, f.run()
}

func (f *fakeService) RevokeActivationLink(_ context.Context, _, link string) error {
	if err := f.run(); err != nil {
		return err
	}
	f.links = slices.DeleteFunc(slices.Clone(f.links), func(l activation.Link) bool { return l.ID == link })
	return nil
}
