package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// repetitions is how often each subject is measured. They take turns, so that
// other load on the machine affects all of them alike.
const repetitions = 5

// builds are further builds of paycorcred to compare with, as NAME=PATH,….
var builds = flag.String("builds", "", "further builds of paycorcred that BenchmarkCalls compares: NAME=PATH,…")

// BenchmarkCalls compares calls to the same upstream on one machine: direct calls,
// and calls through a bare httputil.ReverseProxy, this program with all features
// on, and nginx and Caddy if they are installed. Each runs in a process of its
// own, and so does the upstream; the load comes from this process. The medians of
// several repetitions are reported. cpu-µs/req is the processor time of the
// subject's processes per request; it varies less than anything that is timed.
func BenchmarkCalls(b *testing.B) {
	upstream, _ := startRole(b, "upstream")
	bare, pid := startRole(b, "bare http://"+upstream)
	subjects := []subject{
		{name: "direct", address: upstream, request: plainRequest("/v1/a", "Authorization: Bearer "+oldToken+"\r\nOcp-Apim-Subscription-Key: "+subscriptionKey+"\r\n")},
		{"bare-ReverseProxy", bare, plainRequest("/v1/a", "Authorization: Bearer x\r\n"), []int{pid}},
		program(b, upstream),
	}
	for one := range strings.SplitSeq(*builds, ",") {
		if name, path, is := strings.Cut(one, "="); is {
			build := run(b, path, upstream)
			build.name = name
			subjects = append(subjects, build)
		}
	}
	if path, err := exec.LookPath("nginx"); err == nil {
		subjects = append(subjects, nginx(b, path, upstream))
	}
	if path, err := exec.LookPath("caddy"); err == nil {
		subjects = append(subjects, caddy(b, path, upstream))
	}
	for _, r := range subjects {
		r.load(b, 32, time.Second, 0) // warm-up
	}
	turns := make([][]measurement, len(subjects))
	for range repetitions {
		for i, r := range subjects {
			turns[i] = append(turns[i], r.measure(b))
		}
	}
	const direct, standard = 0, 1 // what the others are compared with
	for i, r := range subjects {
		b.Run(r.name, func(b *testing.B) {
			for b.Loop() { // everything has been measured
			}
			b.ReportMetric(0, "ns/op")
			report := func(unit string, of func(measurement) float64) {
				b.ReportMetric(median(turns[i], turns[i], func(mine, _ measurement) float64 { return of(mine) }), unit)
			}
			over := func(unit string, of func(measurement) float64) {
				b.ReportMetric(median(turns[i], turns[standard], func(mine, theirs measurement) float64 { return of(mine) / of(theirs) }), unit)
			}
			report("req/s", func(t measurement) float64 { return t.perSecond })
			report("p99-1-µs", func(t measurement) float64 { return t.one })
			report("p99-32-µs", func(t measurement) float64 { return t.many })
			report("p99-500/s-µs", func(t measurement) float64 { return t.fixed })
			if i == direct {
				return
			}
			report("cpu-µs/req", func(t measurement) float64 { return t.cpu })
			over("times-bare-cpu", func(t measurement) float64 { return t.cpu })
			over("times-bare-p99-500/s", func(t measurement) float64 { return t.fixed })
			b.ReportMetric(r.memory(b), "MB")
		})
	}
}

// measurement is one repetition of a subject; times are in microseconds.
type measurement struct{ one, many, fixed, perSecond, cpu float64 }

func (r subject) measure(b testing.TB) measurement {
	b.Helper()
	const span = 3 * time.Second
	t := measurement{one: r.load(b, 1, span/2, 0).p99()}
	before := r.cpu(b)
	many := r.load(b, 32, span, 0)
	t.cpu = float64((r.cpu(b) - before).Microseconds()) / float64(len(many))
	t.many, t.perSecond = many.p99(), float64(len(many))/span.Seconds()
	t.fixed = r.load(b, 16, span+span/2, 500).p99()
	return t
}

// median returns the median over the repetitions of a figure of two subjects.
func median(mine, theirs []measurement, of func(mine, theirs measurement) float64) float64 {
	var all []float64
	for i := range mine {
		all = append(all, of(mine[i], theirs[i]))
	}
	slices.Sort(all)
	return all[len(all)/2]
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

// times are the durations of requests.
type times []time.Duration

// p99 returns the 99th percentile in microseconds.
func (t times) p99() float64 {
	slices.Sort(t)
	return float64(t[len(t)*99/100].Microseconds())
}

// load sends requests for a while: as fast as they are answered, or at a fixed
// rate. At a fixed rate a request's time counts from when it was due, so a slow
// response shows in all requests that it delays.
func (r subject) load(b testing.TB, connections int, span time.Duration, perSecond int) times {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), span)
	defer cancel()
	var mu sync.Mutex
	var all times
	var failure error
	var working sync.WaitGroup
	start := time.Now()
	for n := range connections {
		working.Go(func() {
			var mine times
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, mine...)
			}()
			conn, err := net.Dial("tcp", r.address)
			if err != nil {
				mu.Lock()
				failure = err
				mu.Unlock()
				return
			}
			defer conn.Close()
			reader := bufio.NewReaderSize(conn, 16<<10)
			due := start
			step := time.Duration(0)
			if perSecond > 0 {
				step = time.Duration(connections) * time.Second / time.Duration(perSecond)
				due = due.Add(step * time.Duration(n) / time.Duration(connections))
			}
			for ctx.Err() == nil {
				if step > 0 {
					time.Sleep(time.Until(due))
				} else {
					due = time.Now()
				}
				if err := roundTrip(conn, reader, r.request); err != nil {
					mu.Lock()
					failure = fmt.Errorf("%s: %w", r.name, err)
					mu.Unlock()
					return
				}
				mine = append(mine, time.Since(due))
				due = due.Add(step)
			}
		})
	}
	working.Wait()
	require.NoError(b, failure)
	return all
}

var errUnexpected = errors.New("unexpected response")

// roundTrip sends a request and reads the response with as little work as
// possible, to leave the processor to the subject.
func roundTrip(conn net.Conn, reader *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	length := -1
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("%w: %s", errUnexpected, line)
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); len(name) == 14 && bytes.EqualFold(name, []byte("Content-Length")) {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	if length >= 0 {
		if length != len(benchBody) {
			return errUnexpected
		}
		_, err := reader.Discard(length)
		return err
	}
	for { // chunked
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := reader.Discard(int(size) + 2); err != nil || size == 0 {
			return err
		}
	}
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
