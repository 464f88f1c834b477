package e2e_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The names of all functions are in a program, for traces of panics.
func TestNoProgramContainsTheScreensOfTheOther(t *testing.T) {
	t.Parallel()
	screens := map[string][]string{
		"credentials":    {"credentialList", "detailPage", "applicationPage", "editor", "activationDialog"},
		"administration": {"auditPage", "consumersPage", "embedHostsPage", "channelsPage", "sessionsPage", "systemPage"},
	}
	for program := range screens {
		content, err := os.ReadFile("../static/" + program + ".wasm")
		require.NoError(t, err)
		for owner, names := range screens {
			for _, name := range names {
				assert.Equal(t, owner == program, bytes.Contains(content, []byte("paycorcred/app.(*"+name+").render")), "%s in %s.wasm", name, program)
			}
		}
	}
}
