package command_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/backup"
	"paycorcred/paycor/paycortest"
	"paycorcred/web/oidc/oidctest"
)

// examination is the JSON that doctor prints.
type examination struct {
	Status   string
	Running  bool
	Findings []struct{ Check, Status, Message, Remedy string }
}

func read(t *testing.T, text string) (found examination) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &found), text)
	return found
}

// lines returns each check with its status.
func (e examination) lines() (lines []string) {
	for _, finding := range e.Findings {
		lines = append(lines, finding.Check+" "+finding.Status)
	}
	return lines
}

func (e examination) status(check string) string {
	for _, finding := range e.Findings {
		if finding.Check == check {
			return finding.Status // the worst comes first
		}
	}
	return ""
}

// TestDoctorAgreesWithTheServer breaks things and compares what the command finds with
// what the API says.
func TestDoctorAgreesWithTheServer(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	certificate, key := selfSigned(t, time.Now().Add(-80*24*time.Hour), time.Now().Add(5*24*time.Hour))
	provider, err := oidctest.Start(nil, "")
	require.NoError(t, err)
	defer provider.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte(oidctest.Secret), 0o600))
	connections := []string{
		"--oidc-issuer", provider.Issuer, "--oidc-client-id", oidctest.ClientID, "--oidc-client-secret-file", secret, "--oidc-map", "groups=a:view",
	}
	p := serve(t, filepath.Join(t.TempDir(), "data"), append(connections, "--environment", "test="+paycor.URL)...)
	defer p.stop()
	p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	byCommand := func() examination {
		out, _ := run(t, append([]string{"doctor", "--data", p.data, "--json"}, connections...)...)
		return read(t, out)
	}
	byAPI := func() (found examination) {
		for {
			_, body, _ := strings.Cut(p.ask(200, "GET", "/api/v1/doctor", nil), "\n\n")
			if found = read(t, body); !found.Running {
				return found
			}
		}
	}
	command, server := byCommand(), byAPI()
	assert.Equal(t, command.lines(), server.lines())
	assert.Equal(t, "warning", server.Status, "without scheduled backups")
	assert.Equal(t, "warning", server.status("backup"))
	for _, check := range []string{"access", "space", "descriptors", "schema", "schedule", "integrity", "credentials", "audit", "clock", "secrets", "records", "environment", "oidc"} {
		assert.Equal(t, "ok", server.status(check), check)
	}

	out, code := run(t, "doctor", "--data", p.data, "--json", "--tls-cert", certificate, "--tls-key", key)
	assert.Zero(t, code, out)
	assert.Equal(t, "warning", read(t, out).status("certificate"))
	out, code = run(t, "doctor", "--data", p.data, "--tls-cert", filepath.Join(t.TempDir(), "none"), "--tls-key", key)
	assert.Equal(t, 1, code, out)
	assert.Regexp(t, `(?m)^problem +certificate +.*Write a certificate`, out)
	_, code = run(t, "doctor", "--data", p.data, "--oidc-client-id", "alone")
	assert.Equal(t, 2, code)

	config := "data: " + p.data + "\ntls-cert: " + certificate + "\ntls-key: " + key + "\noidc-issuer: " + provider.Issuer +
		"\noidc-client-id: " + oidctest.ClientID + "\noidc-map: groups=a:view\noidc-client-secret-file: "
	out, code = run(t, "doctor", "--json", "--config", writeConfig(t, config+secret))
	assert.Zero(t, code, out)
	assert.Equal(t, "warning", read(t, out).status("certificate"), "the settings of the file count")
	assert.Equal(t, "ok", read(t, out).status("oidc"))
	out, code = run(t, "doctor", "--json", "--config", writeConfig(t, config+secret+".none\nlissten: x\n"))
	assert.Equal(t, 1, code, out)
	assert.Equal(t, "problem", read(t, out).status("oidc"), "a missing secret keeps nothing else from being checked")
	assert.Equal(t, "problem", read(t, out).status("configuration"))
	assert.Equal(t, "ok", read(t, out).status("audit"))
}

// system returns the findings in the data of the page System, for a person who signed in.
func (p *program) system(flags ...string) examination {
	p.t.Helper()
	out, code := run(p.t, append([]string{"sign-in", "--data", p.data}, flags...)...)
	require.Zero(p.t, code, out)
	client := &http.Client{Transport: p.transport()}
	jar, err := cookiejar.New(nil)
	require.NoError(p.t, err)
	client.Jar = jar
	get := func(address string) string {
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, address, nil)
		require.NoError(p.t, err)
		answer, err := client.Do(request)
		require.NoError(p.t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(p.t, err)
		return string(body)
	}
	get(regexp.MustCompile(`https?://\S+code=\S+`).FindString(out))
	data := regexp.MustCompile(`(?s)id="start">(.*?)</script>`).FindStringSubmatch(get(p.address + "/system"))
	require.NotNil(p.t, data)
	var start struct{ Health examination }
	require.NoError(p.t, json.Unmarshal([]byte(data[1]), &start))
	return start.Health
}

