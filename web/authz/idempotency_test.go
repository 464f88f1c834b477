package authz_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

// createWithKey sends a create with an Idempotency-Key.
func (e *environment) createWithKey(by authentication) response {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", e.URL+"/api/v1/credentials", strings.NewReader(draftJSON))
	require.NoError(e.t, err)
	request.Header.Set(by.header, by.value)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "nightly")
	received, err := http.DefaultClient.Do(request)
	require.NoError(e.t, err)
	defer received.Body.Close()
	body, err := io.ReadAll(received.Body)
	require.NoError(e.t, err)
	return response{received.StatusCode, received.Header.Get("Location"), string(body)}
}

// TestReplayAsksTodaysRights repeats a create with the same key after the caller's
// access changed: the response is what a read gives.
func TestReplayAsksTodaysRights(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now    paycor.Caller
		status int
	}{
		"the same caller":      {now: person("ann"), status: 201},
		"without the right":    {now: with(person("ann"), func(c *paycor.Caller) { c.Rights = paycor.Rights{paycor.RightView} }), status: 403},
		"another allow-list":   {now: with(person("ann"), func(c *paycor.Caller) { c.Credentials = []string{"cred_other"} }), status: 404},
		"a program of that ID": {now: program("ann"), status: 404},
		"administrator by now": {now: with(program("ann"), func(c *paycor.Caller) { c.Rights = paycor.AllRights() }), status: 201},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnvironment(t)
			first := e.createWithKey(e.authenticate("before", person("ann")))
			require.Equal(t, http.StatusCreated, first.status, first.body)
			id := strings.TrimPrefix(first.location, "/api/v1/credentials/")
			_, err := e.As(owner()).Share(t.Context(), id, restriction(), "")
			require.NoError(t, err)
			before, lastEntry := e.state(), e.lastAuditEntry()
			by := e.authenticate("after", test.now)
			again := e.createWithKey(by)
			assert.Equal(t, test.status, again.status, again.body)
			assert.Equal(t, before, e.state(), "nothing was saved")
			if test.status == http.StatusCreated {
				assert.Equal(t, first.location, again.location)
				return
			}
			assert.Empty(t, again.location)
			assert.NotContains(t, again.body, id)
			assert.NotContains(t, again.body, "0000000000000000bbbb", "its Client ID")
			assert.True(t, e.deniedSince(test.now, lastEntry), "audited")
			if test.status == http.StatusNotFound {
				read := e.send(by, "GET", "/api/v1/credentials/"+id, "")
				assert.Equal(t, read.status, again.status)
			}
		})
	}
}

func person(id string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: id, Name: id, Workspace: paycor.DefaultWorkspace, Rights: withoutAdmin()}
}

func program(id string) paycor.Caller {
	return with(person(id), func(c *paycor.Caller) { c.Kind = paycor.CallerConsumer })
}

func with(caller paycor.Caller, change func(*paycor.Caller)) paycor.Caller {
	change(&caller)
	return caller
}
