package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// echoingPaycor stands in for Paycor and echoes the request in several
// encodings. The simulator never does that; the live API might.
func echoingPaycor(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // an unreadable body is echoed as empty
		secret, key := r.PostForm.Get("client_secret"), r.Header.Get("Ocp-Apim-Subscription-Key")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]string{
			"error": "invalid_client",
			"error_description": fmt.Sprintf("you sent %s with %s, that is client_secret=%s",
				secret, key, url.QueryEscape(secret)),
		})
	}))
	t.Cleanup(server.Close)
	return server.URL
}
