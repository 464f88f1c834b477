package command_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/paycortest"
)

// Secrets are not sent to another address than before until the operator accepts it.
func TestChangedAddressHasToBeAccepted(t *testing.T) {
	before, after := paycortest.Start(t, paycortest.Config{}), paycortest.Start(t, paycortest.Config{})
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+before.URL)
	p.stop()
	p = serve(t, p.data, "--environment", "test="+after.URL) // no credential uses it
	p.stop()
	p = serve(t, p.data, "--environment", "test="+before.URL)
	p.create(before.Lookup(paycortest.SunriseBakery).Details())
	p.stop()

	calls := after.Lookup(paycortest.SunriseBakery).Counts().Calls
	for _, flags := range [][]string{{"--environment", "test=" + after.URL}, {"--environment", "test=" + after.URL, "--accept-address", "production"},
		{"--environment", "test=" + before.URL + ",https://elsewhere.example"}} {
		out, code := run(t, append([]string{"serve", "--listen", "localhost:0", "--data", p.data}, flags...)...)
		assert.Equal(t, 2, code, out)
		assert.Contains(t, out, "--accept-address test")
		assert.Contains(t, out, before.URL)
	}
	assert.Equal(t, calls, after.Lookup(paycortest.SunriseBakery).Counts().Calls)

	p = serve(t, p.data, "--environment", "test="+after.URL, "--accept-address", "test")
	assert.Contains(t, p.ask(200, "GET", "/api/v1/audit?action=environment.address", nil), `"detail":"test `+after.URL+`"`)
	p.stop()
	p = serve(t, p.data, "--environment", "test="+after.URL) // once is enough
	p.stop()
	p = serve(t, p.data) // without it nothing is sent anyway
	p.stop()
	out, code := run(t, "serve", "--listen", "localhost:0", "--data", p.data, "--environment", "test="+before.URL)
	assert.Equal(t, 2, code, out)
}
