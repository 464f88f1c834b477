package channels_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

func draft() notification.Draft {
	return notification.Draft{
		Name: " Operations ", Address: "https://hooks.example/in?key=canary",
		Filter: notification.Filter{Kinds: []notification.Kind{notification.KindRecovered, notification.KindBroke}, Tags: []string{" Bakery "}},
	}
}

func TestChannelsAreManagedAndRecorded(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	service := e.As(env.Administrator())
	added, err := service.AddChannel(t.Context(), draft())
	require.NoError(t, err)
	assert.Equal(t, "Operations hooks.example webhook en Ann", strings.Join([]string{added.Name, added.Host, string(added.Type), added.Language, added.CreatedBy}, " "))
	assert.Equal(t, []notification.Kind{notification.KindBroke, notification.KindRecovered}, added.Kinds)
	assert.True(t, strings.HasPrefix(added.Secret.Reveal(), "whsec_"))
	assert.Equal(t, audit.ActionChannelAdd, e.Trail(t)[0].Action)

	name, enabled := "Renamed", false
	changed, err := service.UpdateChannel(t.Context(), added.ID, notification.Patch{Name: &name, Enabled: &enabled}, added.ETag())
	require.NoError(t, err)
	assert.Equal(t, "Renamed", changed.Name)
	assert.Equal(t, notification.DisabledByAdministrator, changed.DisabledFor)
	assert.Equal(t, []fields.Field{fields.ChannelEnabled, fields.ChannelName}, e.Trail(t)[0].Fields)
	_, err = service.UpdateChannel(t.Context(), added.ID, notification.Patch{Name: &name}, added.ETag())
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))

	moved := "https://other.example/in"
	changed, err = service.UpdateChannel(t.Context(), added.ID, notification.Patch{Address: &moved}, "")
	require.NoError(t, err)
	assert.Equal(t, "other.example", changed.Host)
	assert.NotZero(t, changed.DisabledAt, "an administrator disabled it")
	require.NoError(t, e.Store.View(t.Context(), func(r store.Reader) error {
		target, err := r.NotificationTarget(paycor.DefaultWorkspace, added.ID)
		assert.Equal(t, store.NotificationTarget{Address: paycor.NewSecret(moved), Secret: added.Secret}, target, "the secret stays")
		return err
	}))

	listed, err := service.Channels(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []notification.Channel{changed}, listed.Channels)
	text, err := json.Marshal(listed)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "whsec_")
	assert.NotContains(t, string(text), "/in")

	other := env.Administrator()
	other.Workspace = "other"
	elsewhere := e.As(other)
	_, err = elsewhere.UpdateChannel(t.Context(), added.ID, notification.Patch{}, "")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	_, err = elsewhere.TestChannel(t.Context(), added.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	_, err = elsewhere.ChannelDeliveries(t.Context(), added.ID, "")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(elsewhere.RemoveChannel(t.Context(), added.ID)))

	require.NoError(t, service.RemoveChannel(t.Context(), added.ID))
	assert.Equal(t, audit.ActionChannelRemove, e.Trail(t)[0].Action)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.RemoveChannel(t.Context(), added.ID)))
}

func TestDraftsAreChecked(t *testing.T) {
	t.Parallel()
	e := env.New(t, func(c *backend.Config) { c.Languages = func(tag string) bool { return tag == "en" } })
	service := e.As(env.Administrator())
	for name, test := range map[string]struct {
		change func(*notification.Draft)
		field  fields.Field
	}{
		"no name":            {func(d *notification.Draft) { d.Name = " " }, fields.ChannelName},
		"long name":          {func(d *notification.Draft) { d.Name = strings.Repeat("x", 101) }, fields.ChannelName},
		"control characters": {func(d *notification.Draft) { d.Name = "a\x1bb" }, fields.ChannelName},
		"no address":         {func(d *notification.Draft) { d.Address = "" }, fields.ChannelAddress},
		"plain http":         {func(d *notification.Draft) { d.Address = "http://hooks.example/" }, fields.ChannelAddress},
		"with a password":    {func(d *notification.Draft) { d.Address = "https://a:b@hooks.example/" }, fields.ChannelAddress},
		"another scheme":     {func(d *notification.Draft) { d.Address = "file:///etc/passwd" }, fields.ChannelAddress},
		"no kind":            {func(d *notification.Draft) { d.Kinds = nil }, fields.ChannelKinds},
		"unknown kind":       {func(d *notification.Draft) { d.Kinds = []notification.Kind{"x"} }, fields.ChannelKinds},
		"test as a kind":     {func(d *notification.Draft) { d.Kinds = []notification.Kind{notification.KindTest} }, fields.ChannelKinds},
		"unknown type":       {func(d *notification.Draft) { d.Type = "pigeon" }, fields.ChannelType},
		"unknown language":   {func(d *notification.Draft) { d.Language = "tlh" }, fields.ChannelLanguage},
	} {
		wrong := draft()
		test.change(&wrong)
		_, err := service.AddChannel(t.Context(), wrong)
		var refused *paycor.Error
		require.ErrorAs(t, err, &refused, name)
		require.Len(t, refused.Problems, 1, name)
		assert.Equal(t, test.field, refused.Problems[0].Field, name)
		assert.NotContains(t, fmt.Sprint(refused.Problems), "canary", name)
	}
	for i := range notification.MaxChannels {
		_, err := service.AddChannel(t.Context(), draft())
		require.NoError(t, err, i)
	}
	_, err := service.AddChannel(t.Context(), draft())
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
}

