package credentials_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// embedder is a host with its key.
type embedder struct {
	key   ed25519.PrivateKey
	clock *testkit.Clock
}

const embedderOrigin = "https://console.example"

func newEmbedder(t *testing.T, b *bench) embedder {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return embedder{key, b.clock}
}

func (s embedder) draft() embed.HostDraft {
	x := base64.RawURLEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	return embed.HostDraft{ID: "console", Name: "Console", Origins: []string{embedderOrigin}, Rights: paycor.Rights{paycor.RightView, paycor.RightEdit},
		Keys: fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}`, x)}
}

func (s embedder) request(t *testing.T, different map[string]any) embed.Request {
	t.Helper()
	claims := map[string]any{"iss": "console", "aud": "https://ours.example", "sub": "ann", "workspace": "default", "origin": embedderOrigin,
		"rights": []string{"view", "edit"}, "jti": rand.Text(), "exp": s.clock.Now().Add(time.Minute).Unix()}
	maps.Copy(claims, different)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + encode(text)
	return embed.Request{Host: "console", Origin: embedderOrigin, Audience: "https://ours.example", From: "192.0.2.7", ID: "r9",
		Token: paycor.NewSecret(signed + "." + encode(ed25519.Sign(s.key, []byte(signed))))}
}

func TestHostsAreManagedAndWrittenDown(t *testing.T) {
	b := newBench(t)
	s := newEmbedder(t, b)
	service := b.As(everyRight())
	host, err := service.AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	assert.Equal(t, "console", host.ID)
	assert.Equal(t, "default", host.Workspace)
	assert.Equal(t, "Ann", host.CreatedBy)
	entry := b.trail(t)[0]
	assert.Equal(t, audit.ActionHostAdd, entry.Action)
	assert.Equal(t, "console", entry.Detail)

	_, err = service.AddHost(t.Context(), s.draft())
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	nameless := s.draft()
	nameless.ID = ""
	made, err := service.AddHost(t.Context(), nameless)
	require.NoError(t, err)
	assert.True(t, embed.IsHostID(made.ID), made.ID)
	for name, change := range map[string]func(*embed.HostDraft){
		"private key": func(d *embed.HostDraft) {
			d.Keys = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}`
		},
		"name of control characters": func(d *embed.HostDraft) { d.Name = "Con\x1b[2Jsole" },
		"wildcard":                   func(d *embed.HostDraft) { d.Origins = []string{"https://*.example"} },
	} {
		draft := s.draft()
		draft.ID = ""
		change(&draft)
		_, err := service.AddHost(t.Context(), draft)
		assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), name)
	}

	other := everyRight()
	other.Workspace = "other"
	hosts, err := b.As(other).Hosts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, hosts, "another workspace's are not seen")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(b.As(other).RemoveHost(t.Context(), "console")))
	hosts, err = service.Hosts(t.Context())
	require.NoError(t, err)
	assert.Len(t, hosts, 2)
	require.NoError(t, service.RemoveHost(t.Context(), "console"))
	assert.Equal(t, audit.ActionHostRemove, b.trail(t)[0].Action)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.RemoveHost(t.Context(), "console")))

	_, err = b.withBrokenTrail(t).As(everyRight()).AddHost(t.Context(), s.draft())
	assert.ErrorIs(t, err, errBrokenTrail)
	hosts, _ = service.Hosts(t.Context())
	assert.Len(t, hosts, 1, "what is not written down is not done")
}

func TestWhoMayManageHosts(t *testing.T) {
	embedded := everyRight()
	embedded.Kind = paycor.CallerEmbedded
	tests := map[string]struct {
		caller paycor.Caller
		ok     bool
		detail string
	}{
		"admin":                 {someone(paycor.RightAdmin, paycor.RightView, paycor.RightEdit), true, ""},
		"everything else":       {someone(paycor.RightView, paycor.RightUse, paycor.RightEdit), false, "missing_right_admin"},
		"from inside of a host": {embedded, false, "embedded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			service, s := b.As(test.caller), newEmbedder(t, b)
			_, listed := service.Hosts(t.Context())
			_, added := service.AddHost(t.Context(), s.draft())
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
				trail := b.trail(t)
				require.Len(t, trail, 4)
				assert.Equal(t, test.detail, trail[0].Detail)
			}
		})
	}
}

