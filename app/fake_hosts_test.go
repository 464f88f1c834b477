package app

import (
	"context"

	"paycorcred/paycor"
)

// fakeHosts is a paycor.HostService whose answers a test sets.
type fakeHosts struct {
	hosts   []paycor.Host
	drafts  []paycor.HostDraft
	removed []string
	hostErr error
}

func (f *fakeHosts) Hosts(context.Context) ([]paycor.Host, error) { return f.hosts, f.hostErr }

func (f *fakeHosts) AddHost(_ context.Context, draft paycor.HostDraft) (paycor.Host, error) {
	f.drafts = append(f.drafts, draft)
	return paycor.Host{ID: "made", Name: draft.Name, Origins: draft.Origins, Rights: draft.Rights}, f.hostErr
}

func (f *fakeHosts) RemoveHost(_ context.Context, id string) error {
	f.removed = append(f.removed, id)
	return f.hostErr
}
