package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The package has the module that the server serves, and every file its exports name.
func TestTheNPMPackageIsComplete(t *testing.T) {
	r := releaseOf(t)
	files := readTarGzip(t, filepath.Join(r.out, "paycorcred-embed-1.2.3-test.tgz"))
	served, err := os.ReadFile(filepath.Join(r.source, "web/static/embed/sdk.js"))
	require.NoError(t, err)
	assert.Equal(t, string(served), string(files["package/sdk.js"]))

	var described struct {
		Version string
		Exports map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(files["package/package.json"]), &described))
	assert.Equal(t, "1.2.3-test", described.Version)
	for name, export := range described.Exports {
		targets, ok := export.(map[string]any)
		if !ok {
			targets = map[string]any{"default": export}
		}
		for _, target := range targets {
			assert.NotEmpty(t, files["package/"+strings.TrimPrefix(target.(string), "./")], "%s: %s", name, target)
		}
	}
	assert.NotEmpty(t, files["package/README.md"])
}
