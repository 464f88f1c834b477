package e2e_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/tokens"
)

// patientClient waits longer than a call may wait for its turn.
var patientClient = &http.Client{Timeout: 4 * time.Minute, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}}

// patiently calls Paycor, waits a minute for its turn if it has to, and returns the status.
func (p *program) patiently(ctx context.Context, token, id, path string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address+"/api/v1/credentials/"+id+"/paycor"+path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Prefer", "wait=60")
	response, err := patientClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// A thousand callers at once, without an access token, cause one exchange, and none of
// them is refused. A call of another program does not wait for theirs: Paycor responds to
// them only when it has come.
func TestThousandCallersAreServed(t *testing.T) {
	t.Parallel()
	const callers = 999
	allSent, otherCame := make(chan struct{}), make(chan struct{})
	var exchanges, calls atomic.Int32
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case tokens.TokenPath:
			exchanges.Add(1)
			<-allSent
			_, _ = io.WriteString(w, `{"access_token":"invented","expires_in":1800,"token_type":"Bearer"}`)
			return
		case "/v1/many":
			calls.Add(1)
			<-otherCame
		case "/v1/other":
			calls.Add(1)
			close(otherCame)
		}
		_, _ = io.WriteString(w, `{"records":[]}`)
	}))
	t.Cleanup(upstream.Close)
	p := launch(t, raced, t.TempDir(), "--environment", "own="+upstream.URL)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t).with("environment", "own"), "?verify=false")
	many, other := p.newToken("--rights", "use"), p.newToken("--rights", "read")

	var sent atomic.Int32
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		if sent.Add(1) == callers {
			close(allSent)
		}
	}})
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			status, err := p.patiently(ctx, many, saved.ID, "/v1/many")
			assert.NoError(t, err)
			assert.Equal(t, http.StatusOK, status)
		})
	}
	<-allSent
	status, err := p.patiently(t.Context(), other, saved.ID, "/v1/other")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	group.Wait()
	assert.EqualValues(t, 1, exchanges.Load())
	assert.EqualValues(t, callers+1, calls.Load(), "each went to Paycor once")
}
