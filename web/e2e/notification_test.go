package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/notification"
)

// verifyWebhook verifies a message with the library that receivers use.
const verifyWebhook = `
const { Webhook } = require("standardwebhooks");
const { secret, body, headers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
new Webhook(secret).verify(body, headers);
let refused = false;
try { new Webhook(secret).verify(body.replace("test", "tost"), headers) } catch { refused = true }
if (!refused) throw new Error("a changed message was accepted");
`

// webhooks receives messages at an address of this machine.
func webhooks(t *testing.T) (address string, messages chan map[string]any) {
	t.Helper()
	messages = make(chan map[string]any, 20)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		headers := map[string]string{}
		for name := range r.Header {
			headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		messages <- map[string]any{"body": string(text), "headers": headers}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)
	return receiver.URL + "/in", messages
}

// nextMessage waits for what a receiver gets next.
func nextMessage[T any](t *testing.T, from <-chan T) (message T) {
	t.Helper()
	select {
	case message = <-from:
	case <-time.After(timeout):
		require.FailNow(t, "no message came")
	}
	return message
}

// A receiver with the library of Standard Webhooks accepts what the program sends, and an
// administrator sees it on the page.
func TestNotificationsArrive(t *testing.T) {
	t.Parallel()
	p := start(t, "--notify-network", "127.0.0.0/8")
	address, messages := webhooks(t)
	var added struct{ ID, Secret string }
	// Only what does not happen here, beside the test: signing in tells of a new administrator.
	p.api("POST", "/channels", map[string]any{"name": "Operations", "address": address, "kinds": []notification.Kind{notification.KindBroke}}).into(t, &added)
	require.NotEmpty(t, added.Secret)
	var sent notification.Delivery
	p.api("POST", "/channels/"+added.ID+"/test", nil).into(t, &sent)
	assert.Equal(t, notification.StateDelivered, sent.State)

	message := nextMessage(t, messages)
	message["secret"] = added.Secret
	input, err := json.Marshal(message)
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", "-e", verifyWebhook)
	node.Stdin = strings.NewReader(string(input))
	out, err := node.CombinedOutput()
	require.NoError(t, err, "%s", out)

	b := open(t, p).signIn()
	b.visit("/notifications")
	b.seesText("127.0.0.1")
	b.press("button", "~"+say("channels.deliveries"))
	b.seesText("This is a test. The channel works.")
	b.press("button", "~"+say("channels.replay"))
	again := nextMessage(t, messages) // sent again
	assert.Equal(t, message["headers"].(map[string]string)["webhook-id"], again["headers"].(map[string]string)["webhook-id"])
}
