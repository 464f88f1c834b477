package command_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A site without its last tenant leads to its own workspace again, and the operator is told.
func TestTheLastTenantIsRemoved(t *testing.T) {
	p := serve(t, t.TempDir())
	data := p.data
	p.stop()
	command := func(arguments ...string) string {
		t.Helper()
		out, code := run(t, append(append([]string{"host"}, arguments...), "--data", data)...)
		require.Zero(t, code, out)
		return out
	}
	command("add", "--id", "console", "--name", "Console", "--origin", "https://console.example", "--rights", "view", "--jwks-url", "https://console.example/jwks")
	const alone = "its people work in its own workspace"
	assert.Contains(t, command("tenant", "list", "console"), alone)
	command("tenant", "add", "console", "acme", "--to", "acme")
	command("tenant", "add", "console", "birch", "--to", "birch")
	assert.Regexp(t, `TENANT +WORKSPACE +RIGHTS +SINCE\nacme +acme +view +.*\nbirch +birch +view `, command("tenant", "list", "console"))
	const last = "name no tenant lead to the workspace default"
	removed := command("tenant", "remove", "console", "acme")
	assert.Contains(t, removed, "The tenant acme was removed from console")
	assert.NotContains(t, removed, last)
	assert.Contains(t, command("tenant", "remove", "console", "birch"), last)
}
