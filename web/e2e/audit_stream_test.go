package e2e_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// syslogServer is an rsyslog that takes messages over TLS from clients with a certificate of
// an authority.
type syslogServer struct {
	t       *testing.T
	address string
	taken   string // file of what it took
	config  string
	dir     string
	process *exec.Cmd
	output  *testkit.Output
}

func newSyslogServer(t *testing.T, authority *testkit.Authority) *syslogServer {
	t.Helper()
	s := &syslogServer{t: t, address: freeAddress(t), dir: t.TempDir()}
	s.taken, s.config = filepath.Join(s.dir, "taken"), filepath.Join(s.dir, "rsyslog.conf")
	certificate, key := authority.CertificateFiles("localhost", "127.0.0.1")
	_, port, _ := net.SplitHostPort(s.address)
	require.NoError(t, os.WriteFile(s.config, []byte(fmt.Sprintf(`
global(workDirectory=%q maxMessageSize="64k" defaultNetstreamDriver="ossl"
  defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q)
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
template(name="line" type="string" string="%%app-name%% %%msgid%% %%syslogfacility-text%% %%msg%%\n")
ruleset(name="audit") { action(type="omfile" file=%q template="line") }
input(type="imtcp" address="127.0.0.1" port=%q ruleset="audit")
`, s.dir, authority.File(), certificate, key, s.taken, port)), 0o600))
	s.start()
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("rsyslogd wrote:\n%s", s.output)
		}
	})
	return s
}

func (s *syslogServer) start() {
	s.t.Helper()
	path, err := exec.LookPath("rsyslogd")
	require.NoError(s.t, err, "rsyslogd is missing: run make tools")
	s.process = exec.Command(path, "-n", "-f", s.config, "-i", filepath.Join(s.dir, "pid"))
	s.output = &testkit.Output{}
	s.process.Stdout, s.process.Stderr = s.output, s.output
	require.NoError(s.t, s.process.Start())
	require.Eventually(s.t, func() bool {
		conn, err := net.DialTimeout("tcp", s.address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, timeout, 20*time.Millisecond, "rsyslogd: %s", s.output)
}

func (s *syslogServer) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	_ = s.process.Wait()
}

// lines returns what it took, each entry once.
func (s *syslogServer) lines() []audit.Line {
	s.t.Helper()
	text, err := os.ReadFile(s.taken)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(s.t, err)
	whole := string(text[:bytes.LastIndexByte(text, '\n')+1]) // the last line may be under way
	var lines []audit.Line
	for text := range strings.Lines(whole) {
		json, is := strings.CutPrefix(text, "paycorcred audit audit ")
		require.True(s.t, is, text)
		for line, err := range audit.ReadLines(strings.NewReader(json)) {
			require.NoError(s.t, err, text)
			if len(lines) == 0 || line.Sequence > lines[len(lines)-1].Sequence {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// The whole trail reaches a syslog server, also what happened while it or this server was
// down, and after the server was killed.
func TestTheAuditTrailIsStreamedToSyslog(t *testing.T) {
	t.Parallel()
	authority := testkit.NewAuthority(t)
	syslog := newSyslogServer(t, authority)
	certificate, key := authority.CertificateFiles("paycorcred")
	p := start(t, "--audit-stream", "syslog+tls://"+syslog.address, "--ca-file", authority.File(), "--audit-stream-cert", certificate, "--audit-stream-key", key)
	draft := sample(t, paycortest.SunriseBakery).body(t)
	arrives := func(id, when string) {
		t.Helper()
		require.Eventually(t, func() bool {
			return slices.ContainsFunc(syslog.lines(), func(line audit.Line) bool { return line.Action == audit.ActionCreate && line.Credential == id })
		}, timeout, 50*time.Millisecond, when)
	}
	status := func() (status, said string) {
		var report struct {
			Findings []struct{ Check, Status, Message string }
		}
		p.api("GET", "/doctor", nil).into(t, &report)
		for _, finding := range report.Findings {
			if finding.Check == "audit-stream" {
				return finding.Status, finding.Message
			}
		}
		return "", ""
	}
	arrives(p.save(draft.with("name", "Before"), "").ID, "before")
	found, said := status()
	assert.Equal(t, "ok", found, said)

	syslog.stop()
	meanwhile := p.save(draft.with("name", "Meanwhile"), "").ID
	require.Eventually(t, func() bool { found, said = status(); return found == "warning" }, timeout, 100*time.Millisecond)
	assert.Contains(t, said, "hasn’t taken the audit trail")
	syslog.start()
	arrives(meanwhile, "what happened while the receiver was down")
	require.Eventually(t, func() bool { found, said = status(); return found == "ok" }, timeout, 100*time.Millisecond, "%s", said)

	p.kill()
	p.restart()
	arrives(p.save(draft.with("name", "After"), "").ID, "after a kill")
	_, err := audit.CheckLines(func(yield func(audit.Line, error) bool) {
		for _, line := range syslog.lines() {
			if !yield(line, nil) {
				return
			}
		}
	}, false)
	assert.NoError(t, err, "no entry is missing, and none was changed")
}
