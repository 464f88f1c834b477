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