// A host signs its own tokens: what it may hand out, whoever registered it has.
func TestNobodyRegistersAHostForMoreThanTheyHave(t *testing.T) {
	ending := everyRight()
	ending.Until = time.Now().Add(time.Hour)
	tests := map[string]struct {
		caller paycor.Caller
		rights paycor.Rights
		says   string
	}{
		"another right":         {someone(paycor.RightAdmin), paycor.Rights{paycor.RightEdit}, "“edit”"},
		"one right of several":  {someone(paycor.RightAdmin, paycor.RightView), paycor.Rights{paycor.RightView, paycor.RightUse}, "“use”"},
		"longer than the token": {ending, paycor.Rights{paycor.RightView}, "ends one day"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			draft := newEmbedder(t, b).draft()
			draft.Rights = test.rights
			_, err := b.As(test.caller).AddHost(t.Context(), draft)
			require.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
			assert.ErrorContains(t, err, test.says)
			hosts, err := b.As(everyRight()).Hosts(t.Context())
			require.NoError(t, err)
			assert.Empty(t, hosts)
		})
	}
	b := newBench(t)
	draft := newEmbedder(t, b).draft()
	draft.Rights = paycor.Rights{paycor.RightRead}
	_, err := b.As(someone(paycor.RightAdmin, paycor.RightUse)).AddHost(t.Context(), draft)
	assert.NoError(t, err, "use includes read")
}

func TestATokenIsTradedOnce(t *testing.T) {
	b := newBench(t)
	s := newEmbedder(t, b)
	_, err := b.As(everyRight()).AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	second, err := credentials.New(credentials.Config{LastFlush: patience, Store: b.store, Verify: b.paycor.ask, TokenClient: exchange(), Clock: b.clock.Now})
	require.NoError(t, err)

	request := s.request(t, nil)
	var good atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			m := []*credentials.Manager{b.Manager, second}[i%2] // two processes over one store
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

	require.NoError(t, b.As(everyRight()).RemoveHost(t.Context(), "console"))
	_, err = b.As(everyRight()).AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	_, err = b.Exchange(t.Context(), request)
	assert.Equal(t, embed.KindTokenReplayed, paycor.KindOf(err), "the host was removed, and is there again with the same key")

	_, err = b.withBrokenTrail(t).Exchange(t.Context(), s.request(t, nil))
	assert.ErrorIs(t, err, errBrokenTrail)
}

func TestAnEmbeddedSession(t *testing.T) {
	b := newBench(t)
	s := newEmbedder(t, b)
	admin := b.As(everyRight())
	_, err := admin.AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	session, err := b.Exchange(t.Context(), s.request(t, map[string]any{"rights": []string{"view"}}))
	require.NoError(t, err)
	caller, err := b.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerEmbedded, caller.Kind)
	assert.Equal(t, "console/ann", caller.ID)
	assert.Equal(t, "ann (Console)", caller.Name)
	assert.Equal(t, "default", caller.Workspace)
	assert.Equal(t, paycor.Rights{paycor.RightView}, caller.Rights)
	entry := b.trail(t)[0]
	assert.Equal(t, audit.ActionEmbed, entry.Action)
	assert.Equal(t, "console/ann", entry.CallerID)
	assert.Equal(t, "192.0.2.7", entry.From)

	for name, handle := range map[string]string{"none": "", "made up": "pce_x", "an API token": "pcc_x"} {
		_, err := b.CallerByEmbedding(t.Context(), paycor.NewSecret(handle))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), name)
	}
	_, err = b.CallerBySession(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is no cookie's handle")
	_, err = b.CallerByToken(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it is no API token")

	b.clock.Pass(embed.SessionLifetime + time.Second)
	_, err = b.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it has ended")

	session, err = b.Exchange(t.Context(), s.request(t, nil))
	require.NoError(t, err)
	require.NoError(t, admin.RemoveHost(t.Context(), "console"))
	_, err = b.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "its host is gone")
	_, err = b.Exchange(t.Context(), s.request(t, nil))
	assert.Equal(t, embed.KindHostUnknown, paycor.KindOf(err))
}

// A token that was judged by what a host was opens nothing once it is another.
func TestAHostIsChangedWhileItsTokenIsJudged(t *testing.T) {
	b := newBench(t)
	s := newEmbedder(t, b)
	_, err := b.As(everyRight()).AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	var change func()
	m, err := credentials.New(credentials.Config{LastFlush: patience, Store: b.store, Verify: b.paycor.ask, TokenClient: exchange(), Clock: b.clock.Now,
		Embed: hosttoken.Config{Clock: func() time.Time {
			if change != nil {
				change()
			}
			return b.clock.Now()
		}}})
	require.NoError(t, err)
	change = func() {
		change = nil
		_, err := b.As(everyRight()).UpdateHost(t.Context(), "console", embed.HostPatch{Rights: &paycor.Rights{paycor.RightView}}, "")
		assert.NoError(t, err)
	}
	_, err = m.Exchange(t.Context(), s.request(t, nil))
	assert.Equal(t, paycor.KindBusy, paycor.KindOf(err))
	assert.Nil(t, change, "it was changed meanwhile")
}

