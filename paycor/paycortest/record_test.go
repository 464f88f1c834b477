package paycortest_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

func TestCountsByEndpointAndApplication(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.list(header)
	c.list(header)
	c.do("GET", "/nowhere", header, "")
	c.token("client_secret", "wrong")
	n := c.app.Counts()
	assert.Equal(t, 5, n.Requests)
	assert.Equal(t, 2, n.Tokens)
	assert.Equal(t, 1, n.Issued)
	assert.Equal(t, 3, n.Calls)
	assert.Equal(t, map[string]int{"POST " + tokenPath: 2, "GET " + listPath: 2, "no such route": 1}, n.ByEndpoint)
	assert.Equal(t, map[int]int{200: 3, 404: 1, 400: 1}, n.ByStatus)
	assert.Zero(t, c.server.Lookup(paycortest.SunriseBakery).Counts().Requests)

	c.server.Reset()
	assert.Zero(t, c.server.Counts().Requests)
	assert.Zero(t, c.app.Counts().Requests)
	assert.Empty(t, c.server.Requests())
	assert.Equal(t, 200, c.list(header).status, "tokens stay")
}

func TestLastHeaderShowsWhatWasSent(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.list(header)
	assert.Equal(t, header.Get("Authorization"), c.server.LastHeader(paycortest.AtAPI).Get("Authorization"))
	assert.Equal(t, c.app.Details().PrimaryKey, c.server.LastHeader(paycortest.AtToken).Get("Ocp-Apim-Subscription-Key"))
}

func TestPeakConcurrency(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.signIn() // sequential requests are one at a time
	c.app.AddFault(fault{Kind: paycortest.Hang})
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() { _, _ = c.try("GET", listPath, header.Clone(), "") })
	}
	require.Eventually(t, func() bool { return c.server.Counts().PeakCalls == 5 }, limit, aMoment)
	c.server.Close()
	wait.Wait()
	assert.Equal(t, 1, c.server.Counts().PeakTokens)
	assert.Equal(t, 5, c.server.Counts().PeakCalls)
}

func TestOnlyTheLastRequestsAreKept(t *testing.T) {
	c := start(t, paycortest.Config{})
	for range 501 {
		c.do("GET", "/api/Health/ping", nil, "")
	}
	assert.Len(t, c.server.Requests(), 500)
	assert.Equal(t, 501, c.server.Counts().Requests)
}

func TestNoSecretIsRememberedOrLogged(t *testing.T) {
	var log bytes.Buffer // written before the server responds, read after
	c := start(t, paycortest.Config{Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const canary = "canary-value"
	header := c.signIn()
	d := c.app.Details()
	refresh := c.app.IssueRefreshToken()
	c.token("grant_type", "refresh_token", "refresh_token", refresh)
	c.token("grant_type", canary, "client_secret", canary)
	c.do("GET", "/"+canary+"?subscription-key="+canary+"&"+canary, header, canary)
	c.do("PUT", "/v1/employees/"+canary, header, canary)
	c.do("PUT", "/v1/employees/"+paycortest.EmployeeID(501123, 1), header, `"`+canary+`"`)

	shown := c.do("GET", "/simulator/requests", nil, "").body
	require.Contains(t, shown, "Application under Test")
	require.Contains(t, log.String(), "Application under Test")
	for name, value := range map[string]string{
		"canary": canary, "client id": d.ClientID, "secret": d.ClientSecret, "key": d.PrimaryKey, "refresh token": refresh,
		"access token": header.Get("Authorization")[len("Bearer "):], "person": paycortest.PersonName,
		"e-mail": paycortest.PersonEmail, "address": paycortest.PersonIP,
	} {
		assert.NotContains(t, shown, value, name)
		assert.NotContains(t, log.String(), value, name)
	}
}
