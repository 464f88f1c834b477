package web_test

import (
	"context"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
)

// validEmbeddedSession is the handle of the only embedded session.
const validEmbeddedSession = "pce_test-handle-of-a-frame"

// hosts is the part of fakeService about embedding sites.
type hosts struct {
	draft   embed.HostDraft
	patch   embed.HostPatch
	match   string
	removed string
	hostErr error
}

func sampleHost() embed.Host {
	return embed.Host{
		ID: "console", Name: "Console", Workspace: paycor.DefaultWorkspace, Origins: []string{"https://console.example", "http://localhost:3000"},
		Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}, Keys: []byte(`{"keys":[]}`), CreatedAt: testTime, CreatedBy: "Ann", Version: 3,
	}
}

func (h *hosts) Hosts(context.Context) (embed.HostList, error) {
	tenant := embed.Tenant{ID: "acme", Workspace: "acme", Rights: paycor.Rights{paycor.RightView}, CreatedAt: testTime, Altered: true}
	return embed.HostList{Hosts: []embed.Host{sampleHost()}, Tenants: map[string][]embed.Tenant{sampleHost().ID: {tenant}}}, h.hostErr
}

func (h *hosts) AddHost(_ context.Context, draft embed.HostDraft) (embed.Host, error) {
	h.draft = draft
	return sampleHost(), h.hostErr
}

func (h *hosts) UpdateHost(_ context.Context, _ string, patch embed.HostPatch, ifMatch string) (embed.Host, error) {
	h.patch, h.match = patch, ifMatch
	return sampleHost(), h.hostErr
}

func (h *hosts) RemoveHost(_ context.Context, id string) error {
	h.removed = id
	return h.hostErr
}

// embedding is a web.Embedding with one site and one session.
type embedding struct {
	mu       sync.Mutex
	request  embed.Request
	symptoms embed.Symptoms
	creator  paycor.Caller // of the last one-time token
	draft    embed.OneTimeTokenDraft
	err      error // error of an exchange, and of a new one-time token
	ended    bool
}

func (e *embedding) EmbeddingHost(_ context.Context, id string) (embed.Host, error) {
	if id != "console" {
		return embed.Host{}, paycor.Errorf(embed.KindHostUnknown, "No host of this id is registered here.")
	}
	return sampleHost(), nil
}

func (e *embedding) Exchange(_ context.Context, request embed.Request) (embed.Session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.request = request
	return embed.Session{Handle: paycor.NewSecret(validEmbeddedSession), ExpiresAt: testTime.Add(15 * time.Minute), Caller: embeddedCaller()}, e.err
}

func (e *embedding) CreateOneTimeToken(_ context.Context, caller paycor.Caller, draft embed.OneTimeTokenDraft) (embed.OneTimeToken, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.creator, e.draft = caller, draft
	return embed.OneTimeToken{Token: paycor.NewSecret("pco_test-one-time-token"), ExpiresAt: testTime.Add(embed.OneTimeTokenLifetime)}, e.err
}

func embeddedCaller() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerEmbedded, ID: "console/ann", Name: "ann (Console)", Workspace: paycor.DefaultWorkspace, Rights: paycor.Rights{paycor.RightView}}
}

func (e *embedding) CallerByEmbedding(_ context.Context, handle paycor.Secret) (paycor.Caller, error) {
	if handle.Reveal() != validEmbeddedSession || e.ended {
		return paycor.Caller{}, errUnauthorized
	}
	return embeddedCaller(), nil
}

func (e *embedding) ExamineEmbedding(ctx context.Context, symptoms embed.Symptoms) ([]embed.CheckResult, error) {
	e.symptoms = symptoms
	if _, err := e.EmbeddingHost(ctx, symptoms.Host); err != nil {
		return nil, err
	}
	return []embed.CheckResult{{Name: "origin", State: embed.CheckBad, Message: message.Text("<b>Not</b> registered."), Remedy: message.Text("Have it registered.")}}, nil
}

// registered returns the draft of the site; fakeService has a credential draft too.
func (s *fakeService) registered() embed.HostDraft { return s.hosts.draft }
