package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// subject is a program that is measured.
type subject struct {
	name    string
	address string
	request []byte
	pids    []int // of its processes; none for direct calls
}

func plainRequest(path, headers string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nUser-Agent: bench/1\r\n" + headers + "\r\n")
}

// startRole runs the test binary in another role: see TestMain.
func startRole(b testing.TB, role string) (address string, pid int) {
	b.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "PROXY_ROLE="+role)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	return strings.TrimSpace(line), command.Process.Pid
}

// program builds and runs paycorcred with a saved credential and an API token. Its
// log goes to a file.
func program(b testing.TB, upstream string) subject {
	b.Helper()
	directory := b.TempDir()
	binary := filepath.Join(directory, "paycorcred")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s", "-o", binary, "paycorcred")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(b, err, string(said))
	return run(b, binary, upstream)
}

// run runs a build of paycorcred: see program.
func run(b testing.TB, binary, upstream string) subject {
	b.Helper()
	directory := b.TempDir()
	data := filepath.Join(directory, "data")
	log, err := os.Create(filepath.Join(directory, "log"))
	require.NoError(b, err)
	command := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--environment", "bench=http://"+upstream, "--call-limit", "100000000")
	command.Stderr = log
	out, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = log.Close()
	})
	found := regexp.MustCompile(`http://(\S+)/sign-in`)
	reader, address := bufio.NewReader(out), ""
	for address == "" {
		line, err := reader.ReadString('\n')
		require.NoError(b, err)
		if match := found.FindStringSubmatch(line); match != nil {
			address = match[1]
		}
	}
	token := func(rights string) string {
		said, err := exec.CommandContext(b.Context(), binary, "token", "create", "--data", data, "--name", "bench", "--rights", rights).Output()
		require.NoError(b, err)
		return strings.TrimSpace(string(said))
	}
	body := `{"name":"Bench","environment":"bench","client_id":"0000000000000000beef","client_secret":"invented/secret+of/the+bench/000000000001","subscription_key":"` + subscriptionKey + `","legal_entity_id":501123}`
	request, err := http.NewRequestWithContext(b.Context(), "POST", "http://"+address+"/api/v1/credentials?verify=false", strings.NewReader(body))
	require.NoError(b, err)
	request.Header.Set("Authorization", "Bearer "+token("edit"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer response.Body.Close()
	saved, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	id := regexp.MustCompile(`cred_[0-9a-v]{26}`).FindString(string(saved))
	require.NotEmpty(b, id, string(saved))
	return subject{"paycorcred", address, plainRequest("/api/v1/credentials/"+id+"/paycor/v1/a", "Authorization: Bearer "+token("use")+"\r\n"), []int{command.Process.Pid}}
}

func nginx(b testing.TB, path, upstream string) subject {
	b.Helper()
	directory, address := b.TempDir(), freeAddress(b)
	config := filepath.Join(directory, "nginx.conf")
	require.NoError(b, os.WriteFile(config, []byte(fmt.Sprintf(`
daemon off; worker_processes 2; pid %[1]s/pid; error_log %[1]s/error;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
  keepalive_requests 100000000;
  upstream paycor { server %[2]s; keepalive 256; keepalive_requests 100000000; }
  server { listen %[3]s; location / {
    proxy_pass http://paycor; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    proxy_set_header Authorization "Bearer %[4]s"; proxy_set_header Ocp-Apim-Subscription-Key "%[5]s"; } }
}`, directory, upstream, address, oldToken, subscriptionKey)), 0o600))
	pid := external(b, address, exec.Command(path, "-p", directory, "-c", config))
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	require.NoError(b, err)
	pids := []int{pid}
	for child := range strings.FieldsSeq(string(children)) {
		number, _ := strconv.Atoi(child)
		pids = append(pids, number)
	}
	return subject{"nginx", address, plainRequest("/v1/a", ""), pids}
}

func caddy(b testing.TB, path, upstream string) subject {
	b.Helper()
	directory, address := b.TempDir(), freeAddress(b)
	config := filepath.Join(directory, "Caddyfile")
	require.NoError(b, os.WriteFile(config, []byte(fmt.Sprintf(`
{
  admin off
  auto_https off
}
http://%s {
  reverse_proxy %s {
    header_up Authorization "Bearer %s"
    header_up Ocp-Apim-Subscription-Key "%s"
    transport http {
      keepalive_idle_conns_per_host 256
      compression off
    }
  }
}`, strings.Replace(address, "127.0.0.1", "", 1), upstream, oldToken, subscriptionKey)), 0o600))
	command := exec.Command(path, "run", "--config", config, "--adapter", "caddyfile")
	command.Env = append(os.Environ(), "XDG_DATA_HOME="+directory, "XDG_CONFIG_HOME="+directory)
	return subject{"caddy", address, plainRequest("/v1/a", ""), []int{external(b, address, command)}}
}

// external starts a program and waits until it listens.
func external(b testing.TB, address string, command *exec.Cmd) int {
	b.Helper()
	var said bytes.Buffer
	command.Stderr = &said
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	require.Eventually(b, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond, &said)
	return command.Process.Pid
}

func freeAddress(b testing.TB) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer listener.Close()
	return listener.Addr().String()
}

// cpu returns the processor time of the processes so far.
func (r subject) cpu(b testing.TB) time.Duration {
	b.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	var all time.Duration
	for _, pid := range r.pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		require.NoError(b, err)
		_, after, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(after)
		for _, at := range []int{11, 12} { // utime, stime
			ticks, _ := strconv.Atoi(fields[at])
			all += time.Duration(ticks) * tick
		}
	}
	return all
}

// memory returns the resident memory of the processes in MB.
func (r subject) memory(b testing.TB) float64 {
	b.Helper()
	kilobytes := 0
	for _, pid := range r.pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		require.NoError(b, err)
		_, after, _ := strings.Cut(string(status), "VmRSS:")
		number, _ := strconv.Atoi(strings.Fields(after)[0])
		kilobytes += number
	}
	return float64(kilobytes) / 1024
}
