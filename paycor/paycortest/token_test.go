package paycortest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

func TestTokenErrors(t *testing.T) {
	c := start(t, paycortest.Config{})
	for name, test := range map[string]struct {
		pairs []string
		code  string
	}{
		"no grant type":                {[]string{"grant_type", ""}, "invalid_request"},
		"unknown grant type":           {[]string{"grant_type", "password"}, "unsupported_grant_type"},
		"wrong client id":              {[]string{"client_id", "ffffffffffffffffffff"}, "invalid_client"},
		"wrong client secret":          {[]string{"client_secret", "wrong"}, "invalid_client"},
		"no client secret":             {[]string{"client_secret", ""}, "invalid_client"},
		"unknown scope":                {[]string{"scope", "ffffffffffffffffffffffffffffffff"}, "invalid_scope"},
		"scope of a foreign entity":    {[]string{"scope", "c777777"}, "invalid_scope"},
		"entity where a company is":    {[]string{"scope", "cc501123"}, "invalid_scope"},
		"unknown refresh token":        {[]string{"grant_type", "refresh_token", "refresh_token", "ffff"}, "invalid_grant"},
		"no refresh token":             {[]string{"grant_type", "refresh_token"}, "invalid_grant"},
		"unknown authorization code":   {[]string{"grant_type", "authorization_code", "code", "ffff"}, "invalid_grant"},
		"a scope with a refresh token": {[]string{"grant_type", "refresh_token", "refresh_token", "ffff", "scope", "x"}, "invalid_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.token(test.pairs...)
			assert.Equal(t, 400, r.status)
			assert.Equal(t, test.code, r.json(t)["error"])
			assert.NotEmpty(t, r.json(t)["error_description"])
		})
	}
}

func TestTokenEndpointTakesAFormAndNothingElse(t *testing.T) {
	c := start(t, paycortest.Config{})
	d := c.app.Details()
	t.Run("JSON", func(t *testing.T) {
		header, _ := c.form()
		header.Set("Content-Type", "application/json")
		body, err := json.Marshal(map[string]string{"grant_type": "client_credentials", "client_id": d.ClientID, "client_secret": d.ClientSecret})
		require.NoError(t, err)
		assert.Equal(t, "invalid_request", c.do("POST", tokenPath, header, string(body)).json(t)["error"])
	})
	t.Run("a form that says it is JSON", func(t *testing.T) {
		header, form := c.form()
		header.Set("Content-Type", "application/json")
		assert.Equal(t, "invalid_request", c.do("POST", tokenPath, header, form).json(t)["error"])
	})
	t.Run("query", func(t *testing.T) {
		header, form := c.form()
		assert.Equal(t, 400, c.do("POST", tokenPath+"?"+form, header, "").status)
	})
	t.Run("Basic authorization", func(t *testing.T) {
		header, form := c.form("client_id", "", "client_secret", "")
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(d.ClientID+":"+d.ClientSecret)))
		assert.Equal(t, "invalid_client", c.do("POST", tokenPath, header, form).json(t)["error"])
	})
	t.Run("a parameter twice", func(t *testing.T) {
		header, form := c.form()
		assert.Equal(t, "invalid_request", c.do("POST", tokenPath, header, form+"&client_id="+d.ClientID).json(t)["error"])
	})
	t.Run("broken escapes", func(t *testing.T) {
		header, form := c.form()
		assert.Equal(t, "invalid_request", c.do("POST", tokenPath, header, form+"&x=%zz").json(t)["error"])
	})
	t.Run("a secret whose plus was not escaped", func(t *testing.T) {
		header, form := c.form()
		raw := strings.Replace(form, url.QueryEscape(d.ClientSecret), d.ClientSecret, 1)
		require.NotEqual(t, form, raw)
		assert.Equal(t, "invalid_client", c.do("POST", tokenPath, header, raw).json(t)["error"])
	})
}

