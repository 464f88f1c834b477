package command_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// The last log line of a stopping server is the head of a complete audit trail,
// including the calls that the shutdown interrupted.
func TestStopLosesNoCall(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	bakery := paycor.Lookup(paycortest.SunriseBakery)
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+paycor.URL, "--drain-time", "50ms")
	call := "/api/v1/credentials/" + p.create(bakery.Details()) + "/paycor/v1/legalentities/501123"
	p.ask(200, "GET", call, nil)
	bakery.AddFault(paycortest.Fault{Kind: paycortest.Hang, Place: paycortest.AtAPI})
	answered := make(chan *http.Response, 1)
	go func() {
		request, err := http.NewRequestWithContext(t.Context(), "POST", p.address+call+"/employees", strings.NewReader("{}"))
		if assert.NoError(t, err) {
			request.Header.Set("Authorization", "Bearer "+p.token)
			answer, err := http.DefaultTransport.RoundTrip(request)
			assert.NoError(t, err)
			answered <- answer
		}
	}()
	arrived := func() bool { return bakery.Counts().ByEndpoint["POST /v1/legalentities/{id}/employees"] > 0 } // other calls are the server's own
	require.Eventually(t, arrived, time.Minute, 5*time.Millisecond)
	p.stop()
	answer := <-answered
	require.NotNil(t, answer)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, "call_unknown", answer.Header.Get("Paycorcred-Error"))

	lines := strings.Split(strings.TrimSpace(p.output.String()), "\n")
	log := strings.Join(lines, "\n")
	assert.Regexp(t, `msg=request .*method=POST .*status=502`, log)
	assert.Regexp(t, `waiting for active requests" requests=1`, log)
	assert.NotContains(t, log, "caller left")
	assert.NotContains(t, log, "not everything was finished in time", "the request was cut off and is named; there was no exchange")
	head := regexp.MustCompile(`head=(\d+:[0-9a-f]+)`).FindStringSubmatch(lines[len(lines)-1])
	require.NotNil(t, head, "the last line is the head:\n%s", log)
	out, code := run(t, "audit", "verify", "--data", p.data, "--expect-head", head[1])
	assert.Zero(t, code, out)
	assert.Contains(t, out, head[1], "nothing was written after it")
	exported, code := run(t, "audit", "export", "--data", p.data)
	require.Zero(t, code, exported)
	assert.Contains(t, exported, "failed=1 aborted=0")
}
