package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// smallDisk returns a directory on a file system of its own.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m,mode=0700"); err != nil {
		t.Skipf("a file system of its own is needed: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// On a full disk nothing is acknowledged: the page and the API say so, and the server is
// not ready. Once there is space, everything works again, and nothing is lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	p := startOn(t, filepath.Join(dir, "data"))
	bakery := sample(t, paycortest.SunriseBakery)
	saved := p.save(sample(t, paycortest.HarborLogistics).body(t).with("name", "Before"), "?verify=false")
	b := open(t, p).signIn()
	b.press("button", say("add"))
	b.complete(bakery)

	filler, err := os.Create(filepath.Join(dir, "filler"))
	require.NoError(t, err)
	for chunk := make([]byte, 1<<12); err == nil; {
		_, err = filler.Write(chunk)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, filler.Close())
	refused := p.api("POST", "/credentials?verify=false", sample(t, paycortest.OldMillFoods).body(t).with("name", "Refused"))
	assert.Equal(t, http.StatusInsufficientStorage, refused.Status, string(refused.Body))
	assert.Contains(t, string(refused.Body), `"code":"storage_full"`)
	assert.NotContains(t, string(refused.Body), dir)
	assert.Equal(t, http.StatusServiceUnavailable, p.do(ask{Method: "GET", Path: "/readyz"}).Status)
	assert.Equal(t, http.StatusOK, p.api("GET", "/credentials/"+saved.ID, nil).Status, "reading goes on")
	b.watch.expect("Failed to load")
	b.press("button", say("save"))
	b.alert("The disk of this server is full, so nothing was changed.")
	b.screenshot("full-disk")

	require.NoError(t, os.Remove(filler.Name()))
	require.Eventually(t, func() bool { return p.do(ask{Method: "GET", Path: "/readyz"}).Status == http.StatusOK }, timeout, 50*time.Millisecond)
	b.press("button", say("save"))
	b.get("radio", "~"+bakery.Name)
	assert.ElementsMatch(t, []string{"Before", bakery.Name}, p.names())
}