func TestTokenErrorStyles(t *testing.T) {
	c := start(t, paycortest.Config{})
	for style, test := range map[paycortest.Style]struct{ contentType, contains string }{
		paycortest.StyleOAuth:   {"application/json", `"error":"invalid_client"`},
		paycortest.StylePaycor:  {"application/json", `"title":"invalid_client"`},
		paycortest.StyleProblem: {"application/problem+json", `"title":"invalid_client"`},
		paycortest.StyleGateway: {"application/json", `"message":"invalid_client`},
		paycortest.StyleText:    {"text/plain", "invalid_client"},
		paycortest.StyleEmpty:   {"", ""},
	} {
		for _, status := range []int{400, 401} {
			t.Run(string(style), func(t *testing.T) {
				c.app.Change(func(d *paycortest.Details) { d.ErrorStyle, d.ClientErrorStatus = style, status })
				r := c.token("client_secret", "wrong")
				assert.Equal(t, status, r.status)
				assert.True(t, strings.HasPrefix(r.header.Get("Content-Type"), test.contentType), r.header.Get("Content-Type"))
				assert.Contains(t, r.body, test.contains)
				if style == paycortest.StyleEmpty {
					assert.Empty(t, r.body)
					assert.Empty(t, r.header.Get("Content-Type"))
				}
			})
		}
	}
}

func TestAGrantThatIsNotAllowed(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.Change(func(d *paycortest.Details) { d.Grants = []paycortest.GrantType{paycortest.RefreshToken} })
	assert.Equal(t, "unauthorized_client", c.token().json(t)["error"])
	c.app.Change(func(d *paycortest.Details) { d.GrantRefusal = "unsupported_grant_type" })
	assert.Equal(t, "unsupported_grant_type", c.token().json(t)["error"])
	assert.Equal(t, "invalid_client", c.token("client_secret", "wrong").json(t)["error"], "the client is looked at first")
}

func TestExpiresInSpellings(t *testing.T) {
	c := start(t, paycortest.Config{TokenLifetime: 20 * time.Minute})
	for spelling, want := range map[paycortest.ExpiresIn]any{
		paycortest.ExpiresNumber: 1200.0, paycortest.ExpiresMissing: nil, paycortest.ExpiresString: "1200",
		paycortest.ExpiresAbsurd: 1e18, paycortest.ExpiresNegative: -1.0,
	} {
		t.Run(string(spelling), func(t *testing.T) {
			c.app.Change(func(d *paycortest.Details) { d.ExpiresIn = spelling })
			answer := c.token().json(t)
			assert.Equal(t, want, answer["expires_in"])
			assert.Equal(t, "Bearer", answer["token_type"])
			assert.NotContains(t, answer, "refresh_token", "client_credentials has none")
		})
	}
}

func TestScopeOfClientCredentials(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.Change(func(d *paycortest.Details) {
		d.Entities = []paycortest.Entity{{ID: 601, TenantID: 71}, {ID: 602, TenantID: 71}, {ID: 603, TenantID: 72}}
	})
	scope := c.app.Details().Scopes[0].ID
	for asked, want := range map[string]string{
		"":              `[{"legalEntityId":601,"tenantId":71},{"legalEntityId":602,"tenantId":71},{"legalEntityId":603,"tenantId":72}]`,
		scope:           `[{"legalEntityId":601,"tenantId":71},{"legalEntityId":602,"tenantId":71},{"legalEntityId":603,"tenantId":72}]`,
		"c602 " + scope: `[{"legalEntityId":602,"tenantId":71}]`,
		"cc71 " + scope: `[{"legalEntityId":601,"tenantId":71},{"legalEntityId":602,"tenantId":71}]`,
	} {
		t.Run(asked, func(t *testing.T) {
			assert.JSONEq(t, `{"userLegalEntities":`+want+`}`, c.list(c.signIn("scope", asked)).body)
		})
	}
}

