package web_test

import (
	"context"
	"sync"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
)

// authorizePage is where the fake sends browsers, with an invented key.
const authorizePage = "https://paycor.example/authorize?subscription-key=" + canaryKey

// canaryLink is the code of an invented activation link.
const canaryLink = "Canary-Link_00000000000000000000000000000000"

// fakeActivations is web.Activations with one started activation and one link.
type fakeActivations struct {
	mu         sync.Mutex
	opened     []paycor.Caller
	started    []paycor.Caller
	finished   []paycor.Caller
	answer     paycor.ActivationAnswer
	activated  paycor.Credential
	found      bool
	invitation activation.Invitation
	err        error
}

func (f *fakeActivations) OpenActivation(_ context.Context, handle paycor.Secret, callers ...paycor.Caller) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", f.err
	}
	if handle.Reveal() != canaryStart || len(f.opened) > 0 || len(callers) == 0 {
		return "", errUnauthorized
	}
	f.opened = append(f.opened, callers...)
	return authorizePage, nil
}

func (f *fakeActivations) Invitation(_ context.Context, code paycor.Secret) (activation.Invitation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if code.Reveal() != canaryLink {
		return activation.Invitation{}, errUnauthorized
	}
	return f.invitation, f.err
}

func (f *fakeActivations) StartActivationByLink(_ context.Context, _ paycor.Secret, caller paycor.Caller, _ string) (paycor.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, caller)
	return paycor.NewSecret(canaryStart), f.err
}

func (f *fakeActivations) FinishActivationByLink(_ context.Context, visitor paycor.Caller, answer paycor.ActivationAnswer) (paycor.Credential, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finished, f.answer = append(f.finished, visitor), answer
	return f.activated, f.found, f.err
}

// The links of the fake service.

func (s *fakeService) CreateActivationLink(context.Context, string) (activation.NewLink, error) {
	link := activation.Link{ID: "actlink_a", State: activation.LinkOpen, CreatedAt: testTime, CreatedBy: "Ann", ExpiresAt: testTime.Add(activation.LinkLifetime)}
	return activation.NewLink{Link: link, Code: paycor.NewSecret(canaryLink)}, s.note("create activation link")
}

func (s *fakeService) ActivationLinks(context.Context, string) (activation.LinkList, error) {
	list := activation.LinkList{Unreadable: 1, Links: []activation.Link{{ID: "actlink_a", State: activation.LinkRevoked, CreatedAt: testTime, CreatedBy: "Ann", ExpiresAt: testTime, RevokedAt: testTime, RevokedBy: "Bob"}}}
	return list, s.note("list activation links")
}

func (s *fakeService) RevokeActivationLink(_ context.Context, _, link string) error {
	if link != "actlink_a" {
		return paycor.Errorf(paycor.KindNotFound, "error.activation-link-not-found")
	}
	return s.note("revoke activation link")
}
