package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// A server that is started with another address of an environment sends it no saved
// secret until the operator accepts the address, and from then on only to that one.
func TestChangedAddressOfAStartedServer(t *testing.T) {
	t.Parallel()
	before, after := paycortest.Start(t, paycortest.Config{}), paycortest.Start(t, paycortest.Config{})
	calls := func(at *paycortest.Server) int {
		counts := at.Lookup(paycortest.SunriseBakery).Counts()
		return counts.Tokens + counts.Calls
	}
	p := launch(t, raced, t.TempDir(), "--environment", "test="+before.URL)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t).with("environment", "test"), "")
	assert.Equal(t, paycor.StateVerified, saved.State)
	use := p.newToken("--rights", "use")
	assert.Equal(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status)
	p.stop()

	refused := command(t, nil, "serve", "--listen", "localhost:0", "--data", p.data, "--environment", "test="+after.URL)
	assert.Equal(t, 2, refused.code, refused.err)
	assert.Contains(t, refused.err, "--accept-address test")
	assert.Contains(t, refused.err, after.URL)
	assert.Zero(t, calls(after), "nothing was sent")

	sent := calls(before)
	p = launch(t, raced, p.data, "--environment", "test="+after.URL, "--accept-address", "test")
	assert.Equal(t, http.StatusOK, p.api("POST", "/credentials/"+saved.ID+"/verify", nil).Status)
	assert.Equal(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status)
	assert.Equal(t, sent, calls(before), "the address before gets nothing more")
	assert.NotZero(t, calls(after))
	assert.Contains(t, string(p.api("GET", "/audit?action=environment.address", nil).Body), after.URL)
	p.stop()

	p = launch(t, raced, p.data, "--environment", "test="+after.URL)
	assert.Equal(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status, "once is enough")
}
