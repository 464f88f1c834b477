package web_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// sharedFiles is what servers share, in memory.
type sharedFiles struct {
	builds map[string]map[string][]byte
	reads  int
	err    error
}

func (s *sharedFiles) Publish(_ context.Context, build string, files map[string][]byte) error {
	if s.builds == nil {
		s.builds = map[string]map[string][]byte{}
	}
	s.builds[build] = files
	return s.err
}

func (s *sharedFiles) Builds(context.Context) (map[string]map[string][]byte, error) {
	s.reads++
	return s.builds, s.err
}

// While servers are replaced, each of them serves the files of the pages of both versions.
func TestFilesOfAnotherBuild(t *testing.T) {
	t.Parallel()
	shared := &sharedFiles{}
	earlier, err := web.OpenSharedAssets(built(t), shared)
	require.NoError(t, err)
	next := built(t)
	next["static/boot.js"].Data = []byte("'next'")
	later, err := web.OpenSharedAssets(next, shared)
	require.NoError(t, err)
	require.NotEqual(t, earlier.Address("boot.js"), later.Address("boot.js"))
	for name, want := range map[string]string{"app.css": "body{}", "boot.js": "'new'", "icons/key.svg": "<svg/>", "credentials.wasm": program} {
		got := get(later.Handler(), "GET", earlier.Address(name))
		assert.Equal(t, http.StatusOK, got.Code, name)
		assert.Equal(t, want, got.Body.String(), name)
		assert.Equal(t, strconv.Itoa(len(want)), got.Header().Get("Content-Length"), name)
		assert.Equal(t, get(earlier.Handler(), "GET", earlier.Address(name)).Header().Get("Content-Type"), got.Header().Get("Content-Type"))
		assert.Contains(t, got.Header().Get("Cache-Control"), "immutable")
		packed := get(later.Handler(), "GET", earlier.Address(name), header{"Accept-Encoding", "gzip, br"})
		assert.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
		assert.Less(t, packed.Body.Len(), len(program))
	}
	assert.Equal(t, "'next'", get(earlier.Handler(), "GET", later.Address("boot.js")).Body.String())
	assert.Equal(t, 2, shared.reads, "each server read them once")

	// Who asks for builds that do not exist causes one read in a second.
	for range 100 {
		assert.Equal(t, http.StatusNotFound, get(later.Handler(), "GET", "/assets/0000000000000000/boot.js").Code)
	}
	assert.LessOrEqual(t, shared.reads, 4)
	assert.Equal(t, http.StatusNotFound, get(later.Handler(), "GET", later.Address("none.js")).Code)
}

// A server starts without its database's help, and has its own files.
func TestFilesOfAnotherBuildThatCannotBeRead(t *testing.T) {
	t.Parallel()
	shared := &sharedFiles{err: errors.New("the database is away")}
	assets, err := web.OpenSharedAssets(built(t), shared)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, get(assets.Handler(), "GET", assets.Address("boot.js")).Code)
	assert.Equal(t, http.StatusNotFound, get(assets.Handler(), "GET", "/assets/0000000000000000/boot.js").Code)
}
