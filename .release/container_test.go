package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// container is the image run by Podman, as confined as it can be.
type container struct {
	t       *testing.T
	name    string
	address string // of the server
}

// podman returns a command of Podman with runc, which also works where both versions
// of cgroups are mounted.
func podman(arguments ...string) *exec.Cmd {
	return exec.Command("podman", append([]string{"--runtime", "runc", "--log-level", "fatal"}, arguments...)...)
}

func (c *container) podman(arguments ...string) string {
	c.t.Helper()
	printed, err := podman(arguments...).CombinedOutput()
	require.NoError(c.t, err, "podman %v\n%s", arguments, printed)
	return strings.TrimSpace(string(printed))
}

// start starts a container with the volume of this test. It uses the network of the
// machine, where it listens on loopback only. The machine may forbid higher limits than
// these, and may have no systemd, with which Podman repeats the health check.
func (c *container) start() {
	c.t.Helper()
	c.podman("run", "--detach", "--name", c.name, "--network", "host", "--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096",
		"--health-interval", "disable", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		"--volume", c.name+":/data", "localhost/paycorcred:"+tested.version, "serve", "--listen", "localhost:0", "--simulator", "--verify-every", "0")
	var log string
	require.Eventually(c.t, func() bool {
		printed, _ := podman("logs", c.name).CombinedOutput()
		log = string(printed)
		return podman("healthcheck", "run", c.name).Run() == nil
	}, 5*time.Minute, time.Second, "the container does not become healthy: %s", log)
	c.address = regexp.MustCompile(`The server is at (http://localhost:\d+)`).FindStringSubmatch(c.podman("logs", c.name))[1]
}

// process returns fields of /proc/PID/status, and the resident memory in KiB.
func (c *container) process() (status map[string]string, memory int) {
	c.t.Helper()
	content, err := os.ReadFile("/proc/" + c.podman("inspect", "--format", "{{.State.Pid}}", c.name) + "/status")
	require.NoError(c.t, err)
	status = map[string]string{}
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, ":")
		status[name] = strings.Join(strings.Fields(value), " ")
	}
	memory, err = strconv.Atoi(strings.TrimSuffix(status["VmRSS"], " kB"))
	require.NoError(c.t, err)
	return status, memory
}

// call sends a request to the API and decodes the answer.
func (c *container) call(method, path, token string, body, answer any) int {
	c.t.Helper()
	content, err := json.Marshal(body)
	require.NoError(c.t, err)
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.address+path, bytes.NewReader(content))
	require.NoError(c.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer response.Body.Close()
	require.NoError(c.t, json.NewDecoder(response.Body).Decode(answer))
	return response.StatusCode
}

func TestAContainerKeepsCredentialsAndStopsInTime(t *testing.T) {
	requireTool(t, "podman", "runc")
	r := releaseOf(t)
	c := &container{t: t, name: fmt.Sprintf("paycorcred-test-%d", os.Getpid())}
	t.Cleanup(func() {
		_ = podman("rm", "--force", "--time", "0", c.name).Run()
		_ = podman("volume", "rm", c.name).Run()
		_ = podman("rmi", "localhost/paycorcred:"+r.version).Run()
	})
	c.podman("load", "--input", r.path("-image-amd64.tar"))
	c.start()

	status, memory := c.process()
	assert.Equal(t, "65532 65532 65532 65532", status["Uid"])
	assert.Equal(t, "65532 65532 65532 65532", status["Gid"])
	assert.Equal(t, "0000000000000000", status["CapEff"])
	assert.Equal(t, "1", status["NoNewPrivs"])
	assert.Less(t, memory, 60<<10, "an idle server needs more than 60 MiB")
	assert.Contains(t, c.podman("exec", c.name, "/paycorcred", "sign-in"), c.address+"/sign-in?")

	token := c.podman("exec", c.name, "/paycorcred", "token", "create", "--name", "test", "--rights", "view,use,edit")
	var saved struct {
		ID      string
		Verdict struct{ Outcome string }
	}
	assert.Equal(t, http.StatusCreated, c.call(http.MethodPost, "/api/v1/credentials", token, map[string]any{
		"name": "Bakery", "environment": "simulator", "client_id": "00000000000000000a01", "legal_entity_id": 501123,
		"client_secret": "simulator/secret+of/Sunrise+Bakery/0000001", "subscription_key": "000000000000000000000000000000b1",
	}, &saved))
	assert.Equal(t, "verified", saved.Verdict.Outcome)

	c.podman("stop", "--time", "10", c.name) // which then kills it
	assert.Equal(t, "0", c.podman("inspect", "--format", "{{.State.ExitCode}}", c.name))
	c.podman("rm", c.name)
	c.start()
	var kept struct{ Name string }
	assert.Equal(t, http.StatusOK, c.call(http.MethodGet, "/api/v1/credentials/"+saved.ID, token, nil, &kept))
	assert.Equal(t, "Bakery", kept.Name)
}
