package app

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
)

// fakeHosts is an embed.Service with responses that a test sets.
type fakeHosts struct {
	hosts   []embed.Host
	drafts  []embed.HostDraft
	patches []embed.HostPatch
	matches []string
	removed []string
	hostErr error
	stale   bool // the next change conflicts with another one
}

func (f *fakeHosts) Hosts(context.Context) (embed.HostList, error) {
	return embed.HostList{Hosts: f.hosts}, f.hostErr
}

func (f *fakeHosts) AddHost(_ context.Context, draft embed.HostDraft) (embed.Host, error) {
	f.drafts = append(f.drafts, draft)
	return embed.Host{ID: "made", Name: draft.Name, Origins: draft.Origins, Rights: draft.Rights}, f.hostErr
}

func (f *fakeHosts) UpdateHost(_ context.Context, id string, patch embed.HostPatch, ifMatch string) (embed.Host, error) {
	f.patches, f.matches = append(f.patches, patch), append(f.matches, ifMatch)
	if f.stale {
		return embed.Host{}, paycor.Errorf(paycor.KindStale, "Somebody else changed it.")
	}
	for _, host := range f.hosts {
		if host.ID == id {
			draft := patch.Over(host)
			host.Name, host.Origins, host.Rights = draft.Name, draft.Origins, draft.Rights
			return host, f.hostErr
		}
	}
	return embed.Host{}, f.hostErr
}

func (f *fakeHosts) RemoveHost(_ context.Context, id string) error {
	f.removed = append(f.removed, id)
	return f.hostErr
}
