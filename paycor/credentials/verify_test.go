package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

func TestOutageDoesNotReject(t *testing.T) {
	for _, code := range []verdicts.Code{verdicts.CodeTimeout, verdicts.CodeDNS, verdicts.CodeServerError, verdicts.CodeRateLimited, verdicts.CodeQuota} {
		t.Run(string(code), func(t *testing.T) {
			b := env.New(t)
			service := b.As(env.Administrator())
			saved := env.Create(t, service)
			b.Paycor.Answer(code)
			verdict, err := service.Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
			assert.Empty(t, verdict.Fields)
			current, err := service.Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, paycor.StateNotReachable, current.State)
			assert.Equal(t, verdicts.CodeVerified, current.LastConclusive.Code)
			assert.Equal(t, code, current.Verdict.Code)

			b.Paycor.Answer(verdicts.CodeVerified)
			_, err = service.Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
			current, err = service.Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, paycor.StateVerified, current.State)
		})
	}
}

func TestVerifyDraftFillsBlanksFromCredential(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{LegalEntityID: "501124"}}, nil)
	require.NoError(t, err)
	request := b.Paycor.Requests()[1]
	assert.Equal(t, env.Draft().ClientSecret, request.Draft.ClientSecret)
	assert.Equal(t, env.Draft().SubscriptionKey, request.Draft.SubscriptionKey)
	assert.Equal(t, paycor.TypedID("501124"), request.Draft.LegalEntityID)
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, saved.Credential, current, "a draft stores nothing")
}

func TestVerifyDraftWithoutLegalEntityID(t *testing.T) {
	b := env.New(t)
	open := env.Draft()
	open.Name, open.LegalEntityID = "", ""
	_, err := b.As(env.Administrator()).VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: open}, nil)
	assert.NoError(t, err)
	assert.Equal(t, 1, b.Paycor.Calls())
}

func TestConcurrentVerificationsAreLimited(t *testing.T) {
	b := env.New(t) // has 4 slots, 1 per caller and 3 per workspace
	service := b.As(env.Administrator())
	another := func(id string) api.Service {
		caller := env.Administrator()
		caller.ID = id
		return b.As(caller)
	}
	saved, err := service.Create(t.Context(), env.Draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	asking, release := make(chan struct{}, 4), make(chan struct{})
	b.Paycor.During(func() { asking <- struct{}{}; <-release })
	done := make(chan error, 4)
	ask := func(service api.Service) {
		go func() {
			_, err := service.Verify(t.Context(), saved.ID, nil)
			done <- err
		}()
		<-asking
	}
	ask(service)
	_, err = service.Verify(t.Context(), saved.ID, nil)
	assert.Equal(t, paycor.KindBusy, paycor.KindOf(err), "one caller cannot take all slots")
	for _, id := range []string{"ben", "cem"} {
		ask(another(id))
	}
	_, err = another("eve").Verify(t.Context(), saved.ID, nil)
	assert.Equal(t, paycor.KindBusy, paycor.KindOf(err), "the last slot is for another workspace")
	close(release)
	for range 3 {
		assert.NoError(t, <-done)
	}
}

func TestSaveSurvivesInternalError(t *testing.T) {
	b := env.New(t)
	b.Paycor.Fail(errors.New("internal error"))
	saved, err := b.As(env.Administrator()).Create(t.Context(), env.Draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateNotVerified, saved.State)
}

func TestChangesAreRecordedWithoutValues(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	_, err := service.Update(t.Context(), saved.ID, paycor.Patch{ClientSecret: ptr(paycor.NewSecret("second-canary/of+the+manager+test+00000001"))}, paycor.UpdateOptions{})
	require.NoError(t, err)
	_, err = service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: env.Draft()}, nil)
	require.NoError(t, err)
	require.NoError(t, service.Delete(t.Context(), saved.ID, ""))

	var actions []audit.Action
	for _, entry := range b.Trail(t) {
		if entry.Outcome != audit.OutcomeStarted {
			actions = append(actions, entry.Action)
		}
		assert.Equal(t, "ann", entry.CallerID)
		assert.Equal(t, "127.0.0.1", entry.From)
		assert.Equal(t, "r1", entry.RequestID)
		if entry.Action == audit.ActionVerifyDraft {
			assert.Equal(t, env.Draft().Environment, audit.TriedEnvironment(entry.Detail), "the environment that got unsaved values")
		}
	}
	assert.Equal(t, []audit.Action{
		audit.ActionDelete, audit.ActionVerifyDraft, audit.ActionUpdate, audit.ActionVerifyDraft, audit.ActionVerify, audit.ActionCreate,
	}, actions)
	written, err := json.Marshal(b.Trail(t))
	require.NoError(t, err)
	assert.Contains(t, string(written), `"fields":["client_secret"]`)
	assert.NotContains(t, string(written), "canary")
	assert.NotContains(t, string(written), "0000cafe", "a hash may hold the shorter word")
}