func TestAccessTokenIsASignedJWTThatNamesAPerson(t *testing.T) {
	clock := &clock{}
	c := start(t, paycortest.Config{Clock: clock.now})
	token := c.token().json(t)["access_token"].(string)
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(c.server.PublicKey(), crypto.SHA256, sum[:], signature))

	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	require.NoError(t, err)
	assert.Contains(t, string(header), `"alg":"RS256"`)
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(text, &claims))
	assert.Equal(t, float64(noon.Add(30*time.Minute).Unix()), claims["exp"])
	assert.Equal(t, float64(noon.Add(-time.Hour).Unix()), claims["nbf"])
	assert.Equal(t, c.app.Details().ClientID, claims["client_id"])
	assert.Equal(t, []any{c.app.Details().Scopes[0].ID}, claims["scope"])
	assert.Equal(t, map[string]any{"C": []any{map[string]any{"ClientId": 501123.0, "CompanyId": 678556.0}}}, claims["paycor_clients"])
	assert.Equal(t, paycortest.PersonName, claims["name"])
	assert.Equal(t, paycortest.PersonEmail, claims["email"])
	assert.Equal(t, paycortest.PersonIP, claims["ip"])
}

func TestARefreshTokenIsGoodForOneUse(t *testing.T) {
	c := start(t, paycortest.Config{})
	first := c.app.IssueRefreshToken()
	answer := c.token("grant_type", "refresh_token", "refresh_token", first).json(t)
	next := answer["refresh_token"].(string)
	assert.Regexp(t, `^[0-9a-f]{64}$`, next)
	assert.NotEqual(t, first, next)
	assert.False(t, c.server.RefreshTokenLives(first))
	assert.True(t, c.server.RefreshTokenLives(next))

	again := c.token("grant_type", "refresh_token", "refresh_token", first)
	assert.Equal(t, "invalid_grant", again.json(t)["error"])
	assert.Equal(t, 200, c.token("grant_type", "refresh_token", "refresh_token", next).status)
	assert.Equal(t, 2, c.app.Counts().Refreshes)
	assert.Equal(t, 1, c.app.Counts().Reused)
}

func TestARefreshTokenBelongsToItsApplication(t *testing.T) {
	c := start(t, paycortest.Config{})
	token := c.app.IssueRefreshToken()
	c.app = c.server.Lookup(paycortest.SunriseBakery)
	assert.Equal(t, "invalid_grant", c.token("grant_type", "refresh_token", "refresh_token", token).json(t)["error"])
	assert.True(t, c.server.RefreshTokenLives(token), "a stranger's attempt does not use it up")
}

func TestRacingRefreshesHaveOneWinner(t *testing.T) {
	c := start(t, paycortest.Config{})
	header, form := c.form("grant_type", "refresh_token", "refresh_token", c.app.IssueRefreshToken())
	var wait sync.WaitGroup
	statuses := make([]int, 16)
	for i := range statuses {
		wait.Go(func() {
			r, err := c.try("POST", tokenPath, header.Clone(), form)
			if assert.NoError(t, err) {
				statuses[i] = r.status
			}
		})
	}
	wait.Wait()
	won := 0
	for _, status := range statuses {
		if status == 200 {
			won++
		}
	}
	assert.Equal(t, 1, won)
	assert.Equal(t, 16, c.server.Counts().Tokens)
}

func TestSavingDataAccessMakesAScopeThatMustBeActivated(t *testing.T) {
	c := start(t, paycortest.Config{})
	d := c.app.Details()
	d.Name, d.ClientID, d.PrimaryKey, d.Scopes = "Few rights", "", "", []paycortest.Scope{{ID: "one", Rights: nil}}
	c.app = c.server.Application(d)
	old := c.app.IssueRefreshToken()
	scope := c.app.SaveDataAccess(paycortest.ViewLegalEntity)
	assert.Regexp(t, `^[0-9a-f]{32}$`, scope.ID)

	before := c.signIn("grant_type", "refresh_token", "refresh_token", old)
	assert.Equal(t, 403, c.do("GET", "/v1/legalentities/501123", before, "").status)
	after := c.signIn("grant_type", "refresh_token", "refresh_token", c.app.IssueRefreshToken())
	assert.Equal(t, 200, c.do("GET", "/v1/legalentities/501123", after, "").status)
}
