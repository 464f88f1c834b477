package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A provider rejects an invented code and a client that it does not know in other words.
func TestTryClient(t *testing.T) {
	t.Parallel()
	for code, accepted := range map[string]bool{"invalid_grant": true, "invalid_client": false, "unauthorized_client": false} {
		mux := http.NewServeMux()
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		answer := func(w http.ResponseWriter, status int, value map[string]any) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(value)
		}
		mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, map[string]any{"issuer": server.URL, "authorization_endpoint": server.URL + "/a", "token_endpoint": server.URL + "/t", "jwks_uri": server.URL + "/k"})
		})
		mux.HandleFunc("/t", func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, map[string]any{"error": code}) })
		mux.HandleFunc("/k", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, map[string]any{"keys": []map[string]any{{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}})
		})
		provider := connect(t, configuration(server.URL), nil)
		if err := provider.TryClient(t.Context(), redirectURI); accepted {
			require.NoError(t, err, code)
		} else {
			assert.ErrorContains(t, err, "signin.client", code)
		}
		keys, err := provider.SigningKeys(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, keys, "encryption keys sign nothing")
	}
}
