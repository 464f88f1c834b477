package doctor_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/doctor"
)

// The doctor counts the open files of the process that has the database open.
func TestDescriptorsAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "some.db")
	require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
	count := func() string {
		report := doctor.New(doctor.Config{Database: path, Client: &http.Client{}}).Examine(t.Context())
		return checked(report, "descriptors")[0].Message.In(locale.English)
	}
	assert.Contains(t, count(), "weren’t counted")
	other := exec.CommandContext(t.Context(), "sh", "-c", "exec 7<"+path+" 8</dev/null; echo open; read line")
	input, err := other.StdinPipe()
	require.NoError(t, err)
	output, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	_, err = fmt.Fscanln(output, new(string))
	require.NoError(t, err)
	assert.Regexp(t, `^The server has \d+ files and connections open, and may open \d+\.$`, count())
	require.NoError(t, input.Close())
	_ = other.Wait() // read fails at the end of its input
	used, limit := doctor.OwnDescriptors("")
	assert.Positive(t, used)
	assert.Positive(t, limit)
}
