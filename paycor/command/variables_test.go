package command_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
)

func TestMisspelledVariablesAreNamed(t *testing.T) {
	t.Setenv("PAYCORCRED_PUBLICURL", "https://creds.example.com")
	t.Setenv("PAYCORCRED_OIDC_ISUER", "https://login.example.com")
	t.Setenv("PAYCORCRED_RIGHTS", "view")       // of another command
	for name, value := range map[string]string{ // as Kubernetes sets them for a service
		"PORT": "tcp://10.0.0.7:8080", "PORT_8080_TCP": "tcp://10.0.0.7:8080", "PORT_8080_TCP_ADDR": "10.0.0.7", "PORT_8080_TCP_PORT": "8080",
		"PORT_8080_TCP_PROTO": "tcp", "SERVICE_HOST": "10.0.0.7", "SERVICE_PORT": "8080", "SERVICE_PORT_HTTP": "8080", "PORT_443_TCP": "tcp://10.0.0.7:443",
	} {
		t.Setenv("PAYCORCRED_"+name, value)
	}
	out, code := run(t, "config", "check")
	assert.Zero(t, code, "such a variable may be that of another program: %s", out)
	first, second := locale.English.Text("cli.variable-unknown", "PAYCORCRED_OIDC_ISUER", "PAYCORCRED_OIDC_ISSUER"),
		locale.English.Text("cli.variable-unknown", "PAYCORCRED_PUBLICURL", "PAYCORCRED_PUBLIC_URL")
	assert.Contains(t, out, "# "+first+"\n# "+second+"\n# "+locale.English.Text("cli.config-valid")+"\n")

	p := serve(t, filepath.Join(t.TempDir(), "data"))
	p.stop()
	assert.Contains(t, p.output.String(), second)
	assert.NotContains(t, p.output.String(), "SERVICE_HOST")
}
