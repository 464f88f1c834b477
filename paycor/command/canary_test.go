package command_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// canaries are values that must not appear anywhere, by description.
type canaries map[string]string

// shapes are the encodings in which a value could appear.
func shapes(value string) map[string]string {
	all := map[string]string{
		"as it is": value, "in hex": hex.EncodeToString([]byte(value)), "in a query": url.QueryEscape(value), "in a path": url.PathEscape(value),
		"in small letters": strings.ToLower(value), "in part": value[2 : len(value)-2],
	}
	for shift := range 3 { // offset of the value within three bytes; its ends depend on the neighbors
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + value))
		encoded = encoded[(shift*8+5)/6:]
		all[fmt.Sprintf("in base64, %d", shift)] = encoded[:len(encoded)-2]
	}
	return all
}

// bearer is the prefix of every access token the simulator issues.
var bearer = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}`)

func (c canaries) unseen(t *testing.T, place, text string) {
	t.Helper()
	for what, value := range c {
		for shape, needle := range shapes(value) {
			assert.False(t, strings.Contains(text, needle), "the %s stands %s in %s", what, shape, place)
		}
	}
	assert.False(t, bearer.MatchString(text), "an access token is in %s", place)
}

// files searches every file in a directory.
func (c canaries) files(t *testing.T, when, directory string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	found := false
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(directory, entry.Name()))
		require.NoError(t, err)
		c.unseen(t, entry.Name()+", "+when, string(text))
		names = append(names, entry.Name())
		found = found || strings.Contains(string(text), paycortest.SunriseBakery)
	}
	assert.True(t, found, "the search finds what is there, %s", when)
	return names
}

// create saves an application's credential.
func (p *program) create(details paycortest.Details) (id string) {
	p.t.Helper()
	return p.idIn(p.ask(201, "POST", "/api/v1/credentials", map[string]any{
		"name": details.Name, "environment": "test", "client_id": details.ClientID, "client_secret": details.ClientSecret,
		"subscription_key": details.PrimaryKey, "legal_entity_id": details.Entities[0].ID, "scope": details.Scopes[0].ID, "accept_warnings": true,
	}))
}

func (p *program) idIn(answer string) string {
	p.t.Helper()
	_, body, _ := strings.Cut(answer, "\n\n")
	var made struct {
		ID         string
		Credential struct{ ID string }
	}
	require.NoError(p.t, json.Unmarshal([]byte(body[strings.Index(body, "{"):]), &made), body)
	return made.ID + made.Credential.ID
}

// No secret appears in a response, metric, export, log line, database file or
// backup, whether it is current, kept by a rotation, pending or rejected.
func TestNoSecretLeaks(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	bakery, harbor := paycor.Lookup(paycortest.SunriseBakery), paycor.Lookup(paycortest.HarborLogistics)
	bakery.Change(func(d *paycortest.Details) { d.PrimaryKey = "5a1fc0ffee9b7d3e8a6c4f20b1d79e35" }) // the simulator's are mostly zeros
	harbor.Change(func(d *paycortest.Details) { d.PrimaryKey = "7e4db08c2f915ac36d8e01b7f4a25c93" })
	secrets := canaries{
		"secret from before a rotation": bakery.Details().ClientSecret, "rotated secret": "Canary/rotated+secret/00000000000001",
		"pending secret": "Canary/pending+secret/00000000000002", "refused secret": "Canary/refused+secret/00000000000003",
		"Subscription Key": bakery.Details().PrimaryKey, "secret of an activated one": harbor.Details().ClientSecret,
		"key of an activated one": harbor.Details().PrimaryKey, "refresh token": harbor.IssueRefreshToken(),
	}
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+paycor.URL)
	answers := ""
	ask := func(status int, method, path string, body any) string {
		t.Helper()
		answer := p.ask(status, method, "/api/v1"+path, body)
		secrets.unseen(t, method+" "+path, answer)
		answers += answer
		return answer
	}
	apart := bakery.Details() // of another application
	apart.ClientID = "0000000000000000cafe"
	rotated, waiting := p.create(bakery.Details()), p.create(apart)
	bakery.Change(func(d *paycortest.Details) { d.ClientSecret = secrets["rotated secret"] })
	assert.Contains(t, ask(200, "POST", "/credentials/"+rotated+"/rotation", map[string]any{"client_secret": secrets["rotated secret"], "keep": "until_told"}), `"state":"previous"`)
	assert.Contains(t, ask(200, "POST", "/credentials/"+waiting+"/rotation", map[string]any{"client_secret": secrets["pending secret"], "keep_pending": true}), `"state":"pending"`)
	activated := p.create(harbor.Details())
	ask(200, "POST", "/credentials/"+activated+"/activation/code", map[string]any{"refresh_token": secrets["refresh token"]})
	for _, id := range []string{rotated, activated} { // with an access token
		ask(200, "POST", "/credentials/"+id+"/verify", nil)
		ask(404, "GET", "/credentials/"+id+"/paycor/v1/nothing/here", nil)
	}
	refused := map[string]any{"name": "Refused", "environment": "test", "client_id": "0000000000000000cafe", "client_secret": secrets["refused secret"], "subscription_key": bakery.Details().PrimaryKey, "legal_entity_id": 1}
	ask(200, "POST", "/verify", refused)
	ask(422, "POST", "/credentials", map[string]any{"name": secrets["refused secret"], "client_secret": secrets["refused secret"]})
	ask(404, "DELETE", "/credentials/"+url.PathEscape(secrets["refused secret"]), nil)
	ask(400, "GET", "/credentials/"+rotated+"?token="+url.QueryEscape(secrets["refused secret"]), nil)

	look := func(when string) {
		t.Helper()
		for _, path := range []string{"/credentials", "/audit?limit=200", "/audit/export", "/tokens", "/environments"} {
			ask(200, "GET", path, nil)
		}
		for _, id := range []string{rotated, waiting, activated} {
			for _, more := range []string{"", "/history", "/usage"} {
				ask(200, "GET", "/credentials/"+id+more, nil)
			}
		}
		numbers := p.ask(200, "GET", "/metrics", nil)
		assert.Contains(t, numbers, `paycorcred_token_exchanges_total{environment="test"`)
		secrets.unseen(t, "the metrics", numbers)
		exported, code := run(t, "audit", "export", "--data", p.data)
		require.Zero(t, code, exported)
		assert.Contains(t, exported, rotated)
		secrets.unseen(t, "the exported trail", exported)
		assert.Contains(t, secrets.files(t, when, p.data), "paycorcred.db-wal", "the log of the database is looked through")
		backups := t.TempDir()
		copied, code := run(t, "backup", "--data", p.data, "--to", filepath.Join(backups, "copy.db"))
		require.Zero(t, code, copied)
		secrets["API token"] = p.token // the database has only its hash
		assert.Equal(t, []string{"copy.db"}, secrets.files(t, "as a backup, "+when, backups), "the key is not copied")
		secrets.files(t, when, p.data)
	}
	look("while secrets from before are kept")
	bakery.Change(func(d *paycortest.Details) { d.ClientSecret = secrets["secret from before a rotation"] })
	assert.Contains(t, ask(200, "POST", "/credentials/"+rotated+"/rotation/back", nil), `"state":"pending"`)
	look("after the way back")
	ask(200, "DELETE", "/credentials/"+waiting+"/rotation", nil)
	p.stop()
	secrets.files(t, "stopped", p.data)
	secrets.unseen(t, "what the server says", p.output.String())
	for what, value := range secrets {
		assert.NotEmpty(t, value, what)
	}
	assert.Contains(t, answers, paycortest.SunriseBakery)
}
