package credentials_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	oauthstore "github.com/go-oauth2/oauth2/v4/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// The simulator has the same authors as the code it tests. These tests use an
// independent OAuth server behind a stub of Paycor's gateway:
// github.com/go-oauth2/oauth2 supports all three grants with PKCE and rotation,
// runs in the test's process, and has far fewer dependencies than an OpenID
// provider.
const (
	providerClient = "00000000000000000f01"
	providerSecret = "provider/secret+of/nobody+in/particular/01"
	providerKey    = "000000000000000000000000000000f1"
	providerScope  = "000000000000000000000000000000f2"
)

// provider is that server behind the gateway.
type provider struct {
	*httptest.Server
	oauth     *server.Server
	exchanges atomic.Int64
}

func newProvider(t *testing.T, grants ...oauth2.GrantType) *provider {
	t.Helper()
	m := manage.NewDefaultManager()
	m.MustTokenStorage(oauthstore.NewMemoryTokenStore())
	clients := oauthstore.NewClientStore()
	require.NoError(t, clients.Set(providerClient, &models.Client{ID: providerClient, Secret: providerSecret, Domain: "http://localhost:8080"}))
	m.MapClientStorage(clients)
	life := &manage.Config{AccessTokenExp: 30 * time.Minute, RefreshTokenExp: 24 * time.Hour, IsGenerateRefresh: true}
	m.SetAuthorizeCodeTokenCfg(life)
	m.SetClientTokenCfg(&manage.Config{AccessTokenExp: 30 * time.Minute})
	m.SetRefreshTokenCfg(&manage.RefreshingConfig{
		AccessTokenExp: 30 * time.Minute, RefreshTokenExp: 24 * time.Hour,
		IsGenerateRefresh: true, IsResetRefreshTime: true, IsRemoveAccess: true, IsRemoveRefreshing: true,
	})
	p := &provider{oauth: server.NewServer(&server.Config{
		TokenType: "Bearer", ForcePKCE: true, AllowedGrantTypes: grants,
		AllowedResponseTypes: []oauth2.ResponseType{oauth2.Code}, AllowedCodeChallengeMethods: []oauth2.CodeChallengeMethod{oauth2.CodeChallengeS256},
	}, m)}
	p.oauth.SetClientInfoHandler(server.ClientFormHandler)
	p.oauth.SetUserAuthorizationHandler(func(http.ResponseWriter, *http.Request) (string, error) { return "an administrator", nil })
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sts/v1/common/token", p.gateway(func(w http.ResponseWriter, r *http.Request) {
		p.exchanges.Add(1)
		_ = p.oauth.HandleTokenRequest(w, r)
	}))
	mux.HandleFunc("GET /AppActivation/Authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := p.oauth.HandleAuthorizeRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("GET /v1/legalentities/", p.gateway(func(w http.ResponseWriter, r *http.Request) {
		if _, err := p.oauth.ValidationBearerToken(r); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		body := `{"userLegalEntities":[{"legalEntityId":501123,"tenantId":678556}]}`
		if strings.HasSuffix(r.URL.Path, "/501123") {
			body = `{"id":501123,"name":"Nobody's Bakery","isLost":false,"tenant":{"id":678556}}`
		}
		_, _ = w.Write([]byte(body))
	}))
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// gateway rejects requests without the subscription key.
func (p *provider) gateway(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Ocp-Apim-Subscription-Key") != providerKey {
			w.Header().Set("WWW-Authenticate", "AzureApiManagementKey")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"statusCode":401,"message":"Access denied due to invalid subscription key."}`))
			return
		}
		next(w, r)
	}
}

// open returns a backend that calls the provider, with a saved credential.
func (p *provider) open(t *testing.T) (*env.Simulation, paycor.Credential) {
	t.Helper()
	h := &env.Simulation{}
	var err error
	h.Backend, h.Store, err = env.Open(t.Context(), t.TempDir(), p.URL, env.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close(context.Background()); _ = h.Store.Close() })
	saved, err := h.As(env.Administrator()).Create(t.Context(), paycor.Draft{
		Name: "Nobody's", Environment: "test", ClientID: providerClient, ClientSecret: paycor.NewSecret(providerSecret),
		SubscriptionKey: paycor.NewSecret(providerKey), LegalEntityID: "501123", Scope: providerScope,
	}, paycor.CreateOptions{})
	require.NoError(t, err)
	return h, saved.Credential
}

func TestIndependentServerClientCredentials(t *testing.T) {
	p := newProvider(t, oauth2.ClientCredentials)
	h, saved := p.open(t)
	assert.Equal(t, paycor.StateVerified, saved.State, "%+v", saved.Verdict)
	assert.Equal(t, "Nobody's Bakery", saved.LegalEntityName)
	_, err := h.As(env.Administrator()).Update(t.Context(), saved.ID, paycor.Patch{ClientSecret: ptr(paycor.NewSecret("provider/secret+of/nobody+in/particular/02"))}, paycor.UpdateOptions{})
	assert.Equal(t, verdicts.CodeSecretRejected, verdictOf(t, err).Code)
}

func TestIndependentServerAuthorizationCode(t *testing.T) {
	p := newProvider(t, oauth2.AuthorizationCode, oauth2.Refreshing)
	h, saved := p.open(t)
	require.Equal(t, paycor.StateNeedsActivation, saved.State, "%+v", saved.Verdict)
	service := h.As(env.Administrator())

	answer := p.consent(t, h, saved.ID)
	_, err := service.Activate(t.Context(), saved.ID, paycor.ActivationAnswer{
		Code: answer.Code, CodeVerifier: paycor.NewSecret("not-the-verifier-of-this-code-0000000000000"), RedirectURI: env.RedirectURI,
	}, nil)
	assert.Equal(t, verdicts.OutcomeNeedsActivation, verdictOf(t, err).Outcome, "the server checks the verifier")
	activated, err := service.Activate(t.Context(), "", p.consent(t, h, saved.ID), nil)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, activated.State, "%+v", activated.Verdict)

	first := h.Secrets(t, saved.ID)[fields.RefreshToken]
	h.ExpireToken(t, saved.ID)
	before := p.exchanges.Load()
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := h.TokenSource().Token(t.Context(), env.TokenKey(saved))
			assert.NoError(t, err)
		})
	}
	group.Wait()
	assert.Equal(t, before+1, p.exchanges.Load())
	second := h.Secrets(t, saved.ID)[fields.RefreshToken]
	assert.NotEqual(t, first, second, "the server rotates refresh tokens, and the next one is stored")
	verdict, err := service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)

	_, err = service.Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: first}, nil)
	assert.Equal(t, verdicts.CodeRefreshUsed, verdictOf(t, err).Code)
	h.ExpireToken(t, saved.ID)
	_, err = h.TokenSource().Token(t.Context(), env.TokenKey(saved))
	assert.NoError(t, err)
}

// consent opens the authorization URL, for which this server needs no consent,
// and returns the result.
func (p *provider) consent(t *testing.T, h *env.Simulation, id string) paycor.ActivationAnswer {
	t.Helper()
	activation, err := h.As(env.Administrator()).StartActivation(t.Context(), id, env.RedirectURI)
	require.NoError(t, err)
	browser := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Get(opened(t, h, env.Administrator(), activation))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusFound, response.StatusCode)
	back, err := url.Parse(response.Header.Get("Location"))
	require.NoError(t, err)
	query := back.Query()
	require.NotEmpty(t, query.Get("code"), back)
	return paycor.ActivationAnswer{State: paycor.NewSecret(query.Get("state")), Code: paycor.NewSecret(query.Get("code"))}
}
