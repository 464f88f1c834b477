package postgres_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/postgres"
)

// The files of the latest builds are there for all servers. What somebody else writes into the
// database does not run where people type secrets.
func TestPageFiles(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	files := postgres.NewPageFiles(open(t, config))
	builds, err := files.Builds(t.Context())
	require.NoError(t, err)
	assert.Empty(t, builds)
	program := bytes.Repeat([]byte{0, 'a', 's', 'm'}, 1<<18)
	for build := range 5 {
		require.NoError(t, files.Publish(t.Context(), fmt.Sprint("build", build), map[string][]byte{"boot.js": {byte(build)}, "a.wasm": program}))
	}
	require.NoError(t, files.Publish(t.Context(), "build2", map[string][]byte{"boot.js": {2}, "a.wasm": program}), "it starts again")
	want := map[string]map[string][]byte{}
	for _, build := range []byte{2, 3, 4} {
		want[fmt.Sprint("build", build)] = map[string][]byte{"boot.js": {build}, "a.wasm": program}
	}
	other := postgres.NewPageFiles(open(t, config))
	assert.Equal(t, want, allFiles(t, other))

	run(t, config, `UPDATE page_files SET content = 'alert(1)' WHERE build = 'build3' AND name = 'boot.js'`)
	run(t, config, `INSERT INTO page_files SELECT 'build9', name, content, mac, published_at FROM page_files WHERE build = 'build4'`)
	run(t, config, `UPDATE page_files SET name = 'b.wasm' WHERE build = 'build2' AND name = 'a.wasm'`)
	delete(want["build3"], "boot.js")
	delete(want["build2"], "a.wasm")
	want["build9"] = map[string][]byte{}
	assert.Equal(t, want, allFiles(t, other))
}

// allFiles returns the files of all builds.
func allFiles(t *testing.T, files *postgres.PageFiles) map[string]map[string][]byte {
	t.Helper()
	builds, err := files.Builds(t.Context())
	require.NoError(t, err)
	all := map[string]map[string][]byte{}
	for _, build := range builds {
		all[build], err = files.Files(t.Context(), build)
		require.NoError(t, err)
	}
	return all
}
