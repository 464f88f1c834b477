package doctor_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/backup"
	"paycorcred/paycor/doctor"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/testkit/env"
)

// checked returns the findings of one check, the worst first.
func checked(report health.Report, check string) (found []health.Finding) {
	for _, status := range []health.Status{health.Problem, health.Warning, health.OK} {
		for _, finding := range report.Findings {
			if finding.Check == check && finding.Status == status {
				found = append(found, finding)
			}
		}
	}
	return found
}

// TestFigures sets every figure that a check reads to good and bad values.
func TestFigures(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	env.Create(t, e.As(env.Administrator()))
	noon := e.Clock.Now()
	answering := func(skew time.Duration) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Empty(t, r.Header.Get("Ocp-Apim-Subscription-Key"), "no secret is sent")
			w.Header().Set("Date", noon.Add(skew).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusUnauthorized)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	environment := func(address string) func(*doctor.Config) {
		return func(c *doctor.Config) {
			c.Environments = []paycor.Environment{{Name: "production", APIURL: address}, {Name: "unused", APIURL: "http://127.0.0.1:1"}}
		}
	}
	good := answering(0)
	space := func(free uint64, known bool) func(*doctor.Config) {
		return func(c *doctor.Config) { c.FreeSpace = func(string) (uint64, bool) { return free, known } }
	}
	descriptors := func(used, limit uint64) func(*doctor.Config) {
		return func(c *doctor.Config) { c.Descriptors = func(string) (uint64, uint64) { return used, limit } }
	}
	certificate := func(from, to time.Duration, err error) func(*doctor.Config) {
		return func(c *doctor.Config) {
			c.Certificate = func() (*x509.Certificate, error) {
				return &x509.Certificate{DNSNames: []string{"creds.example.com"}, NotBefore: noon.Add(from), NotAfter: noon.Add(to)}, err
			}
		}
	}
	backups := func(state backup.State) func(*doctor.Config) {
		return func(c *doctor.Config) {
			text, err := json.Marshal(state)
			require.NoError(t, err)
			c.Backups = filepath.Join(t.TempDir(), backup.StateName)
			require.NoError(t, os.WriteFile(c.Backups, text, 0o600))
		}
	}
	copies := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(copies, "there.db"), nil, 0o600))
	taken := func(hours int, name string) backup.State {
		return backup.State{Every: 6 * time.Hour, Since: noon.Add(-48 * time.Hour), Directory: copies,
			Files: []backup.File{{Directory: copies, Name: name, TakenAt: noon.Add(time.Duration(-hours) * time.Hour)}}}
	}
	failed := taken(7, "there.db")
	failed.FailedAt, failed.Problem = noon, message.New("backup.no-directory", copies)
	never := failed
	never.Files = nil
	provider := func(err error) func(*doctor.Config) {
		return func(c *doctor.Config) {
			c.Provider = func(context.Context) (string, error) { return "login.example", err }
		}
	}
	server := func(change func(*postgres.Server)) func(*doctor.Config) {
		found := postgres.Server{Name: "db.example/x", Version: "17.2", SearchIndex: true, Connections: 79, MaxConnections: 100, Own: 23, Settings: map[string]string{"fsync": "on"}}
		change(&found)
		return func(c *doctor.Config) {
			c.Server = func(context.Context) (postgres.Server, error) { return found, nil }
		}
	}
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		change func(*doctor.Config)
		check  string
		status health.Status
		says   string
	}{
		"much space":             {space(5<<30, true), "space", health.OK, "5120 MB left"},
		"little space":           {space(300<<20, true), "space", health.Warning, "only 300 MB"},
		"no space":               {space(1<<20, true), "space", health.Problem, "full"},
		"unknown space":          {space(0, false), "space", health.Warning, "unknown"},
		"read-only disk":         {func(c *doctor.Config) { c.ReadOnly = func(string) bool { return true } }, "space", health.Problem, "read-only"},
		"few descriptors":        {descriptors(79, 100), "descriptors", health.OK, "79 files"},
		"many descriptors":       {descriptors(80, 100), "descriptors", health.Warning, "80 files"},
		"too many descriptors":   {descriptors(95, 100), "descriptors", health.Problem, "may open 100"},
		"unlimited descriptors":  {descriptors(95, 0), "descriptors", health.OK, "weren’t counted"},
		"certificate":            {certificate(-60*day, 30*day, nil), "certificate", health.OK, "2026-03-31T12:00:00Z"},
		"certificate near end":   {certificate(-80*day, 13*day, nil), "certificate", health.Warning, "expires soon"},
		"short certificate":      {certificate(-3*day, 3*day, nil), "certificate", health.OK, "valid until"},
		"short one near its end": {certificate(-5*day, 1*day, nil), "certificate", health.Warning, "expires soon"},
		"certificate expired":    {certificate(-90*day, -time.Second, nil), "certificate", health.Problem, "expired"},
		"certificate too early":  {certificate(day, 90*day, nil), "certificate", health.Problem, "only from"},
		"certificate for a name": {func(c *doctor.Config) { certificate(-60*day, 30*day, nil)(c); c.CertificateName = "creds.example.com" }, "certificate", health.OK, "valid until"},
		"certificate of another": {func(c *doctor.Config) { certificate(-60*day, 30*day, nil)(c); c.CertificateName = "www.example.com" }, "certificate", health.Problem, "www.example.com"},
		"certificate unreadable": {certificate(0, 0, errors.New("no such file")), "certificate", health.Problem, "can’t be used: no such file."},
		"backup":                 {backups(taken(8, "there.db")), "backup", health.OK, "2026-03-01T04:00:00Z"},
		"backup behind":          {backups(taken(10, "there.db")), "backup", health.Problem, "2026-03-01T02:00:00Z"},
		"backup gone":            {backups(taken(1, "gone.db")), "backup", health.Problem, "gone.db"},
		"backup failed":          {backups(failed), "backup", health.Warning, copies},
		"backup never made":      {backups(never), "backup", health.Problem, "2026-02-27T12:00:00Z"},
		"first backup to come":   {backups(backup.State{Every: time.Hour, Since: noon, Directory: copies}), "backup", health.OK, copies},
		"backups elsewhere":      {backups(backup.State{Elsewhere: true}), "backup", health.OK, "Something else"},
		"no backups":             {backups(backup.State{}), "backup", health.Warning, "makes no backups"},
		"backups unreadable":     {func(c *doctor.Config) { c.Backups = copies }, "backup", health.Warning, copies},
		"environment":            {environment(good), "environment", health.OK, good},
		"environment away":       {environment("http://127.0.0.1:1"), "environment", health.Problem, "connection refused"},
		"environment unknown":    {func(c *doctor.Config) { c.Environments = []paycor.Environment{} }, "environment", health.Warning, "isn’t configured"},
		"clock":                  {environment(good), "clock", health.OK, "2026-03-01T12:00:00Z"},
		"clock behind":           {environment(answering(2 * time.Minute)), "clock", health.Problem, "2026-03-01T12:02:00Z"},
		"clock ahead":            {environment(answering(-2 * time.Minute)), "clock", health.Problem, "2026-03-01T11:58:00Z"},
		"server":                 {server(func(s *postgres.Server) { s.Answered = 3 * time.Millisecond }), "server", health.OK, "PostgreSQL 17.2 answers at db.example/x in 3 ms"},
		"server behind a pooler": {server(func(s *postgres.Server) { s.Pooled = true }), "server", health.OK, "behind a pooler"},
		"unsafe server":          {server(func(s *postgres.Server) { s.Settings["synchronous_commit"] = "off" }), "server", health.Problem, "synchronous_commit off"},
		"standby":                {server(func(s *postgres.Server) { s.Standby = true }), "server", health.Problem, "standby"},
		"server ahead":           {server(func(s *postgres.Server) { s.Ahead = 2 * time.Minute }), "clock", health.Problem, "2026-03-01T12:02:00Z"},
		"index":                  {server(func(*postgres.Server) {}), "search", health.OK, "have an index"},
		"no index":               {server(func(s *postgres.Server) { s.SearchIndex = false }), "search", health.Warning, "pg_trgm"},
		"no standby":             {server(func(*postgres.Server) {}), "replication", health.OK, "No standby"},
		"standbys":               {server(func(s *postgres.Server) { s.Standbys, s.StandbysSeen, s.StandbyLag = 2, 2, time.Minute }), "replication", health.OK, "at most 60 seconds"},
		"standby behind":         {server(func(s *postgres.Server) { s.Standbys, s.StandbysSeen, s.StandbyLag = 2, 2, time.Hour }), "replication", health.Warning, "3600 seconds"},
		"standbys not visible":   {server(func(s *postgres.Server) { s.Standbys = 2 }), "replication", health.OK, "pg_monitor"},
		"no replicas":            {server(func(*postgres.Server) {}), "replicas", health.OK, "No server"},
		"replicas":               {server(func(s *postgres.Server) { s.Replicas = []string{"1.2", "1.2"} }), "replicas", health.OK, "2, version 1.2"},
		"mixed replicas":         {server(func(s *postgres.Server) { s.Replicas = []string{"1.2", "1.2", "1.3"} }), "replicas", health.Warning, "3, of the versions 1.2, 1.3"},
		"connections":            {server(func(*postgres.Server) {}), "connections", health.OK, "79 of 100"},
		"many connections":       {server(func(s *postgres.Server) { s.Connections = 80 }), "connections", health.Warning, "80 of 100"},
		"backups of a server":    {func(c *doctor.Config) { server(func(*postgres.Server) {})(c); backups(backup.State{})(c) }, "backup", health.Warning, "is on a server"},
		"provider":               {provider(nil), "oidc", health.OK, "login.example"},
		"provider away":          {provider(errors.New("no route")), "oidc", health.Problem, "no route"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := doctor.Config{
				Database: e.Path, Key: filepath.Join(filepath.Dir(e.Path), "test.key"), Clock: e.Clock.Now, Client: &http.Client{},
			}
			environment(good)(&config)
			test.change(&config)
			report := doctor.New(config).Examine(t.Context())
			found := checked(report, test.check)
			require.NotEmpty(t, found)
			assert.Equal(t, test.status, found[0].Status, found[0].Message.String())
			assert.Contains(t, found[0].Message.In(locale.English), test.says)
			for _, finding := range report.Findings {
				assert.Equal(t, finding.Status != health.OK, !finding.Remedy.IsZero(), "what to do: %s", finding.Message)
				assert.Equal(t, e.Clock.Now(), finding.CheckedAt)
				assert.True(t, locale.English.Has("system.check."+finding.Check), "the page's name of %s", finding.Check)
			}
		})
	}
}
