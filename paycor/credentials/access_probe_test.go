package credentials_test

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// peerSimulation is a backend with two simulators whose environments are peers.
type peerSimulation struct {
	*backend.Backend
	store  store.Store
	paycor *paycortest.Server
	other  *paycortest.Server // the other environment
}

func simulatePeers(t *testing.T) *peerSimulation {
	t.Helper()
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key"),
	})
	require.NoError(t, err)
	r := &peerSimulation{store: opened, paycor: paycortest.Start(t, paycortest.Config{}), other: paycortest.Start(t, paycortest.Config{Peer: true})}
	transport := upstream.NewTransport(nil)
	transport.DisableKeepAlives = true // every test has its own servers
	client := upstream.New(upstream.Config{Transport: transport, RetryPause: -1})
	r.Backend, err = backend.New(backend.Config{
		LastFlush: env.Timeout,
		Store:     opened, Verify: client.Verify, TokenClient: tokens.NewClient(client), ProbeAccess: client.DataAccess,
		Environments: []paycor.Environment{
			{Name: "simulator", APIURL: r.paycor.URL, Peer: "mirror"},
			{Name: "mirror", APIURL: r.other.URL, Peer: "simulator"},
			{Name: "alone", APIURL: r.other.URL},
			{Name: "onesided", APIURL: r.paycor.URL, Peer: "alone"},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), env.Timeout)
		defer cancel()
		require.NoError(t, r.Close(ctx))
		require.NoError(t, opened.Close())
	})
	return r
}

// sample returns the values of a sample application as a person enters them.
func (r *peerSimulation) sample(name string) paycor.Draft {
	details := r.paycor.Lookup(name).Details()
	return paycor.Draft{
		Name: name, Environment: "simulator", ClientID: details.ClientID,
		ClientSecret: paycor.NewSecret(details.ClientSecret), SubscriptionKey: paycor.NewSecret(details.PrimaryKey),
		LegalEntityID: id(details.Entities[0].ID),
	}
}

// readable returns what the probe says about each list of data.
func readable(access *verdicts.DataAccess) map[string]verdicts.Readable {
	all := map[string]verdicts.Readable{}
	for _, group := range access.Groups {
		for _, datum := range group.Data {
			all[datum.Name] = datum.Readable
		}
	}
	return all
}

func TestSaveDoesNotWaitForAccessProbe(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	changes := r.Changes(t.Context(), env.Administrator())
	saved, err := service.Create(t.Context(), r.sample(paycortest.OldMillFoods), paycor.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, paycor.StateVerified, saved.State)
	assert.Nil(t, saved.Verdict.DataAccess)

	for change := range changes {
		if change.Action == audit.ActionAccessProbe {
			break
		}
	}
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	require.NotNil(t, current.Verdict.DataAccess)
	access := readable(current.Verdict.DataAccess)
	assert.Equal(t, verdicts.ReadableYes, access["employees"])
	assert.Equal(t, verdicts.ReadableNo, access["pay_data"])
	assert.NotEqual(t, saved.ETag(), current.ETag())
	assert.Equal(t, saved.Version, current.Version, "it does not invalidate an edit")

	// An outage, or a verification without a probe, does not change it.
	r.paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	current, err = service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	require.NotNil(t, current.LastConclusive.DataAccess)
}