func TestASecretIsReplaced(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	service := e.As(env.Administrator())
	added, err := service.AddChannel(t.Context(), draft())
	require.NoError(t, err)
	replaced, err := service.ReplaceChannelSecret(t.Context(), added.ID)
	require.NoError(t, err)
	assert.NotEqual(t, added.Secret, replaced.Secret)
	assert.Equal(t, added.Version+1, replaced.Version)
	assert.Equal(t, audit.ActionChannelSecret, e.Trail(t)[0].Action)
	target := func() (target store.NotificationTarget) {
		require.NoError(t, e.Store.View(t.Context(), func(r store.Reader) (err error) {
			target, err = r.NotificationTarget(paycor.DefaultWorkspace, added.ID)
			return err
		}))
		return target
	}
	want := store.NotificationTarget{Address: paycor.NewSecret(draft().Address), Secret: replaced.Secret, Former: added.Secret, FormerUntil: e.Clock.Now().Add(notification.SecretOverlap).UTC()}
	assert.Equal(t, want, target())
	address := "https://elsewhere.example/in"
	_, err = service.UpdateChannel(t.Context(), added.ID, notification.Patch{Address: &address}, "")
	require.NoError(t, err)
	want.Address = paycor.NewSecret(address)
	assert.Equal(t, want, target(), "another address has the same secrets")

	chat := draft()
	chat.Type, chat.Address = notification.TypeSlack, "https://hooks.example/chat"
	unsigned, err := service.AddChannel(t.Context(), chat)
	require.NoError(t, err)
	_, err = service.ReplaceChannelSecret(t.Context(), unsigned.ID)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	_, err = service.ReplaceChannelSecret(t.Context(), "channel_none")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

func TestOnlyAdministratorsManageChannels(t *testing.T) {
	t.Parallel()
	framed, limited := env.Administrator(), env.Administrator()
	framed.Kind = paycor.CallerEmbedded
	limited.Credentials = []string{"cred_00000000000000000000000001"}
	for name, caller := range map[string]paycor.Caller{"without the right": env.Person(paycor.RightView, paycor.RightEdit), "in a frame": framed, "with an allow-list": limited} {
		e := env.New(t)
		service := e.As(caller)
		acts := map[audit.Action]func() error{
			audit.ActionChannels:      func() error { _, err := service.Channels(t.Context()); return err },
			audit.ActionChannelAdd:    func() error { _, err := service.AddChannel(t.Context(), draft()); return err },
			audit.ActionChannelUpdate: func() error { _, err := service.UpdateChannel(t.Context(), "x", notification.Patch{}, ""); return err },
			audit.ActionChannelSecret: func() error { _, err := service.ReplaceChannelSecret(t.Context(), "x"); return err },
			audit.ActionChannelRemove: func() error { return service.RemoveChannel(t.Context(), "x") },
			audit.ActionChannelTest:   func() error { _, err := service.TestChannel(t.Context(), "x"); return err },
			audit.ActionChannelReplay: func() error { _, err := service.ReplayDelivery(t.Context(), "x", "y"); return err },
		}
		for action, act := range acts {
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(act()), "%s %s", name, action)
			assert.Equal(t, action, e.Trail(t)[0].Action, "the denial is recorded")
		}
		_, err := service.ChannelDeliveries(t.Context(), "x", "")
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), name)
	}
}

func TestTestMessage(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(r.Close)
	e := env.New(t, func(c *backend.Config) {
		c.Notify = delivery.SenderConfig{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	})
	service := e.As(env.Administrator())
	local := draft()
	local.Address = r.URL
	added, err := service.AddChannel(t.Context(), local)
	require.NoError(t, err)
	sent, err := service.TestChannel(t.Context(), added.ID)
	require.NoError(t, err)
	assert.Equal(t, notification.StateDelivered, sent.State)
	assert.Equal(t, audit.ActionChannelTest, e.Trail(t)[0].Action)
	status = http.StatusForbidden
	refused, err := service.TestChannel(t.Context(), added.ID)
	require.NoError(t, err)
	assert.Equal(t, notification.StateFailed, refused.State)
	assert.Equal(t, http.StatusForbidden, refused.Result.Status)
	page, err := service.ChannelDeliveries(t.Context(), added.ID, "")
	require.NoError(t, err)
	assert.Len(t, page.Deliveries, 2)
	assert.Empty(t, page.Next)
	for range 55 {
		_, err := service.TestChannel(t.Context(), added.ID)
		require.NoError(t, err)
	}
	page, err = service.ChannelDeliveries(t.Context(), added.ID, "")
	require.NoError(t, err)
	assert.Len(t, page.Deliveries, 50)
	rest, err := service.ChannelDeliveries(t.Context(), added.ID, page.Next)
	require.NoError(t, err)
	assert.Len(t, rest.Deliveries, 7)
	_, err = service.ChannelDeliveries(t.Context(), added.ID, "x")
	assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err))

	again, err := service.ReplayDelivery(t.Context(), added.ID, refused.ID)
	require.NoError(t, err)
	assert.Equal(t, notification.StatePending, again.State)
	assert.Equal(t, audit.ActionChannelReplay, e.Trail(t)[0].Action)
	_, err = service.ReplayDelivery(t.Context(), "another", refused.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}
