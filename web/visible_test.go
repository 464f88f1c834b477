package web_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

// A caller who may change a credential, but not see it, learns nothing from the response
// that others saved.
func TestResponsesToCallersWithoutView(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(h *testServer) response{
		"create": func(h *testServer) response {
			return h.send("POST", "/api/v1/credentials", completeDraft, bearer, jsonBody)
		},
		"change": func(h *testServer) response {
			return h.send("PATCH", "/api/v1/credentials/a", `{"name":"n"}`, bearer, jsonBody)
		},
		"rotate": func(h *testServer) response {
			return h.send("POST", "/api/v1/credentials/a/rotation", `{"client_secret":"x"}`, bearer, jsonBody)
		},
		"roll back": func(h *testServer) response {
			return h.send("POST", "/api/v1/credentials/a/rotation/back", `{}`, bearer, jsonBody)
		},
		"discard": func(h *testServer) response { return h.send("DELETE", "/api/v1/credentials/a/rotation", "", bearer) },
		"share": func(h *testServer) response {
			return h.send("PUT", "/api/v1/credentials/a/sharing", `{"restricted":false}`, bearer, jsonBody)
		},
		"activate": func(h *testServer) response {
			return h.send("POST", "/api/v1/credentials/a/activation/code", `{"refresh_token":"x"}`, bearer, jsonBody)
		},
		"duplicates": func(h *testServer) response {
			return h.send("POST", "/api/v1/duplicates", `{"name":"n"}`, bearer, jsonBody)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, sees := range []bool{true, false} {
				h := newTestServer(t)
				h.access.rights = paycor.Rights{paycor.RightEdit}
				if sees {
					h.access.rights = append(h.access.rights, paycor.RightView)
				}
				got := send(h)
				assert.Less(t, got.StatusCode, 300, got.body)
				for _, word := range []string{`"client_id"`, `"name"`, `"description"`, `"legal_entity_id"`, `"scope"`} {
					if name != "duplicates" || !sees {
						assert.Equal(t, sees, strings.Contains(got.body, word), "%s in %s", word, got.body)
					}
				}
			}
		})
	}
}
