package paycortest_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

func TestSamplesHaveTheShapesOfTheRealThing(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range paycortest.New(paycortest.Config{}).Samples() {
		t.Run(d.Name, func(t *testing.T) {
			assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{20}$`), d.ClientID)
			assert.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9/+]{41,42}$`), d.ClientSecret)
			assert.Contains(t, d.ClientSecret, "/")
			assert.Contains(t, d.ClientSecret, "+")
			assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{32}$`), d.PrimaryKey)
			assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{32}$`), d.SecondaryKey)
			assert.NotEmpty(t, d.Note)
			require.NotEmpty(t, d.Entities)
			for _, value := range []string{d.ClientID, d.ClientSecret, d.PrimaryKey, d.SecondaryKey, d.Scopes[0].ID} {
				assert.False(t, seen[value], "a value is used twice: %s", value)
				seen[value] = true
			}
		})
	}
}

func TestDetailsAreACopyAllTheWayDown(t *testing.T) {
	app := paycortest.New(paycortest.Config{}).Lookup(paycortest.SunriseBakery)
	before, spoiled := app.Details(), app.Details()
	spoiled.Entities[0].Records["employees"] = 0
	spoiled.Entities[0].ID = 0
	spoiled.Scopes[0].Rights[0] = "none"
	spoiled.Grants[0] = "none"
	spoiled.RedirectURIs[0] = "none"
	assert.Equal(t, before, app.Details())
}

func TestWhatADetailsLeavesOpenIsMadeFromTheName(t *testing.T) {
	first := paycortest.New(paycortest.Config{}).Application(paycortest.Details{Name: "Invented"}).Details()
	again := paycortest.New(paycortest.Config{}).Application(paycortest.Details{Name: "Invented"}).Details()
	other := paycortest.New(paycortest.Config{}).Application(paycortest.Details{Name: "Another"}).Details()
	assert.Equal(t, first, again)
	assert.NotEqual(t, first.ClientSecret, other.ClientSecret)
	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{20}$`), first.ClientID)
	assert.Len(t, first.ClientSecret, 42)
	assert.Len(t, first.PrimaryKey, 32)
	assert.NotEqual(t, first.PrimaryKey, first.SecondaryKey)
	assert.Equal(t, 501123, first.Entities[0].ID)
	assert.Equal(t, paycortest.AllRights(), first.Scopes[0].Rights)
}

// The operator chooses the server's port, so a sample may be activated from
// every port of this machine, and from nowhere else.
func TestASampleReturnsToAnyPortOfThisMachine(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app = c.server.Lookup(paycortest.HarborLogistics)
	for address, status := range map[string]int{
		"http://localhost:8080/activation/callback":              http.StatusOK,
		"http://localhost:9123/activation/callback":              http.StatusOK,
		"http://localhost/activation/callback":                   http.StatusOK,
		"http://127.0.0.1:41000/activation/callback":             http.StatusOK,
		"http://[::1]:41000/activation/callback":                 http.StatusOK,
		"http://localhost:9123/activation/other":                 http.StatusBadRequest,
		"http://localhost:9123/activation/callback/":             http.StatusBadRequest,
		"http://localhost:9123/activation/callback?more=1":       http.StatusBadRequest,
		"http://localhost:9123/activation/callback#more":         http.StatusBadRequest,
		"https://localhost:9123/activation/callback":             http.StatusBadRequest,
		"http://user@localhost:9123/activation/callback":         http.StatusBadRequest,
		"http://127.0.0.2:9123/activation/callback":              http.StatusBadRequest,
		"http://localhost.evil.example:80/activation/callback":   http.StatusBadRequest,
		"http://creds.example:8080/activation/callback":          http.StatusBadRequest,
		"http://localhost:8080@evil.example/activation/callback": http.StatusBadRequest,
	} {
		got := c.do("GET", c.authorizeURL("redirect_uri", address), nil, "")
		assert.Equal(t, status, got.status, address)
		if status == http.StatusBadRequest {
			assert.Contains(t, got.body, "Go back to the page", address)
		}
	}
	c.app.Change(func(d *paycortest.Details) { d.AnyPort = false })
	assert.Equal(t, http.StatusBadRequest, c.do("GET", c.authorizeURL("redirect_uri", "http://localhost:9123/activation/callback"), nil, "").status,
		"Paycor itself compares letter for letter")
}
