package replicas_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/command"
	"paycorcred/paycor/paycortest"
)

// replicas is how many servers a cluster has.
const replicas = 3

// cluster is some servers on one database, and a balancer in front of them.
type cluster struct {
	t        testing.TB
	flags    []string // of every command: where the database and its key are
	paycor   *paycortest.Server
	servers  []*server
	balancer string // its address
	token    string // an API token with every right
}

// startCluster starts servers on an empty database.
func startCluster(t testing.TB, database string, flags ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, paycor: paycortest.Start(t, paycortest.Config{RatePerMinute: -1})}
	c.start(replicas, c.paycor.URL, databaseFlags(t, database), flags...)
	return c
}

// databaseFlags are the flags for a database on PostgreSQL, and for its key.
func databaseFlags(t testing.TB, database string) []string {
	return []string{"--database", database, "--key-file", filepath.Join(t.TempDir(), "paycorcred.key")}
}

// start starts some servers that have a database in common. Flags replace the limit of calls,
// which is none.
func (c *cluster) start(servers int, paycor string, database []string, flags ...string) {
	c.t.Helper()
	c.flags = database
	if servers > 1 { // they need the same key
		c.command("migrate")
	}
	if len(flags) == 0 {
		flags = []string{"--call-limit", "1000000"}
	}
	for range servers {
		serve := c.withData("--environment", "test="+paycor+","+paycor+"/AppActivation/Authorize", "--changes-per-minute", "100000", "--notify-network", "127.0.0.0/8")
		c.servers = append(c.servers, startServer(c.t, append(serve, flags...)...))
	}
	c.balancer = startBalancer(c.t, c.servers)
	c.token = c.newToken("test")
	for i := range c.servers {
		require.Eventually(c.t, func() bool {
			metrics := c.at(i, request{Method: "GET", Path: "/metrics", Header: c.bearer()}).Body
			return servers == 1 || strings.Contains(metrics, fmt.Sprintf("\npaycorcred_replicas %d\n", servers))
		}, timeout, 50*time.Millisecond, "the servers do not know each other")
	}
}

// withData returns the arguments of a command with the flags of the database, and a data
// directory of its own if those have none.
func (c *cluster) withData(arguments ...string) []string {
	arguments = slices.Concat(arguments, c.flags)
	if !slices.Contains(arguments, "--data") {
		arguments = append(arguments, "--data", c.t.TempDir())
	}
	return arguments
}

// run runs a command beside the servers until it exits.
func (c *cluster) run(arguments ...string) (out string, code int) {
	var answer, trouble strings.Builder
	code = command.Run("test", c.withData(arguments...), &answer, &trouble)
	return answer.String() + trouble.String(), code
}

// command runs a command that succeeds.
func (c *cluster) command(arguments ...string) string {
	c.t.Helper()
	out, code := c.run(arguments...)
	require.Zero(c.t, code, "%v: %s", arguments, out)
	return strings.TrimSpace(out)
}

// newToken creates an API token with every right.
func (c *cluster) newToken(name string) string {
	c.t.Helper()
	return c.command("token", "create", "--name", name, "--rights", "view,use,edit,admin")
}

// draft is the body with which an application of Paycor is saved.
func (c *cluster) draft(application string) map[string]any {
	details := c.paycor.Lookup(application).Details()
	return map[string]any{
		"name": details.Name, "environment": "test", "client_id": details.ClientID, "client_secret": details.ClientSecret,
		"subscription_key": details.PrimaryKey, "legal_entity_id": details.Entities[0].ID, "scope": details.Scopes[0].ID, "accept_warnings": true,
	}
}

// saved is what the tests need of a saved credential.
type saved struct {
	ID      string
	Version int64
	Name    string
	State   string
}

// save saves an application at one server.
func (c *cluster) save(i int, application string) saved {
	c.t.Helper()
	return c.savedIn(c.api(i, "POST", "/credentials", c.draft(application)), 201)
}

// savedIn decodes the credential in an answer.
func (c *cluster) savedIn(got answer, status int) (credential saved) {
	c.t.Helper()
	require.Equal(c.t, status, got.Status, got.Body)
	got.into(c.t, &credential)
	return credential
}

// callPath is the path of a call through a credential.
func callPath(id string) string { return "/credentials/" + id + "/paycor/v1/legalentities/501123" }