func TestChangesReachTheirWorkspaceOnly(t *testing.T) {
	b := env.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	ours, theirs := b.Changes(ctx, env.Administrator()), b.Changes(ctx, paycor.Caller{Kind: paycor.CallerPerson, ID: "x", Workspace: "other", Rights: paycor.AllRights()})
	saved, err := b.As(env.Administrator()).Create(t.Context(), env.Draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Equal(t, events.Change{ID: saved.ID, Action: audit.ActionCreate}, <-ours)
	cancel()
	_, open := <-theirs
	assert.False(t, open, "nothing of another workspace, and an end with the context")
}

// A verification used the stored secrets, even if the caller disconnects or the
// credential is changed or deleted meanwhile.
func TestEveryVerificationIsRecorded(t *testing.T) {
	whole := func(paycor.Saved) paycor.VerifyRequest { return paycor.VerifyRequest{Draft: env.Draft()} }
	filled := func(saved paycor.Saved) paycor.VerifyRequest { return paycor.VerifyRequest{ID: saved.ID} }
	verify := func(ctx context.Context, service api.Service, saved paycor.Saved) error {
		_, err := service.Verify(ctx, saved.ID, nil)
		return err
	}
	verifyDraft := func(request func(paycor.Saved) paycor.VerifyRequest) func(context.Context, api.Service, paycor.Saved) error {
		return func(ctx context.Context, service api.Service, saved paycor.Saved) error {
			_, err := service.VerifyDraft(ctx, request(saved), nil)
			return err
		}
	}
	disconnect := func(_ *testing.T, _ api.Service, _ paycor.Saved, cancel func()) { cancel() }
	change := func(t *testing.T, service api.Service, saved paycor.Saved, _ func()) {
		_, err := service.Update(t.Context(), saved.ID, paycor.Patch{ClientID: ptr("0000000000000000bbbb")}, paycor.UpdateOptions{SkipVerify: true})
		assert.NoError(t, err)
	}
	remove := func(t *testing.T, service api.Service, saved paycor.Saved, _ func()) {
		assert.NoError(t, service.Delete(t.Context(), saved.ID, ""))
	}
	for name, test := range map[string]struct {
		verify  func(context.Context, api.Service, paycor.Saved) error
		during  func(*testing.T, api.Service, paycor.Saved, func())
		action  audit.Action
		outcome string
		fails   bool
	}{
		"saved, disconnected":  {verify, disconnect, audit.ActionVerify, "unfinished", true},
		"draft, disconnected":  {verifyDraft(whole), disconnect, audit.ActionVerifyDraft, "unfinished", true},
		"filled, disconnected": {verifyDraft(filled), disconnect, audit.ActionVerifyDraft, "unfinished", true},
		"saved, changed":       {verify, change, audit.ActionVerify, "verified", false},
		"saved, deleted":       {verify, remove, audit.ActionVerify, "verified", true},
		"filled, deleted":      {verifyDraft(filled), remove, audit.ActionVerifyDraft, "verified", false},
		"filled, changed":      {verifyDraft(filled), change, audit.ActionVerifyDraft, "verified", false},
		"draft, another saved": {verifyDraft(whole), change, audit.ActionVerifyDraft, "verified", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := env.New(t)
			service := b.As(env.Administrator())
			saved, err := service.Create(t.Context(), env.Draft(), paycor.CreateOptions{SkipVerify: true})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.Paycor.During(func() { test.during(t, service, saved, cancel) })
			err = test.verify(ctx, service, saved)
			assert.Equal(t, test.fails, err != nil, "%v", err)
			last := b.Trail(t)[0]
			assert.Equal(t, test.action, last.Action)
			assert.Equal(t, test.outcome, last.Outcome)
		})
	}
}
