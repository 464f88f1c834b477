package command_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// The keys are rotated while a server runs: it reads what they encrypted before and after,
// and so does the next one.
func TestKeysAreRotatedUnderARunningServer(t *testing.T) {
	t.Parallel()
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment)
	before := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	keys := func(arguments ...string) string {
		out, code := run(t, append([]string{"keys"}, append(arguments, "--data", p.data)...)...)
		require.Zero(t, code, out)
		return out
	}
	first := strings.Fields(keys("list"))
	require.Len(t, first, 9, "titles and one key")
	assert.Equal(t, "primary", first[6])

	said := keys("rotate")
	assert.Contains(t, said, "encrypts everything now")
	after := strings.Fields(keys("list"))
	require.Len(t, after, 9, "the earlier key is gone")
	assert.NotEqual(t, first[5], after[5])
	assert.Contains(t, said, after[5])
	assert.Equal(t, first[7], after[7], "as many values")

	verifies := func(id string) {
		t.Helper()
		assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil), `"outcome":"verified"`)
	}
	verifies(before)
	between := p.create(paycor.Lookup(paycortest.SummitDental).Details())
	stored := p.ask(200, "POST", "/api/v1/credentials/"+between+"/verify", nil)
	assert.Contains(t, stored, "entity_left", "its secrets were accepted")
	keys("rotate")
	verifies(before)
	assert.Contains(t, p.ask(200, "GET", "/api/v1/audit?action=key.remove", nil), after[5])
	token := p.token
	p.stop()
	p = serve(t, p.data, "--environment", environment)
	p.token = token
	verifies(before)
	p.stop()
}
