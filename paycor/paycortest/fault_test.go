package paycortest_test

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

type fault = paycortest.Fault

const entityPath = "/v1/legalentities/501123"

func TestFaultsOfAnswers(t *testing.T) {
	c := start(t, paycortest.Config{})
	signedIn := c.signIn()
	for name, test := range map[string]struct {
		fault  fault
		path   string // of a call; empty means a token request
		status int
		header string // a required header
		body   string // a part of the body; "-" means an empty one
	}{
		"wrong key at token":      {fault: fault{Kind: paycortest.InvalidKey}, status: 401, header: "Www-Authenticate", body: "Access denied due to invalid subscription key"},
		"wrong key at call":       {fault: fault{Kind: paycortest.InvalidKey}, path: listPath, status: 401, header: "Www-Authenticate", body: "Access denied due to invalid subscription key"},
		"inactive key":            {fault: fault{Kind: paycortest.InactiveKey}, path: listPath, status: 401, body: "Access denied due to invalid subscription key"},
		"quota":                   {fault: fault{Kind: paycortest.Quota, Delay: 90 * time.Second}, path: listPath, status: 403, header: "Retry-After", body: `"Out of call volume quota. Quota will be replenished in 00:01:30."`},
		"quota at token":          {fault: fault{Kind: paycortest.Quota}, status: 403, header: "Retry-After", body: "Out of call volume quota"},
		"rate limit":              {fault: fault{Kind: paycortest.RateLimit, Delay: 3 * time.Second}, path: listPath, status: 429, header: "Retry-After", body: "Rate limit is exceeded. Try again in 3 seconds."},
		"rate limit at token":     {fault: fault{Kind: paycortest.RateLimit}, status: 429, body: "Rate limit is exceeded. Try again in 17 seconds."},
		"500":                     {fault: fault{Kind: paycortest.ServerError}, path: listPath, status: 500, body: `"activityId":"`},
		"500 at token":            {fault: fault{Kind: paycortest.ServerError}, status: 500, body: `"message":"Internal server error"`},
		"502":                     {fault: fault{Kind: paycortest.ServerError, Status: 502}, path: listPath, status: 502, body: "Bad Gateway"},
		"503":                     {fault: fault{Kind: paycortest.ServerError, Status: 503}, path: listPath, status: 503, body: "unavailable"},
		"wrong client":            {fault: fault{Kind: paycortest.WrongClient}, status: 400, body: "invalid_client"},
		"grant not allowed":       {fault: fault{Kind: paycortest.GrantNotAllowed}, status: 400, body: "unauthorized_client"},
		"unknown scope":           {fault: fault{Kind: paycortest.ScopeUnknown}, status: 400, body: "invalid_scope"},
		"token not accepted":      {fault: fault{Kind: paycortest.TokenNotAccepted}, path: listPath, status: 401, body: "-"},
		"token expired":           {fault: fault{Kind: paycortest.TokenExpired}, path: listPath, status: 401, body: "-"},
		"not activated, list":     {fault: fault{Kind: paycortest.EntityNotActivated}, path: listPath, status: 200, body: `{"userLegalEntities":[]}`},
		"not activated, entity":   {fault: fault{Kind: paycortest.EntityNotActivated}, path: entityPath, status: 403, body: `"title":"Forbidden"`},
		"no such entity":          {fault: fault{Kind: paycortest.EntityNotFound}, path: entityPath, status: 404, body: `"correlationId":"`},
		"lost":                    {fault: fault{Kind: paycortest.IsLost}, path: entityPath, status: 200, body: `"isLost":true`},
		"lost, its lists":         {fault: fault{Kind: paycortest.IsLost}, path: entityPath + "/employees", status: 404, body: "not in a valid state"},
		"right missing":           {fault: fault{Kind: paycortest.RightMissing}, path: entityPath, status: 403, body: "View Legal Entity Basic Information"},
		"another right missing":   {fault: fault{Kind: paycortest.RightMissing, Right: paycortest.ViewPayData}, path: entityPath, status: 200},
		"that right missing":      {fault: fault{Kind: paycortest.RightMissing, Right: paycortest.ViewPayData}, path: entityPath + "/paydata", status: 403},
		"no right is needed":      {fault: fault{Kind: paycortest.RightMissing}, path: listPath, status: 200},
		"not Standard":            {fault: fault{Kind: paycortest.NotStandard}, path: listPath, status: 403, body: "Forbidden"},
		"Paycor's own 500":        {fault: fault{Kind: paycortest.PaycorError}, path: listPath, status: 500, body: `"correlationId":"`},
		"truncated":               {fault: fault{Kind: paycortest.TruncatedBody}, path: listPath, status: 200, body: `{"userLegalEntities":[`},
		"HTML page":               {fault: fault{Kind: paycortest.HTMLPage}, path: listPath, status: 502, body: "<!doctype html>"},
		"HTML page at token":      {fault: fault{Kind: paycortest.HTMLPage, Status: 403}, status: 403, body: "<!doctype html>"},
		"not JSON":                {fault: fault{Kind: paycortest.NotJSON}, path: listPath, status: 200, body: "OK: {see below"},
		"empty":                   {fault: fault{Kind: paycortest.EmptyBody}, path: listPath, status: 200, body: "-"},
		"empty at token":          {fault: fault{Kind: paycortest.EmptyBody}, status: 200, body: "-"},
		"redirect":                {fault: fault{Kind: paycortest.Redirect}, path: listPath, status: 302, header: "Location"},
		"redirect that keeps all": {fault: fault{Kind: paycortest.Redirect, Status: 307}, status: 307, header: "Location"},
		"captive portal":          {fault: fault{Kind: paycortest.CaptivePortal}, path: listPath, status: 200, body: "Sign in to use this network"},
		"slow":                    {fault: fault{Kind: paycortest.Slow, Delay: time.Millisecond}, path: listPath, status: 200, body: "501123"},
		"slow body":               {fault: fault{Kind: paycortest.SlowBody, Delay: time.Millisecond}, path: listPath, status: 200, body: `"tenantId":678556}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func() reply {
				if test.path != "" {
					return c.do("GET", test.path, signedIn, "")
				}
				return c.token()
			}
			c.app.AddFault(test.fault)
			r := ask()
			assert.Equal(t, test.status, r.status, r.body)
			if test.header != "" {
				assert.NotEmpty(t, r.header.Get(test.header))
			}
			if test.body == "-" {
				assert.Empty(t, r.body)
			} else {
				assert.Contains(t, r.body, test.body)
			}
			c.app.ClearFaults(test.fault.Kind)
			cleaned := ask()
			assert.Equal(t, 200, cleaned.status, "after the fix: %s", cleaned.body)
			assert.True(t, strings.HasPrefix(cleaned.body, "{"), cleaned.body)
		})
	}
}

func TestFaultsOfRefreshAndCode(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.AddFault(fault{Kind: paycortest.RefreshUsed}, fault{Kind: paycortest.CodeExpired})
	assert.Equal(t, "invalid_grant", c.token("grant_type", "refresh_token", "refresh_token", c.app.IssueRefreshToken()).json(t)["error"])
	to, err := c.server.Consent(c.authorizeURL(), paycortest.Allow)
	require.NoError(t, err)
	assert.Equal(t, "invalid_grant", c.redeem(query(t, to).Get("code")).json(t)["error"])
	assert.Equal(t, 200, c.token().status, "another grant is not concerned")
}

func TestAFaultHasAPlaceACountAndAnOwner(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()

	c.app.AddFault(fault{Kind: paycortest.ServerError, Place: paycortest.AtAPI, Count: 2})
	assert.Equal(t, 200, c.token().status, "not at the token endpoint")
	assert.Equal(t, []int{500, 500, 200}, []int{c.list(header).status, c.list(header).status, c.list(header).status})

	c.server.Lookup(paycortest.SunriseBakery).AddFault(fault{Kind: paycortest.ServerError})
	assert.Equal(t, 200, c.list(header).status, "another application's fault")
	c.server.AddFault(fault{Kind: paycortest.ServerError, Status: 503})
	assert.Equal(t, 503, c.list(header).status, "everybody's fault")
	assert.Equal(t, 503, c.token().status)
	c.app.AddFault(fault{Kind: paycortest.ServerError, Status: 502})
	assert.Equal(t, 502, c.list(header).status, "the application's own comes first")
	c.app.ClearFaults()
	assert.Equal(t, 503, c.list(header).status)
	c.server.ClearFaults()
	assert.Equal(t, 200, c.list(header).status)

	c.app.AddFault(fault{Kind: paycortest.ServerError, Status: 502})
	c.app.AddFault(fault{Kind: paycortest.ServerError, Status: 503})
	c.app.ClearFaults(paycortest.Slow)
	assert.Equal(t, 503, c.list(header).status, "the later replaces the earlier")
}

func TestFaultsThatCannotBe(t *testing.T) {
	for name, f := range map[string]fault{
		"unknown kind":         {Kind: "nonsense"},
		"unknown place":        {Kind: paycortest.Slow, Place: "moon"},
		"place without effect": {Kind: paycortest.IsLost, Place: paycortest.AtToken},
		"half without effect":  {Kind: paycortest.WrongClient, Place: paycortest.AtBoth},
		"negative count":       {Kind: paycortest.Slow, Count: -1},
		"status it has not":    {Kind: paycortest.ServerError, Status: 418},
		"status it cannot say": {Kind: paycortest.Slow, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Error(t, f.Check())
			assert.Panics(t, func() { paycortest.New(paycortest.Config{}).AddFault(f) })
		})
	}
}

func TestTheConnectionIsCut(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	for _, bytes := range []int{0, 1, 20, 100000} {
		c.app.AddFault(fault{Kind: paycortest.Cut, Bytes: bytes, Count: 1})
		r, err := c.try("GET", listPath, header, "")
		require.Error(t, err, "%d bytes", bytes)
		assert.LessOrEqual(t, len(r.body), bytes)
		assert.ErrorIs(t, err, syscall.ECONNRESET, "%d bytes", bytes)
		if bytes > 0 {
			assert.Equal(t, 200, r.status, "the head had gone out")
		}
	}
}

func TestACutBeforeAnythingDoesNothingAndALostAnswerDoesItAll(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	one := "/v1/employees/" + paycortest.EmployeeID(501123, 1)
	c.app.AddFault(fault{Kind: paycortest.Cut, Count: 1})
	_, err := c.try("PUT", one, header, "{}")
	require.Error(t, err)
	assert.Equal(t, 0, c.app.Counts().Writes)
	assert.Equal(t, 1, c.app.Counts().ByStatus[0])

	c.app.AddFault(fault{Kind: paycortest.LostAnswer, Place: paycortest.AtAPI, Count: 1})
	_, err = c.try("PUT", one, header, "{}")
	require.Error(t, err)
	assert.Equal(t, 1, c.app.Counts().Writes)
}

func TestALostAnswerKillsTheRefreshToken(t *testing.T) {
	c := start(t, paycortest.Config{})
	token := c.app.IssueRefreshToken()
	c.app.AddFault(fault{Kind: paycortest.LostAnswer, Count: 1})
	header, form := c.form("grant_type", "refresh_token", "refresh_token", token)
	wrong, wrongForm := c.form("client_secret", "wrong")
	assert.Equal(t, 400, c.do("POST", tokenPath, wrong, wrongForm).status, "only an answer worth losing is lost")
	_, err := c.try("POST", tokenPath, header, form)
	require.Error(t, err)
	assert.False(t, c.server.RefreshTokenLives(token))
	assert.Equal(t, "invalid_grant", c.do("POST", tokenPath, header, form).json(t)["error"])
}

func TestHangHoldsUntilTheClientGoes(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.app.AddFault(fault{Kind: paycortest.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", c.server.URL+listPath, nil)
	require.NoError(t, err)
	request.Header = header
	ended := make(chan error, 1)
	go func() {
		response, err := c.http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		ended <- err
	}()
	// The request has arrived and is held: it has no response and counts as
	// held.
	require.Eventually(t, func() bool { return c.app.Counts().ByStatus[0] == 1 }, 10*time.Second, time.Millisecond)
	select {
	case err := <-ended:
		t.Fatalf("it was not held: %v", err)
	default:
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	c.app.ClearFaults()
	require.Eventually(t, func() bool {
		c.server.Reset()
		c.list(header)
		return c.server.Counts().PeakCalls == 1 // nothing is held anymore
	}, limit, aMoment)
}

func TestCloseLetsGoOfWhatHangs(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.app.AddFault(fault{Kind: paycortest.Hang})
	c.server.Close()
	_, err := c.try("GET", listPath, header, "")
	require.Error(t, err)
	assert.NotErrorIs(t, err, context.DeadlineExceeded, "it was held until the client gave up")
	c.server.Close() // idempotent
}

func TestSlowIsSlow(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	for _, kind := range []paycortest.Kind{paycortest.Slow, paycortest.SlowBody} {
		c.app.ClearFaults()
		c.app.AddFault(fault{Kind: kind, Delay: 80 * time.Millisecond})
		began := time.Now()
		require.Equal(t, 200, c.list(header).status)
		assert.GreaterOrEqual(t, time.Since(began), 80*time.Millisecond, string(kind))
	}
}

func TestARedirectCountsWhoFollows(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	c.app.AddFault(fault{Kind: paycortest.Redirect, Status: 307})
	require.Equal(t, 307, c.list(header).status)
	assert.Zero(t, c.server.Counts().Elsewhere)
	c.http.CheckRedirect = nil
	require.Equal(t, 200, c.list(header).status)
	assert.Equal(t, 1, c.server.Counts().Elsewhere)
	assert.NotEmpty(t, c.server.LastHeader(paycortest.Elsewhere).Get("Ocp-Apim-Subscription-Key"),
		"this is what following costs: Go's client carries the key along")
}
