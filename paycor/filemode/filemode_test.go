package filemode_test

import (
	"io/fs"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/filemode"
)

func TestOthersHaveWhatTheModeGivesThem(t *testing.T) {
	want := fs.FileMode(0o022)
	if runtime.GOOS == "windows" {
		want = 0
	}
	assert.Equal(t, want, filemode.Others(fs.ModeDir|0o733, 0o022))
	assert.Zero(t, filemode.Others(fs.ModeDir|0o755, 0o022))
	assert.Zero(t, filemode.Others(0o600, 0o077))
}

// A file of root's may be readable by the group of the process that needs it, and no more.
func TestRootMayGiveASecretToAGroup(t *testing.T) {
	if runtime.GOOS == "windows" {
		assert.Zero(t, filemode.OthersOfGiven(0o666, 0o077, true))
		return
	}
	assert.Zero(t, filemode.OthersOfGiven(0o440, 0o077, true))
	assert.Zero(t, filemode.OthersOfGiven(0o640, 0o077, true))
	for _, mode := range []fs.FileMode{0o460, 0o444, 0o450, 0o640 | 0o002} {
		assert.NotZero(t, filemode.OthersOfGiven(mode, 0o077, true), mode)
	}
	assert.NotZero(t, filemode.OthersOfGiven(0o440, 0o077, false), "of another user")
}
