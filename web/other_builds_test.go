package web_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

// sharedFiles is what servers share, in memory.
type sharedFiles struct {
	builds map[string]map[string][]byte
	lists  int
	reads  int
	err    error // of everything

	unreadable error // of Files
}

func (s *sharedFiles) Publish(_ context.Context, build string, files map[string][]byte) error {
	if s.builds == nil {
		s.builds = map[string]map[string][]byte{}
	}
	s.builds[build] = files
	return s.err
}

func (s *sharedFiles) Builds(context.Context) ([]string, error) {
	s.lists++
	return slices.Collect(maps.Keys(s.builds)), s.err
}

func (s *sharedFiles) Files(_ context.Context, build string) (map[string][]byte, error) {
	s.reads++
	return s.builds[build], cmp.Or(s.err, s.unreadable)
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

	// Who asks for builds that do not exist causes no read, and nothing that another build waits for.
	for range 100 {
		assert.Equal(t, http.StatusNotFound, get(later.Handler(), "GET", "/assets/0000000000000000/boot.js").Code)
	}
	assert.LessOrEqual(t, shared.lists, 4)
	assert.Equal(t, 2, shared.reads)
	assert.Equal(t, http.StatusOK, get(later.Handler(), "GET", earlier.Address("boot.js")).Code)
	assert.Equal(t, http.StatusNotFound, get(later.Handler(), "GET", later.Address("none.js")).Code)
}

// A build that comes later is found, one that is gone is forgotten, and after an error the
// files are read again.
func TestBuildsComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := &sharedFiles{}
		assets, err := web.OpenSharedAssets(built(t), shared)
		require.NoError(t, err)
		file := func() int { return get(assets.Handler(), "GET", "/assets/00000000000000aa/boot.js").Code }
		assert.Equal(t, http.StatusNotFound, file())
		shared.builds["00000000000000aa"] = map[string][]byte{"boot.js": zipped(t, "'aa'")}
		assert.Equal(t, http.StatusNotFound, file(), "the list is trusted for a second")
		time.Sleep(2 * time.Second)
		shared.err = errors.New("the database is away")
		assert.Equal(t, http.StatusNotFound, file())
		time.Sleep(2 * time.Second)
		shared.err, shared.unreadable = nil, errors.New("the connection broke")
		assert.Equal(t, http.StatusNotFound, file())
		shared.unreadable = nil
		time.Sleep(2 * time.Second)
		assert.Equal(t, http.StatusOK, file())
		delete(shared.builds, "00000000000000aa")
		assert.Equal(t, http.StatusOK, file(), "in memory")
		time.Sleep(2 * time.Second)
		assert.Equal(t, http.StatusNotFound, get(assets.Handler(), "GET", "/assets/00000000000000bb/boot.js").Code)
		assert.Equal(t, http.StatusNotFound, file(), "forgotten with the next list")
	})
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