// A rotation or an activation probes like a save if the result is unknown or a
// rejection discarded it.
func TestRotationAndActivationProbeAccess(t *testing.T) {
	for name, act := range map[string]func(t *testing.T, r *peerSimulation, service api.Service, draft paycor.Draft) string{
		"rotation": func(t *testing.T, r *peerSimulation, service api.Service, draft paycor.Draft) string {
			saved, err := service.Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
			require.NoError(t, err)
			r.paycor.Lookup(draft.Name).Change(func(d *paycortest.Details) { d.ClientSecret = newSecret })
			_, err = service.Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
			rotated, err := service.Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
			require.NoError(t, err)
			require.True(t, rotated.Promoted)
			return saved.ID
		},
		"activation": func(t *testing.T, r *peerSimulation, service api.Service, draft paycor.Draft) string {
			app := r.paycor.Lookup(draft.Name)
			draft.Scope = app.Details().Scopes[0].ID
			saved, err := service.Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
			require.NoError(t, err)
			_, err = service.Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(app.IssueRefreshToken())}, nil)
			require.NoError(t, err)
			return saved.ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := simulatePeers(t)
			service := r.As(env.Administrator())
			id := act(t, r, service, r.sample(map[string]string{"rotation": paycortest.OldMillFoods, "activation": paycortest.HarborLogistics}[name]))
			assert.Eventually(t, func() bool {
				current, err := service.Credential(t.Context(), id)
				return err == nil && current.State == paycor.StateVerified && current.Verdict.DataAccess != nil
			}, 20*time.Second, 10*time.Millisecond)
		})
	}
}

// A verification by the server probes if a rejection discarded the result.
func TestServerVerificationProbesAccess(t *testing.T) {
	r := simulatePeers(t)
	service, app := r.As(env.Administrator()), r.paycor.Lookup(paycortest.OldMillFoods)
	saved, err := service.Create(t.Context(), r.sample(paycortest.OldMillFoods), paycor.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool { // wait for the probe of the save
		current, err := service.Credential(t.Context(), saved.ID)
		return err == nil && current.Verdict.DataAccess != nil
	}, 20*time.Second, 10*time.Millisecond)
	old := app.Details().ClientSecret
	for _, secret := range []string{newSecret, old} {
		app.Change(func(d *paycortest.Details) { d.ClientSecret = secret })
		if secret == newSecret {
			_, err = service.Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
		}
	}
	_, after, err := r.VerifySaved(t.Context(), env.Key(saved.ID), "use")
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, after.State)
	assert.Eventually(t, func() bool {
		current, err := service.Credential(t.Context(), saved.ID)
		return err == nil && current.State == paycor.StateVerified && current.Verdict.DataAccess != nil
	}, 20*time.Second, 10*time.Millisecond)
}

func TestVerificationProbesAccess(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	var steps []verdicts.Step
	verdict, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: r.sample(paycortest.SunriseBakery)}, func(step verdicts.Step) { steps = append(steps, step) })
	require.NoError(t, err)
	require.NotNil(t, verdict.DataAccess)
	assert.Equal(t, verdicts.StepDataAccess, steps[len(steps)-1].Name)
	for name, readable := range readable(verdict.DataAccess) {
		assert.Equal(t, verdicts.ReadableYes, readable, name)
	}
	assert.Equal(t, "r1", verdict.RequestID)
	before := r.paycor.Counts().Requests
	verdict, err = service.VerifyDraft(t.Context(), paycor.VerifyRequest{SkipDataAccess: true, Draft: r.sample(paycortest.SunriseBakery)}, nil)
	require.NoError(t, err)
	assert.Nil(t, verdict.DataAccess)
	assert.Equal(t, before+3, r.paycor.Counts().Requests, "token, list and legal entity")
}

func TestVerificationIsRecordedBeforeRequest(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	for name, verify := range map[string]func() error{
		"saved": func() error { _, err := service.Verify(t.Context(), saved.ID, nil); return err },
		"draft": func() error {
			_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: env.Draft()}, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var seen audit.Entry
			b.Paycor.During(func() { seen = b.Trail(t)[0] })
			require.NoError(t, verify())
			assert.Equal(t, audit.OutcomeStarted, seen.Outcome)
			assert.Equal(t, "ann", seen.CallerID)
			assert.Equal(t, "verified", b.Trail(t)[0].Outcome)
		})
	}
	t.Run("or nothing is sent", func(t *testing.T) {
		before := b.Paycor.Calls()
		_, err := b.NewBackend(t, env.BrokenTrail{Store: b.Store}).As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
		assert.ErrorIs(t, err, env.ErrBrokenTrail)
		assert.Equal(t, before, b.Paycor.Calls())
	})
}

func id(number int) paycor.TypedID { return paycor.TypedID(strconv.Itoa(number)) }
