package command_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/command"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// run runs one command until it exits.
func run(t *testing.T, arguments ...string) (out string, code int) {
	t.Helper()
	var answer, trouble strings.Builder
	code = command.Run("test", arguments, &answer, &trouble)
	return answer.String() + trouble.String(), code
}

// program is a server within the test process.
type program struct {
	t       *testing.T
	data    string
	address string
	token   string // with every right
	output  *testkit.Output
	ended   chan int
}

var link = regexp.MustCompile(`(https?://\S+)/sign-in(?:\?code=\S+|/callback)`)

// serve starts the server on a data directory.
func serve(t *testing.T, data string, flags ...string) *program {
	t.Helper()
	p := &program{t: t, data: data, output: &testkit.Output{}, ended: make(chan int, 1)}
	arguments := append([]string{"serve", "--listen", "localhost:0", "--data", data, "--verify-every", "0"}, flags...)
	go func() { p.ended <- command.Run("test", arguments, p.output, p.output) }()
	for {
		printed := p.output.Changed()
		if found := link.FindStringSubmatch(p.output.String()); found != nil {
			p.address = found[1]
			break
		}
		select {
		case <-printed:
		case code := <-p.ended:
			t.Fatalf("the server ended with %d:\n%s", code, p.output)
		case <-time.After(time.Minute):
			t.Fatalf("the server does not start:\n%s", p.output)
		}
	}
	made, code := run(t, "token", "create", "--data", data, "--name", "test", "--rights", "view,use,edit,admin")
	require.Zero(t, code, made)
	p.token = strings.TrimSpace(made)
	return p
}

// stop shuts the server down as an operator does.
func (p *program) stop() {
	p.t.Helper()
	require.NoError(p.t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
	assert.Zero(p.t, <-p.ended, "%s", p.output)
}

// transport connects to the server, whose certificate may be its own.
func (p *program) transport() http.RoundTripper {
	if strings.HasPrefix(p.address, "http:") {
		return http.DefaultTransport
	}
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true} //nolint:gosec // a test's server on loopback
}

// ask sends a request and returns the headers and body of the response.
func (p *program) ask(status int, method, path string, body any) string {
	p.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.address+path, bytes.NewReader(text))
	require.NoError(p.t, err)
	request.Header.Set("Authorization", "Bearer "+p.token)
	if body == nil {
		request.Body = http.NoBody
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := p.transport().RoundTrip(request)
	require.NoError(p.t, err)
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, status, answer.StatusCode, "%s %s: %s", method, path, got)
	var head strings.Builder
	require.NoError(p.t, answer.Header.Write(&head))
	return head.String() + "\n" + string(got)
}

// A program that keeps using a revoked token gets the same response as for an
// unknown one, and the audit trail names its consumer, even for calls to
// Paycor.
func TestTrailNamesTheConsumerOfARevokedToken(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	admin := p.token
	made, code := run(t, "token", "create", "--data", p.data, "--name", "nightly")
	require.Zero(t, code, made)
	listed, code := run(t, "token", "list", "--data", p.data)
	require.Zero(t, code, listed)
	id := regexp.MustCompile(`(token_\w+) +nightly`).FindStringSubmatch(listed)[1]
	_, code = run(t, "token", "revoke", "--data", p.data, id)
	require.Zero(t, code)
	p.token = strings.TrimSpace(made)
	revoked := p.ask(401, "GET", "/api/v1/credentials", nil)
	p.ask(401, "GET", "/api/v1/credentials/cred_aaaaaaaaaaaaaaaaaaaaaaaaaa/paycor/v1/legalentities", nil)
	p.token = "pcc_nobody's"
	unknown := p.ask(401, "GET", "/api/v1/credentials", nil)
	detail := regexp.MustCompile(`"detail":"[^"]*"`)
	assert.Equal(t, detail.FindString(unknown), detail.FindString(revoked))
	assert.Contains(t, revoked, locale.English.Text("error.token-unknown"))

	p.token = admin
	trail := p.ask(200, "GET", "/api/v1/audit?action=access.refused", nil)
	assert.Equal(t, 2, strings.Count(trail, `"caller_id":"`+id+`","caller_name":"nightly"`), trail)
	assert.Equal(t, 2, strings.Count(trail, `"detail":"revoked"`), trail)
	assert.Equal(t, 1, strings.Count(trail, `"detail":"unauthorized"`), trail)
	p.stop()
}

// The problem of a call without an access token contains a verdict, but no time
// and no steps of a verification.
func TestProblemOfACallHasNoVerificationSteps(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+paycor.URL)
	paycor.Lookup(paycortest.SunriseBakery).AddFault(paycortest.Fault{Kind: paycortest.GrantNotAllowed})
	id := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	problem := p.ask(409, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
	assert.Contains(t, problem, `"verdict":{"outcome":"needs_activation"`)
	assert.NotContains(t, problem, "checked_at")
	assert.NotContains(t, problem, "steps")
	p.stop()
}

// After a restore without the previous flags, the start log names the missing
// environments, and so do calls and verifications.
func TestUnconfiguredEnvironment(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	environment := "test=" + paycor.URL
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", environment)
	assert.NotContains(t, p.output.String(), "not configured")
	verified := p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	paycor.Lookup(paycortest.HarborLogistics).AddFault(paycortest.Fault{Kind: paycortest.GrantNotAllowed})
	without := p.create(paycor.Lookup(paycortest.HarborLogistics).Details())
	p.stop()

	p = serve(t, p.data)
	assert.Equal(t, 1, strings.Count(p.output.String(), "level=WARN"), "%s", p.output)
	assert.Regexp(t, `level=WARN msg="credentials belong to environments that are not configured.*credentials=2 environments=\[test\]`, p.output.String())
	for _, id := range []string{verified, without} {
		problem := p.ask(502, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil)
		assert.Contains(t, problem, locale.English.Text("verdict.environment_unconfigured.fix", "test"))
		assert.Contains(t, problem, `"code":"environment_unusable"`)
	}
	assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+verified+"/verify", nil), locale.English.Text("verdict.environment_unconfigured.fix", "test"))
	p.stop()
}
