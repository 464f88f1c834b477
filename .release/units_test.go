package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unitsOf returns the paths of the service and the socket unit, which start the released
// program instead of one in /usr/local/bin.
func unitsOf(t *testing.T) (service, socket string) {
	t.Helper()
	requireTool(t, "systemd-analyze")
	r, directory, program := releaseOf(t), t.TempDir(), programOf(t)
	for _, name := range []string{"paycorcred.service", "paycorcred.socket"} {
		content, err := os.ReadFile(filepath.Join(r.out, name))
		require.NoError(t, err)
		text := strings.Replace(string(content), "/usr/local/bin/paycorcred", program, 1)
		require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644))
	}
	return filepath.Join(directory, "paycorcred.service"), filepath.Join(directory, "paycorcred.socket")
}

// systemd prints a warning, and exits with 0, about a setting that it doesn't know.
func TestTheUnitsAreValid(t *testing.T) {
	service, socket := unitsOf(t)
	assert.Empty(t, output(t, "systemd-analyze", "verify", service, socket))
}

// Go exits with 2 after a panic, and after the signal of the watchdog, but also where the
// configuration is wrong. Only the number of starts tells them apart.
func TestACrashIsFollowedByAStart(t *testing.T) {
	content, err := os.ReadFile("systemd/paycorcred.service")
	require.NoError(t, err)
	unit := string(content)
	assert.Contains(t, unit, "\nRestart=on-failure\n")
	assert.Contains(t, unit, "\nRestartPreventExitStatus=3\n")
	assert.Contains(t, unit, "\nStartLimitBurst=5\n")
}

// The exposure is 1.2 of 10. What is left is what a server on the network needs.
func TestTheServiceIsConfined(t *testing.T) {
	service, _ := unitsOf(t)
	output(t, "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", service)
}