// Whatever is wrong has the same line in the output of the command, in the response of the
// API and on the page.
func TestCommandAPIAndPageFindTheSame(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	certificate, key := selfSigned(t, time.Now().Add(-80*24*time.Hour), time.Now().Add(5*24*time.Hour))
	tls := []string{"--tls-cert", certificate, "--tls-key", key}
	p := serve(t, filepath.Join(t.TempDir(), "data"), append(tls, "--environment", "test="+paycor.URL)...)
	defer p.stop()
	p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	old, err := json.Marshal(backup.State{Every: time.Hour, Since: time.Now().Add(-48 * time.Hour), Directory: p.data,
		Files: []backup.File{{Directory: p.data, Name: "old.db", TakenAt: time.Now().Add(-5 * time.Hour)}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(p.data, backup.StateName), old, 0o600))
	execute(t, p.data, `UPDATE secrets SET sealed = x'01' WHERE field = 'client_secret';
		INSERT OR REPLACE INTO checkups SELECT workspace, id, '2026-01-01T00:00:00.000000000Z' FROM credentials`)
	require.NoError(t, os.Chmod(filepath.Join(p.data, "paycorcred.db"), 0o644))

	out, code := run(t, append([]string{"doctor", "--data", p.data, "--json"}, tls...)...)
	assert.Equal(t, 1, code, out)
	command := read(t, out)
	var server examination
	for server.Running = true; server.Running; {
		_, body, _ := strings.Cut(p.ask(200, "GET", "/api/v1/doctor", nil), "\n\n")
		server = read(t, body)
	}
	page := p.system("--public-url", p.address)
	assert.Equal(t, command.lines(), server.lines())
	assert.Equal(t, server.lines(), page.lines())
	for check, status := range map[string]string{
		"secrets": "problem", "schedule": "warning", "backup": "problem", "certificate": "warning", "access": "problem",
	} {
		assert.Equal(t, status, command.status(check), check)
		assert.NotEmpty(t, command.of(check))
		assert.Equal(t, command.of(check), server.of(check))
		assert.Equal(t, server.of(check), page.of(check))
	}
}

// of returns what a check found.
func (e examination) of(check string) (found []string) {
	for _, finding := range e.Findings {
		if finding.Check == check {
			found = append(found, finding.Message, finding.Remedy)
		}
	}
	return found
}

// selfSigned writes a certificate and its key.
func selfSigned(t *testing.T, from, until time.Time) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until, DNSNames: []string{"creds.example.com"}}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	certificate, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	return certificate, key
}

// Doctor finds each damage while the server runs, and says what to do.
func TestDoctor(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+paycor.URL)
	p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	examine := func(want int) (found examination) {
		t.Helper()
		out, code := run(t, "doctor", "--data", p.data, "--json")
		assert.Equal(t, want, code, out)
		return read(t, out)
	}
	healthy := examine(0)
	for _, check := range []string{"access", "space", "schema", "integrity", "credentials", "audit", "clock", "schedule", "secrets", "records", "environment"} {
		assert.Equal(t, "ok", healthy.status(check), check)
	}
	text, code := run(t, "doctor", "--data", p.data)
	assert.Zero(t, code, text)
	assert.Regexp(t, `(?m)^ok +schema +The database has schema \d+`, text)

	for name, damage := range map[string]struct{ sql, undo, check, status string }{
		"secret": {"CREATE TABLE kept AS SELECT * FROM secrets; UPDATE secrets SET sealed = x'01'",
			"DELETE FROM secrets; INSERT INTO secrets SELECT * FROM kept; DROP TABLE kept", "secrets", "problem"},
		"kept secret": {"UPDATE secrets SET field = 'client_secret_previous' WHERE field = 'access_token'",
			"UPDATE secrets SET field = 'access_token' WHERE field = 'client_secret_previous'", "secrets", "warning"},
		"row":   {"UPDATE applications SET rotation = '{'", "UPDATE applications SET rotation = NULL", "credentials", "warning"},
		"token": {"UPDATE tokens SET name = name || '!'", "UPDATE tokens SET name = rtrim(name, '!')", "records", "problem"},
	} {
		execute(t, p.data, damage.sql)
		want := 1
		if damage.status == "warning" {
			want = 0
		}
		found := examine(want)
		assert.Equal(t, damage.status, found.status(damage.check), name)
		for _, finding := range found.Findings {
			assert.Equal(t, finding.Status != "ok", finding.Remedy != "", "%v", finding)
		}
		execute(t, p.data, damage.undo)
	}
	examine(0)
	p.stop()

	execute(t, p.data, "INSERT OR REPLACE INTO checkups SELECT workspace, id, '2026-01-01T00:00:00.000000000Z' FROM credentials")
	assert.Equal(t, "warning", examine(0).status("schedule"))
	execute(t, p.data, "DROP TRIGGER audit_keeps_words; UPDATE audit SET detail = 'x' WHERE sequence = 1")
	assert.Equal(t, "problem", examine(1).status("audit"))
	execute(t, p.data, "UPDATE audit SET at = '2100' || substr(at, 5) WHERE sequence = 2")
	assert.Equal(t, "problem", examine(1).status("clock"))
	require.NoError(t, os.Chmod(filepath.Join(p.data, "paycorcred.key"), 0o644))
	found := examine(1)
	assert.Equal(t, "problem", found.status("access"))
	assert.Equal(t, "problem", found.status("key"))
	require.NoError(t, os.Remove(filepath.Join(p.data, "paycorcred.key")))
	assert.Equal(t, "problem", examine(1).status("key"))
	setSchema(t, p.data, -1)
	assert.Equal(t, "warning", examine(1).status("schema"))
	setSchema(t, p.data, 2)
	assert.Equal(t, "problem", examine(1).status("schema"))
	database := filepath.Join(p.data, "paycorcred.db")
	content, err := os.ReadFile(database)
	require.NoError(t, err)
	for i := 4096; i < len(content); i += 97 {
		content[i] ^= 0x5a
	}
	require.NoError(t, os.WriteFile(database, content, 0o600))
	assert.Equal(t, "problem", examine(1).Status)
	require.NoError(t, os.WriteFile(database, []byte("this is no database, and long enough to be seen as one, if it were"), 0o600))
	assert.Equal(t, "problem", examine(1).status("database"))
	_, code = run(t, "doctor", "--data", t.TempDir())
	assert.Equal(t, 2, code)
}
