package delivery_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/notification/delivery"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// loopback lets tests send to receivers on this machine.
var loopback = delivery.SenderConfig{
	Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Address: "https://creds.example/base",
	Say: func(language string, said message.Message) string {
		catalogue, _ := locale.ByTag(language)
		return said.In(catalogue)
	},
}

// received is a request that a receiver got.
type received struct {
	header http.Header
	body   []byte
}

// receiver is a webhook receiver.
type receiver struct {
	*httptest.Server
	requests chan received

	mu     sync.Mutex
	status int
	hang   bool
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{requests: make(chan received, 100), status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		status, hang := r.status, r.hang
		r.mu.Unlock()
		r.requests <- received{request.Header, body}
		if hang {
			<-request.Context().Done()
			return
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(func() { r.CloseClientConnections(); r.Close() })
	return r
}

func (r *receiver) answer(status int, hang bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.hang = status, hang
}

// next returns the next request.
func (r *receiver) next(t *testing.T) received {
	t.Helper()
	select {
	case got := <-r.requests:
		return got
	case <-time.After(env.Timeout):
		require.FailNow(t, "no message came")
		return received{}
	}
}

// told is an environment with a running worker.
type told struct {
	*env.Environment
	t *testing.T
}

func newTold(t *testing.T) told {
	e := told{env.New(t, func(c *backend.Config) { c.Notify = loopback }), t}
	e.run(e.Store)
	return e
}

// run runs a worker over a store until the test ends or stop is called.
func (e told) run(over store.Store) (stop func()) {
	config := loopback
	config.Clock, config.Timeout = e.Clock.Now, env.Timeout
	worker := delivery.NewWorker(delivery.Config{
		Store: store.ScopeOf[store.NotificationReader, delivery.Tx](over), Sender: delivery.NewSenders(config), Clock: e.Clock.Now, Poll: 5 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { worker.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	e.t.Cleanup(stop)
	return stop
}

func (e told) add(r *receiver, change ...func(*notification.Draft)) notification.Added {
	e.t.Helper()
	draft := notification.Draft{Name: "Operations", Address: r.URL + "/in?key=of-the-address", Filter: notification.Filter{Kinds: notification.Kinds()}}
	for _, c := range change {
		c(&draft)
	}
	added, err := e.As(env.Administrator()).AddChannel(e.t.Context(), draft)
	require.NoError(e.t, err)
	return added
}

// breaks makes Paycor reject a credential.
func (e told) breaks(ids ...string) {
	e.t.Helper()
	e.Paycor.Answer(verdicts.CodeSecretRejected)
	for _, id := range ids {
		_, err := e.As(env.Administrator()).Verify(e.t.Context(), id, nil)
		require.NoError(e.t, err)
	}
}

// latest waits until the latest delivery of a channel fulfills a condition.
func (e told) latest(channel string, is func(notification.Delivery) bool) (found notification.Delivery) {
	e.t.Helper()
	require.Eventually(e.t, func() bool {
		page, err := e.As(env.Administrator()).ChannelDeliveries(e.t.Context(), channel, "")
		require.NoError(e.t, err)
		if len(page.Deliveries) > 0 {
			found = page.Deliveries[0]
		}
		return len(page.Deliveries) > 0 && is(found)
	}, env.Timeout, 10*time.Millisecond)
	return found
}

func (e told) channel(id string) notification.Channel {
	e.t.Helper()
	listed, err := e.As(env.Administrator()).Channels(e.t.Context())
	require.NoError(e.t, err)
	for _, channel := range listed.Channels {
		if channel.ID == id {
			return channel
		}
	}
	require.FailNow(e.t, "there is no such channel")
	return notification.Channel{}
}

type body struct {
	Type string
	Data struct {
		Message, URL  string
		Count         int
		ApplicationID string `json:"application_id"`
		Subjects      []struct{ ID, Name, URL string }
	}
}

func read(t *testing.T, got received) (b body) {
	t.Helper()
	require.NoError(t, json.Unmarshal(got.body, &b), string(got.body))
	return b
}

// signature is what a receiver expects, by the specification.
func signature(key []byte, got received) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", got.header.Get("webhook-id"), got.header.Get("webhook-timestamp"), got.body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// A receiver that has the former secret still, and one that has the new one, both accept
// what is sent soon after the secret was replaced.
func TestAReplacedSecretStillSigns(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	key, former := []byte("the new key"), []byte("the former key")
	secret := func(key []byte) paycor.Secret {
		return paycor.NewSecret("whsec_" + base64.StdEncoding.EncodeToString(key))
	}
	for left, signs := range map[time.Duration]bool{time.Minute: true, -time.Minute: false} {
		target := store.NotificationTarget{Address: paycor.NewSecret(r.URL), Secret: secret(key), Former: secret(former), FormerUntil: time.Now().Add(left)}
		sent := notification.Delivery{ID: "msg_a", Message: notification.Message{Kind: notification.KindTest}}
		require.True(t, delivery.NewSenders(loopback).Send(t.Context(), notification.Channel{Type: notification.TypeWebhook, Language: "en"}, target, sent).Delivered)
		got := r.next(t)
		want := signature(key, got)
		if signs {
			want += " " + signature(former, got)
		}
		assert.Equal(t, want, got.header.Get("webhook-signature"))
	}
}

func TestBrokenCredentialIsTold(t *testing.T) {
	t.Parallel()
	e, r := newTold(t), newReceiver(t)
	added := e.add(r)
	saved := env.Create(t, e.As(env.Administrator()))
	e.breaks(saved.ID)
	e.Clock.Pass(5 * time.Minute)
	got := r.next(t)
	b := read(t, got)
	assert.Equal(t, "credential.broke", b.Type)
	assert.Equal(t, "Paycor rejects the credential “Payroll import”.", b.Data.Message)
	assert.Equal(t, "https://creds.example/base/credentials/"+saved.ID, b.Data.URL)
	assert.Equal(t, 1, b.Data.Count)

	// As a receiver checks it, by the specification.
	id, timestamp := got.header.Get("webhook-id"), got.header.Get("webhook-timestamp")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(added.Secret.Reveal(), "whsec_"))
	require.NoError(t, err)
	assert.Equal(t, signature(key, got), got.header.Get("webhook-signature"))
	assert.Equal(t, fmt.Sprint(e.Clock.Now().Unix()), timestamp)

	draft := env.Draft()
	for _, secret := range []string{draft.ClientSecret.Reveal(), draft.SubscriptionKey.Reveal(), draft.ClientID, "Ann", "of-the-address"} {
		assert.NotContains(t, string(got.body), secret)
	}
	done := e.latest(added.ID, func(d notification.Delivery) bool { return d.State == notification.StateDelivered })
	assert.Equal(t, id, done.ID)
	assert.Equal(t, http.StatusNoContent, done.Result.Status)

	e.Paycor.Answer(verdicts.CodeVerified)
	_, err = e.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	e.Clock.Pass(time.Hour)
	assert.Equal(t, "credential.recovered", read(t, r.next(t)).Type)
	assert.Empty(t, r.requests)
}

// A burst of one kind is one message, and channels are told what they chose.
func TestBurstIsOneMessage(t *testing.T) {
	t.Parallel()
	e, all, tagged, others := newTold(t), newReceiver(t), newReceiver(t), newReceiver(t)
	e.add(all, func(d *notification.Draft) { d.Language = "es" })
	e.add(tagged, func(d *notification.Draft) { d.Tags = []string{"bakery"} })
	e.add(others, func(d *notification.Draft) { d.Kinds = []notification.Kind{notification.KindSiteChanged} })
	var ids []string
	for i := range 12 {
		draft := env.Draft()
		draft.Name = fmt.Sprint("Store ", i)
		if i == 7 {
			draft.Tags = "bakery"
		}
		saved, err := e.As(env.Administrator()).Create(t.Context(), draft, paycor.CreateOptions{})
		require.NoError(t, err)
		ids = append(ids, saved.ID)
	}
	e.breaks(ids...)
	e.Clock.Pass(5 * time.Minute)
	b := read(t, all.next(t))
	assert.Equal(t, 12, b.Data.Count)
	assert.Len(t, b.Data.Subjects, 12)
	assert.Equal(t, "Paycor rechaza 12 credenciales. Comparten una aplicación.", b.Data.Message)
	assert.Equal(t, "https://creds.example/base/applications/"+b.Data.ApplicationID, b.Data.URL)
	b = read(t, tagged.next(t))
	assert.Equal(t, "Store 7", b.Data.Subjects[0].Name)
	assert.Equal(t, 1, b.Data.Count)
	assert.Empty(t, others.requests)
}

func TestFailedDeliveryIsTriedAgain(t *testing.T) {
	t.Parallel()
	e, r := newTold(t), newReceiver(t)
	added := e.add(r)
	r.answer(http.StatusInternalServerError, false)
	e.breaks(env.Create(t, e.As(env.Administrator())).ID)
	e.Clock.Pass(5 * time.Minute)
	first := r.next(t)
	waiting := e.latest(added.ID, func(d notification.Delivery) bool { return d.Attempts == 1 })
	assert.Equal(t, notification.StatePending, waiting.State)
	assert.Equal(t, "notification.result.status", waiting.Result.Message.Key)
	assert.NotZero(t, e.channel(added.ID).FailingSince)
	r.answer(http.StatusOK, false)
	e.Clock.Pass(time.Minute)
	second := r.next(t)
	assert.Equal(t, first.header.Get("webhook-id"), second.header.Get("webhook-id"), "the receiver recognizes it")
	assert.Equal(t, first.body, second.body)
	e.latest(added.ID, func(d notification.Delivery) bool { return d.State == notification.StateDelivered && d.Attempts == 2 })
	assert.Zero(t, e.channel(added.ID).FailingSince)

	_, err := e.As(env.Administrator()).ReplayDelivery(t.Context(), added.ID, waiting.ID)
	require.NoError(t, err)
	assert.Equal(t, first.header.Get("webhook-id"), r.next(t).header.Get("webhook-id"), "replayed")
}

func TestFailingChannelDelaysNoOther(t *testing.T) {
	t.Parallel()
	e, hanging, healthy := newTold(t), newReceiver(t), newReceiver(t)
	hanging.answer(0, true)
	e.add(hanging)
	e.add(healthy)
	id := env.Create(t, e.As(env.Administrator())).ID
	e.breaks(id)
	e.Clock.Pass(5 * time.Minute)
	hanging.next(t) // and it hangs
	healthy.next(t)
	for range 3 {
		site := env.NewSite(t, e.Clock.Now)
		draft := site.Draft()
		draft.ID = ""
		_, err := e.As(env.Administrator()).AddHost(t.Context(), draft)
		require.NoError(t, err)
		e.Clock.Pass(2 * time.Minute)
		assert.Equal(t, "site.changed", read(t, healthy.next(t)).Type)
	}
	assert.Empty(t, hanging.requests, "its next ones wait for the first")
}

func TestChannelsAreDisabled(t *testing.T) {
	t.Parallel()
	e, r := newTold(t), newReceiver(t)
	added := e.add(r)
	r.answer(http.StatusGone, false)
	id := env.Create(t, e.As(env.Administrator())).ID
	e.breaks(id)
	e.Clock.Pass(5 * time.Minute)
	r.next(t)
	failed := e.latest(added.ID, func(d notification.Delivery) bool { return d.State == notification.StateFailed })
	assert.Equal(t, http.StatusGone, failed.Result.Status)
	assert.Equal(t, notification.DisabledGone, e.channel(added.ID).DisabledFor)

	enabled := true
	r.answer(http.StatusInternalServerError, false)
	_, err := e.As(env.Administrator()).UpdateChannel(t.Context(), added.ID, notification.Patch{Enabled: &enabled}, "")
	require.NoError(t, err)
	_, err = e.As(env.Administrator()).ReplayDelivery(t.Context(), added.ID, failed.ID)
	require.NoError(t, err)
	for attempts := 1; ; attempts++ {
		r.next(t)
		failed = e.latest(added.ID, func(d notification.Delivery) bool { return d.Attempts == attempts || d.NextAt.IsZero() })
		if failed.State == notification.StateFailed {
			break
		}
		e.Clock.Pass(failed.NextAt.Sub(e.Clock.Now()) + time.Second)
	}
	assert.Equal(t, notification.DisableCode(""), e.channel(added.ID).DisabledFor, "not before three days")
	e.Clock.Pass(notification.GiveUpAfter)
	_, err = e.As(env.Administrator()).ReplayDelivery(t.Context(), added.ID, failed.ID)
	require.NoError(t, err)
	r.next(t)
	require.Eventually(t, func() bool { return e.channel(added.ID).DisabledFor == notification.DisabledFailing }, env.Timeout, 10*time.Millisecond)
}

// A process that is killed while it delivers leaves the delivery to another one.
func TestKilledDeliveryIsMadeAgain(t *testing.T) {
	t.Parallel()
	e := told{env.New(t, func(c *backend.Config) { c.Notify = loopback }), t}
	r := newReceiver(t)
	added := e.add(r)
	r.answer(0, true)
	stop := e.run(e.Store)
	e.breaks(env.Create(t, e.As(env.Administrator())).ID)
	e.Clock.Pass(5 * time.Minute)
	first := r.next(t)
	stop()
	r.answer(http.StatusOK, false)
	e.run(e.OpenStore(t))
	e.Clock.Pass(2 * time.Minute)
	assert.Equal(t, first.header.Get("webhook-id"), r.next(t).header.Get("webhook-id"))
	e.latest(added.ID, func(d notification.Delivery) bool { return d.State == notification.StateDelivered })
}

func TestInternalAddressesAndRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	channel := notification.Channel{Type: notification.TypeWebhook, Language: "en"}
	target := store.NotificationTarget{Address: paycor.NewSecret(r.URL), Secret: paycor.NewSecret("whsec_aW52ZW50ZWQ=")}
	public := loopback
	public.Networks = nil
	result := delivery.NewSenders(public).Send(t.Context(), channel, target, notification.Delivery{ID: "msg_a"})
	assert.False(t, result.Delivered)
	assert.Equal(t, "notification.result.forbidden", result.Message.Key)
	target.Address = paycor.NewSecret(strings.Replace(r.URL, "127.0.0.1", "localhost", 1))
	result = delivery.NewSenders(public).Send(t.Context(), channel, target, notification.Delivery{ID: "msg_a"})
	assert.Equal(t, "notification.result.forbidden", result.Message.Key, "by name")
	assert.Empty(t, r.requests)

	r.answer(http.StatusFound, false)
	result = delivery.NewSenders(loopback).Send(t.Context(), channel, target, notification.Delivery{ID: "msg_a"})
	assert.Equal(t, "notification.result.redirect", result.Message.Key)
	r.next(t)
	r.answer(0, true)
	short := loopback
	short.Timeout = 50 * time.Millisecond
	result = delivery.NewSenders(short).Send(t.Context(), channel, target, notification.Delivery{ID: "msg_a"})
	assert.Equal(t, "notification.result.timeout", result.Message.Key)
	r.Close()
	result = delivery.NewSenders(loopback).Send(t.Context(), channel, target, notification.Delivery{ID: "msg_a"})
	assert.Equal(t, "notification.result.unreachable", result.Message.Key)
}

// Chats get a text, in which names that a person typed are neither links nor mentions.
func TestChatsGetTheirForm(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	said := notification.Message{Kind: notification.KindBroke, Count: 2, Subjects: []notification.Subject{{ID: "a", Name: "<!channel> [x](https://evil.example)"}, {ID: "b", Name: "Store"}}}
	for channel, want := range map[notification.Type][]string{
		notification.TypeSlack: {`{"text":"Paycor rejects 2 credentials.\n• &lt;!channel&gt; [x](https://evil.example)\n• Store\nhttps://creds.example/base/?state=rejected"}`},
		notification.TypeTeams: {`"contentType":"application/vnd.microsoft.card.adaptive"`, `Paycor rejects 2 credentials.`, `\\[x\\](https://evil.example)`, `"url":"https://creds.example/base/?state=rejected"`, `"title":"Open"`},
	} {
		result := delivery.NewSenders(loopback).Send(t.Context(), notification.Channel{Type: channel, Language: "en"},
			store.NotificationTarget{Address: paycor.NewSecret(r.URL)}, notification.Delivery{ID: "msg_a", Message: said})
		assert.True(t, result.Delivered, channel)
		got := r.next(t)
		assert.Empty(t, got.header.Get("webhook-signature"))
		text := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(got.body))
		for _, part := range want {
			assert.Contains(t, text, part, channel)
		}
	}
}

func TestRemindersAreToldOnce(t *testing.T) {
	t.Parallel()
	e, r := newTold(t), newReceiver(t)
	e.add(r)
	draft := env.Draft()
	draft.RotateBy = paycor.Day(e.Clock.Now().AddDate(0, 0, 20).Format(time.DateOnly))
	_, err := e.As(env.Administrator()).Create(t.Context(), draft, paycor.CreateOptions{})
	require.NoError(t, err)
	worker := delivery.NewWorker(delivery.Config{Store: store.ScopeOf[store.NotificationReader, delivery.Tx](e.Store), Clock: e.Clock.Now})
	backup := []health.Finding{{Check: "backup", Status: health.Problem}, {Check: "audit", Status: health.OK}, {Check: "space", Status: health.Problem}}
	told := map[int]string{ // by day
		1: "Backups are behind.", 6: "Replace the secrets of “Payroll import”. They are due in 14 days.",
		17: "Replace the secrets of “Payroll import”. They are due in 3 days.", 20: "Replace the secrets of “Payroll import”. They are due today.",
	}
	for day := range 25 {
		for range 3 {
			findings := backup
			if day != 1 {
				findings = nil
			}
			require.NoError(t, worker.Remind(t.Context(), findings))
		}
		e.Clock.Pass(24 * time.Hour)
		if want, is := told[day]; is {
			assert.Equal(t, want, read(t, r.next(t)).Data.Message)
		}
	}
	select {
	case got := <-r.requests:
		t.Errorf("told once too often: %s", read(t, got).Data.Message)
	case <-time.After(200 * time.Millisecond):
	}
}
