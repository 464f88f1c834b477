package sites_test

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/testkit/env"
)

func TestSitesAreManagedAndRecorded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	service := e.As(env.Administrator())
	host, err := service.AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	assert.Equal(t, "console", host.ID)
	assert.Equal(t, "default", host.Workspace)
	assert.Equal(t, "Ann", host.CreatedBy)
	entry := e.Trail(t)[0]
	assert.Equal(t, audit.ActionHostAdd, entry.Action)
	assert.Equal(t, "console", entry.Detail)

	_, err = service.AddHost(t.Context(), s.Draft())
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	nameless := s.Draft()
	nameless.ID = ""
	created, err := service.AddHost(t.Context(), nameless)
	require.NoError(t, err)
	assert.True(t, embed.IsHostID(created.ID), created.ID)
	for name, change := range map[string]func(*embed.HostDraft){
		"private key": func(d *embed.HostDraft) {
			d.Keys = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}`
		},
		"name of control characters": func(d *embed.HostDraft) { d.Name = "Con\x1b[2Jsole" },
		"wildcard":                   func(d *embed.HostDraft) { d.Origins = []string{"https://*.example"} },
	} {
		draft := s.Draft()
		draft.ID = ""
		change(&draft)
		_, err := service.AddHost(t.Context(), draft)
		assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), name)
	}

	other := env.Administrator()
	other.Workspace = "other"
	theirs, err := e.As(other).AddHost(t.Context(), s.Draft())
	require.NoError(t, err, "each workspace has IDs of its own")
	assert.Equal(t, "other.console", theirs.ID)
	found, err := e.EmbeddingHost(t.Context(), "other.console")
	require.NoError(t, err)
	assert.Equal(t, "other", found.Workspace)
	found, err = e.EmbeddingHost(t.Context(), "console")
	require.NoError(t, err)
	assert.Equal(t, "default", found.Workspace)
	_, err = e.As(other).AddHost(t.Context(), s.Draft())
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err), "their own")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.RemoveHost(t.Context(), "other.console")))
	require.NoError(t, e.As(other).RemoveHost(t.Context(), "other.console"))
	strange := other
	strange.Workspace = "Ünïted & Co"
	theirs, err = e.As(strange).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	assert.True(t, embed.IsHostID(theirs.ID), theirs.ID)
	assert.NotEqual(t, "console", theirs.ID)
	hosts, err := e.As(other).Hosts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, hosts.Hosts, "another workspace's are not seen")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(e.As(other).RemoveHost(t.Context(), "console")))
	hosts, err = service.Hosts(t.Context())
	require.NoError(t, err)
	assert.Len(t, hosts.Hosts, 2)
	require.NoError(t, service.RemoveHost(t.Context(), "console"))
	assert.Equal(t, audit.ActionHostRemove, e.Trail(t)[0].Action)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.RemoveHost(t.Context(), "console")))

	_, err = e.NewBackend(t, env.BrokenTrail{Store: e.Store}).As(env.Administrator()).AddHost(t.Context(), s.Draft())
	assert.ErrorIs(t, err, env.ErrBrokenTrail)
	hosts, _ = service.Hosts(t.Context())
	assert.Len(t, hosts.Hosts, 1, "what is not written down is not done")
}

func TestManagingSitesNeedsAdmin(t *testing.T) {
	t.Parallel()
	embedded := env.Administrator()
	embedded.Kind = paycor.CallerEmbedded
	tests := map[string]struct {
		caller paycor.Caller
		ok     bool
		detail string
	}{
		"admin":                 {env.Person(paycor.RightAdmin, paycor.RightView, paycor.RightEdit), true, ""},
		"everything else":       {env.Person(paycor.RightView, paycor.RightUse, paycor.RightEdit), false, "missing_right_admin"},
		"from inside of a host": {embedded, false, "embedded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := env.New(t)
			service, s := e.As(test.caller), env.NewSite(t, e.Clock.Now)
			_, listed := service.Hosts(t.Context())
			_, added := service.AddHost(t.Context(), s.Draft())
			_, changed := service.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Renamed")}, "")
			removed := service.RemoveHost(t.Context(), "console")
			for _, err := range []error{listed, added, changed, removed} {
				if test.ok {
					assert.NoError(t, err)
					continue
				}
				assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
			}
			if !test.ok {
				trail := e.Trail(t)
				require.Len(t, trail, 4)
				assert.Equal(t, test.detail, trail[0].Detail)
			}
		})
	}
}

// A site signs its own tokens, so nobody can register one with rights they lack.
func TestCallersGrantSitesOnlyWhatTheyHave(t *testing.T) {
	t.Parallel()
	ending := env.Administrator()
	ending.Until = time.Now().Add(time.Hour)
	tests := map[string]struct {
		caller paycor.Caller
		rights paycor.Rights
		says   string
	}{
		"another right":         {env.Person(paycor.RightAdmin), paycor.Rights{paycor.RightEdit}, "problem.site-right-not-held (edit)"},
		"one right of several":  {env.Person(paycor.RightAdmin, paycor.RightView), paycor.Rights{paycor.RightView, paycor.RightUse}, "problem.site-right-not-held (use)"},
		"longer than the token": {ending, paycor.Rights{paycor.RightView}, "problem.site-outlives-token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := env.New(t)
			draft := env.NewSite(t, e.Clock.Now).Draft()
			draft.Rights = test.rights
			_, err := e.As(test.caller).AddHost(t.Context(), draft)
			require.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
			assert.ErrorContains(t, err, test.says)
			hosts, err := e.As(env.Administrator()).Hosts(t.Context())
			require.NoError(t, err)
			assert.Empty(t, hosts.Hosts)
		})
	}
	e := env.New(t)
	draft := env.NewSite(t, e.Clock.Now).Draft()
	draft.Rights = paycor.Rights{paycor.RightRead}
	_, err := e.As(env.Person(paycor.RightAdmin, paycor.RightUse)).AddHost(t.Context(), draft)
	assert.NoError(t, err, "use includes read")
}

func TestTokenIsExchangedOnce(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	second := e.NewBackend(t, e.Store)

	request := s.Request(t, nil)
	var good atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			m := []*backend.Backend{e.Backend, second}[i%2] // two processes over one store
			_, err := m.Exchange(t.Context(), request)
			if err == nil {
				good.Add(1)
			} else {
				assert.Equal(t, embed.KindTokenReplayed, paycor.KindOf(err))
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, good.Load())

	require.NoError(t, e.As(env.Administrator()).RemoveHost(t.Context(), "console"))
	_, err = e.As(env.Administrator()).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	_, err = e.Exchange(t.Context(), request)
	assert.Equal(t, embed.KindTokenReplayed, paycor.KindOf(err), "the site was registered again with the same key")

	_, err = e.NewBackend(t, env.BrokenTrail{Store: e.Store}).Exchange(t.Context(), s.Request(t, nil))
	assert.ErrorIs(t, err, env.ErrBrokenTrail)
}

func TestEmbeddedSession(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	admin := e.As(env.Administrator())
	_, err := admin.AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	session, err := e.Exchange(t.Context(), s.Request(t, map[string]any{"rights": []string{"view"}}))
	require.NoError(t, err)
	caller, err := e.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerEmbedded, caller.Kind)
	assert.Equal(t, "console/ann", caller.ID)
	assert.Equal(t, "ann (Console)", caller.Name)
	assert.Equal(t, "default", caller.Workspace)
	assert.Equal(t, paycor.Rights{paycor.RightView}, caller.Rights)
	entry := e.Trail(t)[0]
	assert.Equal(t, audit.ActionEmbed, entry.Action)
	assert.Equal(t, "console/ann", entry.CallerID)
	assert.Equal(t, "192.0.2.7", entry.From)

	for name, handle := range map[string]string{"none": "", "made up": "pce_x", "an API token": "pcc_x"} {
		_, err := e.CallerByEmbedding(t.Context(), paycor.NewSecret(handle))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), name)
	}
	_, err = e.CallerBySession(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is not a cookie's handle")
	_, err = e.CallerByToken(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is not an API token")

	e.Clock.Pass(embed.SessionLifetime + time.Second)
	_, err = e.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it has ended")

	session, err = e.Exchange(t.Context(), s.Request(t, nil))
	require.NoError(t, err)
	require.NoError(t, admin.RemoveHost(t.Context(), "console"))
	_, err = e.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "the site was removed")
	_, err = e.Exchange(t.Context(), s.Request(t, nil))
	assert.Equal(t, embed.KindHostUnknown, paycor.KindOf(err))
}

// A token verified for one version of a site opens no session of another.
func TestSiteChangesDuringExchange(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	var change func()
	m := e.NewBackend(t, e.Store, func(c *backend.Config) {
		c.Embed = hosttoken.Config{Clock: func() time.Time {
			if change != nil {
				change()
			}
			return e.Clock.Now()
		}}
	})
	change = func() {
		change = nil
		_, err := e.As(env.Administrator()).UpdateHost(t.Context(), "console", embed.HostPatch{Rights: &paycor.Rights{paycor.RightView}}, "")
		assert.NoError(t, err)
	}
	_, err = m.Exchange(t.Context(), s.Request(t, nil))
	assert.Equal(t, paycor.KindBusy, paycor.KindOf(err))
	assert.Nil(t, change, "the site changed")
}

// Removing a right or an origin from a site affects its open frames at once.
func TestUpdateHost(t *testing.T) {
	t.Parallel()
	const second = "https://admin.example"
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	admin := e.As(env.Administrator())
	draft := s.Draft()
	draft.Origins = append(draft.Origins, second)
	host, err := admin.AddHost(t.Context(), draft)
	require.NoError(t, err)
	open := func(origin string) paycor.Secret {
		request := s.Request(t, map[string]any{"origin": origin})
		request.Origin = origin
		session, err := e.Exchange(t.Context(), request)
		require.NoError(t, err)
		return session.Handle
	}
	first, other := open(env.SiteOrigin), open(second)

	changes := e.Changes(t.Context(), env.Administrator())
	changed, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Renamed"), Rights: &paycor.Rights{paycor.RightView}}, host.ETag())
	require.NoError(t, err)
	assert.Equal(t, "Renamed", changed.Name)
	assert.Equal(t, draft.Origins, changed.Origins, "absent fields are kept")
	assert.JSONEq(t, draft.Keys, string(changed.Keys))
	assert.Equal(t, events.Change{Action: audit.ActionHostUpdate}, <-changes, "open frames are notified")
	entry := e.Trail(t)[0]
	assert.Equal(t, audit.ActionHostUpdate, entry.Action)
	assert.Equal(t, "console", entry.Detail)
	assert.Equal(t, []fields.Field{fields.HostName, fields.HostRights}, entry.Fields)
	caller, err := e.CallerByEmbedding(t.Context(), first)
	require.NoError(t, err)
	assert.Equal(t, paycor.Rights{paycor.RightView}, caller.Rights, "the right was removed")

	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Overwritten")}, host.ETag())
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))
	entries := len(e.Trail(t))
	same, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr(" Renamed "), Keys: ptr(" " + draft.Keys)}, changed.ETag())
	require.NoError(t, err)
	assert.Equal(t, changed, same)
	assert.Len(t, e.Trail(t), entries, "nothing was changed")

	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Origins: &[]string{env.SiteOrigin}}, changed.ETag())
	require.NoError(t, err)
	_, err = e.CallerByEmbedding(t.Context(), other)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "the origin was removed")
	_, err = e.CallerByEmbedding(t.Context(), first)
	require.NoError(t, err)
	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Origins: &draft.Origins}, "")
	require.NoError(t, err)
	_, err = e.CallerByEmbedding(t.Context(), other)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "the session does not return with the origin")

	byURL, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{KeysURL: ptr(env.SiteOrigin + "/keys")}, "")
	require.NoError(t, err)
	assert.Empty(t, byURL.Keys, "the URL replaces the keys")
	_, err = e.CallerByEmbedding(t.Context(), first)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "the old keys opened it")
	pasted, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Keys: &draft.Keys}, byURL.ETag())
	require.NoError(t, err)
	assert.Empty(t, pasted.KeysURL)

	outsider := env.Administrator()
	outsider.Workspace = "other"
	for name, test := range map[string]struct {
		caller paycor.Caller
		id     string
		patch  embed.HostPatch
		kind   paycor.Kind
	}{
		"another workspace": {outsider, "console", embed.HostPatch{Name: ptr("Mine")}, paycor.KindNotFound},
		"nobody":            {env.Administrator(), "nobody", embed.HostPatch{Name: ptr("Mine")}, paycor.KindNotFound},
		"wildcard":          {env.Administrator(), "console", embed.HostPatch{Origins: &[]string{"https://*.example"}}, paycor.KindInvalid},
		"no rights":         {env.Administrator(), "console", embed.HostPatch{Rights: &paycor.Rights{}}, paycor.KindInvalid},
		"empty keys":        {env.Administrator(), "console", embed.HostPatch{Keys: ptr("{}")}, paycor.KindInvalid},
		"keys and URL":      {env.Administrator(), "console", embed.HostPatch{Keys: &draft.Keys, KeysURL: ptr(env.SiteOrigin + "/keys")}, paycor.KindInvalid},
	} {
		_, err := e.As(test.caller).UpdateHost(t.Context(), test.id, test.patch, "")
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	now, err := e.EmbeddingHost(t.Context(), "console")
	require.NoError(t, err)
	assert.Equal(t, pasted, now)
}

func TestDeniedExchanges(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	entries := len(e.Trail(t))
	for name, test := range map[string]struct {
		change func(*embed.Request)
		kind   paycor.Kind
	}{
		"unknown host":   {func(r *embed.Request) { r.Host = "other" }, embed.KindHostUnknown},
		"no host":        {func(r *embed.Request) { r.Host = "" }, embed.KindHostUnknown},
		"foreign origin": {func(r *embed.Request) { r.Origin = "https://evil.example" }, embed.KindFrameOrigin},
		"null origin":    {func(r *embed.Request) { r.Origin = "null" }, embed.KindFrameOrigin},
		"no origin":      {func(r *embed.Request) { r.Origin = "" }, embed.KindFrameOrigin},
		"no token":       {func(r *embed.Request) { r.Token = paycor.Secret{} }, embed.KindTokenMalformed},
		"other audience": {func(r *embed.Request) { r.Audience = "https://elsewhere.example" }, embed.KindTokenAudience},
	} {
		request := s.Request(t, nil)
		test.change(&request)
		_, err := e.Exchange(t.Context(), request)
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	assert.Len(t, e.Trail(t), entries, "the HTTP server records denials")
}

// A site is registered with a public key in PEM, and a private one is refused.
func TestSiteWithKeyInPEM(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	admin := e.As(env.Administrator())
	pair, err := hosttoken.NewKeyPair("ES256")
	require.NoError(t, err)
	draft := env.NewSite(t, e.Clock.Now).Draft()
	draft.Keys = pair.Private.Reveal()
	_, err = admin.AddHost(t.Context(), draft)
	assert.ErrorContains(t, err, "jwks.private")
	draft.Keys = pair.Public
	host, err := admin.AddHost(t.Context(), draft)
	require.NoError(t, err)
	assert.Contains(t, string(host.Keys), `"crv":"P-256"`)
	same, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Keys: &pair.Public}, host.ETag())
	require.NoError(t, err)
	assert.Equal(t, host, same, "nothing was changed")
	none, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Keys: ptr("")}, host.ETag())
	require.NoError(t, err)
	assert.Empty(t, none.Keys)
}

func ptr[T any](value T) *T { return &value }

// A site that opens sessions without end, no matter how many users it names, is refused.
func TestExchangesAreLimited(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	var group sync.WaitGroup
	var opened atomic.Int64
	for range 8 {
		group.Go(func() {
			for {
				_, err := e.Exchange(t.Context(), s.Request(t, map[string]any{"sub": rand.Text()}))
				if paycor.KindOf(err) == quota.KindTooOften {
					return
				}
				if !assert.NoError(t, err) {
					return
				}
				opened.Add(1)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1200, opened.Load())
	e.Clock.Pass(time.Second)
	_, err = e.Exchange(t.Context(), s.Request(t, nil))
	assert.NoError(t, err)
}
