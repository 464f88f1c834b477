package replicas_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// nextVersion builds the program as a later version may be: it adds a table, a column that the
// MAC of a record covers, a column of what lists are sorted by, and other rules for that.
func nextVersion(t *testing.T) (path string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	replace := map[string]string{}
	write := func(name, text string) {
		file := filepath.Join(dir, filepath.Base(name))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		replace[filepath.Join(root, name)] = file
	}
	edit := func(name, before, after string) {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.Contains(t, string(text), before, name)
		write(name, strings.Replace(string(text), before, after, 1))
	}
	migrations, err := filepath.Glob(filepath.Join(root, "paycor/store/postgres/migrations/*.sql"))
	require.NoError(t, err)
	write(fmt.Sprintf("paycor/store/postgres/migrations/%04d_next.sql", len(migrations)+1), `
		CREATE TABLE networks (id text COLLATE "C" PRIMARY KEY);
		ALTER TABLE tokens ADD COLUMN networks text COLLATE "C" NOT NULL DEFAULT '';
		ALTER TABLE search_documents ADD COLUMN owner_key text COLLATE "C" NOT NULL DEFAULT '';`)
	edit("paycor/store/records/mac.go", `"id", "name", "revoked_at"`, `"id", "name", "networks", "revoked_at"`)
	edit("paycor/store/records/search_text.go", "const searchRules = ", "const searchRules = 1")
	edit("web/static/app.css", "/*", "/* Of the next version. */\n/*")
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	path = filepath.Join(dir, "paycorcred")
	build := exec.Command("go", "build", "-trimpath", "-overlay", filepath.Join(dir, "overlay.json"), "-o", path, ".")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return path
}

// filePattern finds the files of a page.
var filePattern = regexp.MustCompile(`/assets/[0-9a-f]{16}/[\w./-]+`)

// Servers are replaced one after another by those of a version with another schema, under load.
// The earlier ones go on beside them, and start again if they have to.
func TestServersAreReplacedByThoseOfTheNextVersion(t *testing.T) {
	t.Parallel()
	c := startCluster(t, testkit.Postgres(t))
	next := nextVersion(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := &load{cluster: c, t: t, ctx: ctx, saves: map[string]saved{}}
	activated := l.activate("Application")
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	for n := range replicas {
		working.Go(func() { l.save(n) })
	}
	working.Go(func() { l.call("Application", activated) })

	// serveTogether checks that all servers take tokens of each, and keep from each what was revoked.
	serveTogether := func() {
		t.Helper()
		for i := range c.servers {
			var made struct{ ID, Token string }
			created := c.api(i, http.MethodPost, "/tokens", map[string]any{"name": "one", "rights": []string{"view"}})
			require.Equal(t, http.StatusCreated, created.Status, created.Body)
			created.into(t, &made)
			read := request{Method: http.MethodGet, Path: "/api/v1/credentials?limit=1", Header: bearer(made.Token)}
			assert.Equal(t, replicas, count(c.everywhere(read), http.StatusOK))
			require.Equal(t, http.StatusNoContent, c.api((i+1)%replicas, http.MethodDelete, "/tokens/"+made.ID, nil).Status)
			assert.Equal(t, replicas, count(c.everywhere(read), http.StatusUnauthorized))
		}
	}
	// servePages checks that each server has the files of the pages of all of them.
	servePages := func(builds int) {
		t.Helper()
		different := map[string]bool{}
		for i := range c.servers {
			page := c.at(i, request{Method: http.MethodGet, Path: "/sign-in"})
			files := filePattern.FindAllString(page.Body, -1)
			require.NotEmpty(t, files, page.Body)
			different[files[0][:len("/assets/0123456789abcdef")]] = true
			for _, path := range files {
				answers := c.everywhere(request{Method: http.MethodGet, Path: path})
				assert.Equal(t, replicas, count(answers, http.StatusOK), path)
				for _, got := range answers {
					assert.True(t, got.Body == answers[0].Body, path)
				}
			}
		}
		assert.Len(t, different, builds)
	}
	serveTogether()
	servePages(1)
	for i, s := range c.servers {
		s.stop()
		s.program = next
		s.start()
		if i == 0 {
			time.Sleep(5 * time.Second) // the others would have noticed, and stopped
			c.servers[1].kill()
			c.servers[1].start()
			servePages(2)
		}
		serveTogether()
	}
	stop()
	working.Wait()
	assert.NotEmpty(t, l.saves)
	l.checkSaves()
	assert.Contains(t, c.command("audit", "verify"), "The audit trail is intact")
	out, _ := c.run("doctor")
	assert.Contains(t, out, "newer than schema", "the database was migrated")
	t.Logf("%d requests, %d failed; %d saves", l.calls.Load(), l.failed.Load(), len(l.saves))
}
