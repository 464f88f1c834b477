package e2e_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/paycortest"
)

// Workspaces are isolated: on every route, a credential does not exist for
// another workspace's token.
func TestAnotherWorkspaceSeesNothing(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	stranger := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view,use,edit,admin", "--workspace", "elsewhere")}
	nobody := "cred_aaaaaaaaaaaaaaaaaaaaaaaaaa"
	draft := sample(t, paycortest.HarborLogistics).body(t).with("id", saved.ID)
	for _, route := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/credentials/ID", nil}, {"HEAD", "/credentials/ID", nil}, {"PATCH", "/credentials/ID", body{"name": "Taken over"}},
		{"DELETE", "/credentials/ID", nil}, {"POST", "/credentials/ID/verify", nil}, {"GET", "/credentials/ID/history", nil},
		{"POST", "/verify", draft}, {"POST", "/credentials/ID/activation", nil}, {"GET", "/credentials/ID/activation/links", nil},
		{"POST", "/credentials/ID/activation/code", body{"refresh_token": "made-up"}},
	} {
		at := func(id string) answer {
			b := route.body
			if given, ok := b.(body); ok && given["id"] != nil {
				b = given.with("id", id)
			}
			return p.do(ask{Method: route.method, Path: "/api/v1" + strings.Replace(route.path, "ID", id, 1), Header: stranger, Body: b})
		}
		theirs, none := at(saved.ID), at(nobody)
		if route.path == "/credentials/ID/activation" { // no program may start one, whatever the ID
			assert.Equal(t, http.StatusForbidden, theirs.Status)
		} else {
			assert.Equal(t, http.StatusNotFound, theirs.Status, "%s %s", route.method, route.path)
		}
		assert.Equal(t, none.Status, theirs.Status, "%s %s tells it from one that does not exist", route.method, route.path)
		assert.Equal(t, comparableProblem(t, none), comparableProblem(t, theirs), "%s %s", route.method, route.path)
	}
	var page paycor.CredentialPage
	p.do(ask{Method: "GET", Path: "/api/v1/credentials?q=Sunrise", Header: stranger}).into(t, &page)
	assert.Empty(t, page.Credentials)
	assert.Zero(t, page.Total)

	for _, query := range []string{"", "?credential=" + saved.ID} {
		var trail audit.Page
		p.do(ask{Method: "GET", Path: "/api/v1/audit" + query, Header: stranger}).into(t, &trail)
		assert.Empty(t, trail.Names, "no name of another workspace's credential")
		for _, entry := range trail.Entries {
			assert.Equal(t, "elsewhere", entry.Workspace, "%+v", entry)
		}
	}

	var mine paycor.Credential
	p.api("GET", "/credentials/"+saved.ID, nil).into(t, &mine)
	assert.Equal(t, saved.Version, mine.Version, "nothing was changed")
}

// comparableProblem returns a problem without the members that differ between requests.
func comparableProblem(t testing.TB, a answer) problem {
	t.Helper()
	var p problem
	if len(a.Body) > 0 {
		a.into(t, &p)
	}
	return p
}

// A forbidden request is denied, audited, and changes nothing.
func TestWhatMustNotComeInIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	session := p.session()
	viewer := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view")}
	draft := sample(t, paycortest.HarborLogistics).body(t)
	with := func(header map[string]string, pairs ...string) map[string]string {
		all := map[string]string{}
		for name, value := range header {
			all[name] = value
		}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = pairs[i+1]
		}
		return all
	}
	huge, err := json.Marshal(draft.with("description", strings.Repeat("x", 1_000_000)))
	require.NoError(t, err)
	one := "/api/v1/credentials/" + saved.ID
	cases := []struct {
		name   string
		ask    ask
		status int
	}{
		{"unknown host", ask{Method: "DELETE", Path: one, Host: "rebound.example", Header: p.bearer()}, http.StatusMisdirectedRequest},
		{"foreign origin", ask{Method: "DELETE", Path: one, Header: with(session, "Origin", "https://elsewhere.example")}, http.StatusForbidden},
		{"cross-site", ask{Method: "POST", Path: "/api/v1/credentials", Header: with(session, "Sec-Fetch-Site", "cross-site"), Body: draft}, http.StatusForbidden},
		{"foreign sign-out", ask{Method: "POST", Path: "/sign-out", Header: with(session, "Origin", "https://elsewhere.example")}, http.StatusForbidden},
		{"missing right to delete", ask{Method: "DELETE", Path: one, Header: viewer}, http.StatusForbidden},
		{"missing right to change", ask{Method: "PATCH", Path: one, Header: viewer, Body: body{"name": "Mine"}}, http.StatusForbidden},
		{"missing right to add", ask{Method: "POST", Path: "/api/v1/credentials", Header: viewer, Body: draft}, http.StatusForbidden},
		{"missing right to verify", ask{Method: "POST", Path: one + "/verify", Header: viewer}, http.StatusForbidden},
		{"no token", ask{Method: "DELETE", Path: one}, http.StatusUnauthorized},
		{"unknown token", ask{Method: "DELETE", Path: one, Header: map[string]string{"Authorization": "Bearer made-up"}}, http.StatusUnauthorized},
		{"oversized body", ask{Method: "POST", Path: "/api/v1/credentials", Header: p.bearer(), Body: huge}, http.StatusRequestEntityTooLarge},
		{"unknown field", ask{Method: "POST", Path: "/api/v1/credentials", Header: p.bearer(), Body: draft.with("workspace", "elsewhere")}, http.StatusBadRequest},
		{"wrong type", ask{Method: "POST", Path: "/api/v1/credentials", Header: p.bearer(), Body: draft.with("legal_entity_id", "501123")}, http.StatusBadRequest},
		{"not UTF-8", ask{Method: "POST", Path: "/api/v1/credentials", Header: p.bearer(), Body: []byte("{\"name\":\"\xff\xfe\"}")}, http.StatusBadRequest},
		{"stale If-Match", ask{Method: "PATCH", Path: one, Header: with(p.bearer(), "If-Match", `"99-0"`), Body: body{"name": "Late"}}, http.StatusPreconditionFailed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			got := p.do(c.ask)
			if c.status == http.StatusBadRequest { // 400 or 422 depends on whether the type or the value is wrong
				assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, got.Status, "%s", got.Body)
			} else {
				assert.Equal(t, c.status, got.Status, "%s", got.Body)
			}
			assert.Equal(t, "application/problem+json", strings.SplitN(got.Header.Get("Content-Type"), ";", 2)[0])
			assert.NotContains(t, string(got.Body), "elsewhere.example")
			assert.Equal(t, []string{"Sunrise Bakery"}, p.names(), "nothing changed")
			var now paycor.Credential
			p.api("GET", "/credentials/"+saved.ID, nil).into(t, &now)
			assert.Equal(t, saved.Version, now.Version, "nothing changed")
		})
	}
	p.t = t
	assert.NotEqual(t, http.StatusForbidden, p.do(ask{Method: "GET", Path: "/", Header: session}).Status, "the session outlives a foreign sign-out")
	var history struct{ Entries []audit.Entry }
	p.api("GET", "/credentials/"+saved.ID+"/history", nil).into(t, &history)
	refused := 0
	for _, entry := range history.Entries {
		if entry.Outcome != "done" {
			refused++
		}
	}
	assert.GreaterOrEqual(t, refused, 3, "the missing rights stand in the credential's history: %+v", history.Entries)
	assert.False(t, bytes.Contains([]byte(p.output.String()), []byte("rebound.example")), "what a stranger sends is not logged")
}