// What is taken from a host is taken from its open frames at once.
func TestAHostIsChanged(t *testing.T) {
	const second = "https://admin.example"
	b := newBench(t)
	s := newEmbedder(t, b)
	admin := b.As(everyRight())
	draft := s.draft()
	draft.Origins = append(draft.Origins, second)
	host, err := admin.AddHost(t.Context(), draft)
	require.NoError(t, err)
	open := func(origin string) paycor.Secret {
		request := s.request(t, map[string]any{"origin": origin})
		request.Origin = origin
		session, err := b.Exchange(t.Context(), request)
		require.NoError(t, err)
		return session.Handle
	}
	first, other := open(embedderOrigin), open(second)

	looks := b.Changes(t.Context(), everyRight())
	changed, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Renamed"), Rights: &paycor.Rights{paycor.RightView}}, host.ETag())
	require.NoError(t, err)
	assert.Equal(t, "Renamed", changed.Name)
	assert.Equal(t, draft.Origins, changed.Origins, "what is absent is kept")
	assert.JSONEq(t, draft.Keys, string(changed.Keys))
	assert.Equal(t, events.Change{Action: audit.ActionHostUpdate}, <-looks, "open frames look again")
	entry := b.trail(t)[0]
	assert.Equal(t, audit.ActionHostUpdate, entry.Action)
	assert.Equal(t, "console", entry.Detail)
	assert.Equal(t, []fields.Field{fields.HostName, fields.HostRights}, entry.Fields)
	caller, err := b.CallerByEmbedding(t.Context(), first)
	require.NoError(t, err)
	assert.Equal(t, paycor.Rights{paycor.RightView}, caller.Rights, "a right that was taken away")

	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Overwritten")}, host.ETag())
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))
	entries := len(b.trail(t))
	same, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr(" Renamed "), Keys: ptr(" " + draft.Keys)}, changed.ETag())
	require.NoError(t, err)
	assert.Equal(t, changed, same)
	assert.Len(t, b.trail(t), entries, "nothing was changed")

	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Origins: &[]string{embedderOrigin}}, changed.ETag())
	require.NoError(t, err)
	_, err = b.CallerByEmbedding(t.Context(), other)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "an origin that was taken away")
	_, err = b.CallerByEmbedding(t.Context(), first)
	require.NoError(t, err)
	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Origins: &draft.Origins}, "")
	require.NoError(t, err)
	_, err = b.CallerByEmbedding(t.Context(), other)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "it does not come back with the origin")

	byURL, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{KeysURL: ptr(embedderOrigin + "/keys")}, "")
	require.NoError(t, err)
	assert.Empty(t, byURL.Keys, "the keys make way for their address")
	_, err = b.CallerByEmbedding(t.Context(), first)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "what the old keys opened")
	pasted, err := admin.UpdateHost(t.Context(), "console", embed.HostPatch{Keys: &draft.Keys}, byURL.ETag())
	require.NoError(t, err)
	assert.Empty(t, pasted.KeysURL)

	stranger := everyRight()
	stranger.Workspace = "other"
	for name, test := range map[string]struct {
		caller paycor.Caller
		id     string
		patch  embed.HostPatch
		kind   paycor.Kind
	}{
		"another workspace": {stranger, "console", embed.HostPatch{Name: ptr("Mine")}, paycor.KindNotFound},
		"nobody":            {everyRight(), "nobody", embed.HostPatch{Name: ptr("Mine")}, paycor.KindNotFound},
		"wildcard":          {everyRight(), "console", embed.HostPatch{Origins: &[]string{"https://*.example"}}, paycor.KindInvalid},
		"no rights":         {everyRight(), "console", embed.HostPatch{Rights: &paycor.Rights{}}, paycor.KindInvalid},
		"no keys":           {everyRight(), "console", embed.HostPatch{Keys: ptr("")}, paycor.KindInvalid},
		"keys of no use":    {everyRight(), "console", embed.HostPatch{Keys: ptr("{}")}, paycor.KindInvalid},
		"keys twice":        {everyRight(), "console", embed.HostPatch{Keys: &draft.Keys, KeysURL: ptr(embedderOrigin + "/keys")}, paycor.KindInvalid},
	} {
		_, err := b.As(test.caller).UpdateHost(t.Context(), test.id, test.patch, "")
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	now, err := b.EmbeddingHost(t.Context(), "console")
	require.NoError(t, err)
	assert.Equal(t, pasted, now)
}

func TestExchangesThatAreRefused(t *testing.T) {
	b := newBench(t)
	s := newEmbedder(t, b)
	_, err := b.As(everyRight()).AddHost(t.Context(), s.draft())
	require.NoError(t, err)
	entries := len(b.trail(t))
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
		request := s.request(t, nil)
		test.change(&request)
		_, err := b.Exchange(t.Context(), request)
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	assert.Len(t, b.trail(t), entries, "the door writes refusals down")
}

func exchange() *tokens.Client { return tokens.NewClient(upstream.New(upstream.Config{})) }
