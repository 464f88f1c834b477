package authz_test

import (
	"bufio"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/testkit/env"
	"paycorcred/web"
)

// withoutAdmin returns every right except admin, which sees restricted
// credentials.
func withoutAdmin() paycor.Rights {
	return paycor.Rights{paycor.RightView, paycor.RightUse, paycor.RightEdit}
}

// viewers returns callers, and whether they see a credential that is restricted to
// Ann, Bea and the group payroll.
func viewers() map[string]struct {
	caller paycor.Caller
	sees   bool
} {
	person := func(id string, change func(*paycor.Caller)) paycor.Caller {
		caller := paycor.Caller{Kind: paycor.CallerPerson, ID: id, Name: id, Workspace: paycor.DefaultWorkspace, Rights: withoutAdmin()}
		change(&caller)
		return caller
	}
	return map[string]struct {
		caller paycor.Caller
		sees   bool
	}{
		"named by e-mail":       {person("ann", func(c *paycor.Caller) { c.Login = "Ann@example.com" }), true},
		"named by id":           {person("id-of-bea", func(*paycor.Caller) {}), true},
		"in a group":            {person("carl", func(c *paycor.Caller) { c.Groups = []string{"all", "payroll"} }), true},
		"nobody":                {person("dora", func(c *paycor.Caller) { c.Groups = []string{"all"}; c.Login = "dora@example.com" }), false},
		"named like the group":  {person("payroll", func(*paycor.Caller) {}), false},
		"group like the person": {person("egon", func(c *paycor.Caller) { c.Groups = []string{"ann@example.com"} }), false},
		"administrator":         {person("fay", func(c *paycor.Caller) { c.Rights = paycor.AllRights() }), true},
		"program":               {person("gus", func(c *paycor.Caller) { c.Kind = paycor.CallerConsumer }), false},
		"program named alike":   {person("id-of-bea", func(c *paycor.Caller) { c.Kind = paycor.CallerConsumer }), false},
	}
}

// authenticate creates a token or session of a viewer.
func (e *environment) authenticate(name string, caller paycor.Caller) authentication {
	if caller.Kind == paycor.CallerConsumer {
		return e.token(caller)
	}
	return e.sessionNamed(caller, name)
}

func restriction() *paycor.Sharing {
	return &paycor.Sharing{People: []string{"ANN@example.com", "id-of-bea"}, Groups: []string{"payroll"}}
}

// TestRestrictedCredentialIsHiddenOnEveryRoute sends a request to every route of a
// credential as callers who see it and as others.
func TestRestrictedCredentialIsHiddenOnEveryRoute(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	headers := map[string]authentication{}
	for name, viewer := range viewers() {
		headers[name] = e.authenticate(name, viewer.caller)
	}
	for _, route := range web.AccessTable() {
		request := requests[route.Pattern]
		if !strings.Contains(request.path+request.body, "ID") || strings.Contains(request.path, "OWN") {
			continue
		}
		t.Run(route.Pattern, func(t *testing.T) {
			e.t = t
			method, _, _ := strings.Cut(route.Pattern, " ")
			for name, viewer := range viewers() {
				credential := e.create("Secret name of the restricted one")
				_, err := e.As(owner()).Share(t.Context(), credential.ID, restriction(), "")
				require.NoError(t, err)
				fill := func(text string) string { return strings.ReplaceAll(text, "ID", credential.ID) }
				before, lastEntry := e.state(), e.lastAuditEntry()
				got := e.send(headers[name], method, fill(request.path), fill(request.body))
				if viewer.sees && slices.Contains(route.Kinds, viewer.caller.Kind) && route.Allows(viewer.caller.Rights) && request.status != http.StatusNotFound {
					assert.NotEqual(t, http.StatusNotFound, got.status, "%s: %s", name, got.body)
				}
				if !viewer.sees {
					assert.GreaterOrEqual(t, got.status, 300, "%s: %s", name, got.body)
					assert.NotContains(t, got.body, "restricted one", name)
					assert.Equal(t, before, e.state(), name)
				}
				if !viewer.sees && slices.Contains(route.Kinds, viewer.caller.Kind) && route.Allows(viewer.caller.Rights) {
					assert.Equal(t, http.StatusNotFound, got.status, "%s: as if it did not exist", name)
					assert.True(t, e.deniedSince(viewer.caller, lastEntry), "%s: audited", name)
				}
				_ = e.As(owner()).Delete(t.Context(), credential.ID, "")
			}
		})
	}
}

// A credential that is hidden from somebody looks like one that does not exist, also if
// something else is wrong with the request.
func TestHiddenCredentialLooksAbsent(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	hidden := e.create("Restricted")
	_, err := e.As(owner()).Share(t.Context(), hidden.ID, restriction(), "")
	require.NoError(t, err)
	by := e.authenticate("nobody", viewers()["nobody"].caller)
	bodies := []string{"", `{}`, `[]`, `{"nope":1}`, `{"name":""}`, `{"environment":"nope"}`, `{"keep":"nope"}`, `{"rotate_by":"yesterday"}`,
		`{"client_secret":" x "}`, `{"refresh_token":""}`, `{"code":"x"}`, `{"restricted":true,"people":["` + strings.Repeat("x", 300) + `"]}`}
	for _, route := range web.AccessTable() {
		path := requests[route.Pattern].path
		if !strings.HasPrefix(path, "/api/v1/credentials/ID") {
			continue
		}
		method, _, _ := strings.Cut(route.Pattern, " ")
		for _, body := range bodies {
			got := e.send(by, method, strings.Replace(path, "ID", hidden.ID, 1), body)
			absent := e.send(by, method, strings.Replace(path, "ID", "cred_none", 1), body)
			assert.Equal(t, absent.status, got.status, "%s %s", route.Pattern, body)
			assert.Equal(t, withoutRequestID(absent.body), withoutRequestID(got.body), "%s %s", route.Pattern, body)
		}
	}
}

// withoutRequestID returns a problem without what differs for each request.
func withoutRequestID(problem string) string {
	return regexp.MustCompile(`"request_id":"[^"]*"`).ReplaceAllString(problem, "")
}

func TestListsHideRestrictedCredentials(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	e.create("Open to all")
	restricted := e.create("Restricted")
	draft := env.Draft()
	draft.Name, draft.ClientID = "Apart", "0000000000000000ffff"
	saved, err := e.As(owner()).Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	apart := saved.Credential
	for _, id := range []string{restricted.ID, apart.ID} {
		_, err := e.As(owner()).Share(t.Context(), id, restriction(), "")
		require.NoError(t, err)
	}
	for name, viewer := range viewers() {
		by := e.authenticate(name, viewer.caller)
		got := e.send(by, "GET", "/api/v1/credentials", "")
		assert.Equal(t, http.StatusOK, got.status, name)
		assert.Contains(t, got.body, "Open to all", name)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, restricted.ID), name)
		total := `"total":1`
		if viewer.sees {
			total = `"total":3`
		}
		assert.Contains(t, got.body, total, "%s: not counted either", name)
		got = e.send(by, "POST", "/api/v1/duplicates", `{"name":"Restricted"}`)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, restricted.ID), "%s: as a duplicate", name)
		got = e.send(by, "GET", "/api/v1/applications", "")
		assert.Equal(t, http.StatusOK, got.status, name)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, restricted.ID), "%s: of an application", name)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, apart.ID), name)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, apart.ApplicationID), "%s: an application of others", name)
		got = e.send(by, "GET", "/api/v1/applications/"+apart.ApplicationID, "")
		assert.Equal(t, viewer.sees, got.status == http.StatusOK, "%s: %s", name, got.body)
		got = e.send(by, "GET", "/api/v1/applications/"+apart.ApplicationID+"/usage", "")
		assert.Equal(t, viewer.sees, got.status == http.StatusOK, "%s: %s", name, got.body)
		got = e.send(by, "POST", "/api/v1/verify", `{"application_id":"`+apart.ApplicationID+`","legal_entity_id":7}`)
		assert.Equal(t, viewer.sees, got.status == http.StatusOK, "%s: %s", name, got.body)
	}
	named := paycor.Caller{Kind: paycor.CallerConsumer, ID: "named", Name: "n", Workspace: paycor.DefaultWorkspace, Rights: withoutAdmin(), Credentials: []string{restricted.ID}}
	got := e.send(e.token(named), "GET", "/api/v1/credentials/"+restricted.ID, "")
	assert.Equal(t, http.StatusOK, got.status, "an administrator added it to the token")
}

// TestEventsHideRestrictedCredentials changes a restricted and an unrestricted
// credential while each viewer listens.
func TestEventsHideRestrictedCredentials(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	restricted, plain := e.create("Restricted"), e.create("Open to all")
	_, err := e.As(owner()).Share(t.Context(), restricted.ID, restriction(), "")
	require.NoError(t, err)
	for name, viewer := range viewers() {
		t.Run(name, func(t *testing.T) {
			e.t = t
			by := e.authenticate(name, viewer.caller)
			request, err := http.NewRequestWithContext(t.Context(), "GET", e.URL+"/api/v1/events", nil)
			require.NoError(t, err)
			request.Header.Set(by.header, by.value)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			timer := time.AfterFunc(20*time.Second, func() { response.Body.Close() })
			defer timer.Stop()
			lines := bufio.NewScanner(response.Body)
			require.True(t, lines.Scan())
			deleted := e.create("Restricted and deleted")
			_, err = e.As(owner()).Share(t.Context(), deleted.ID, restriction(), "")
			require.NoError(t, err)
			require.NoError(t, e.As(owner()).Delete(t.Context(), deleted.ID, ""))
			for _, credential := range []paycor.Credential{restricted, plain} {
				_, err := e.As(owner()).Verify(t.Context(), credential.ID, nil)
				require.NoError(t, err)
			}
			text := ""
			for !strings.Contains(text, plain.ID) && lines.Scan() {
				text += lines.Text()
			}
			assert.Contains(t, text, plain.ID)
			assert.Equal(t, viewer.sees, strings.Contains(text, restricted.ID))
			assert.Equal(t, viewer.sees, strings.Contains(text, deleted.ID+`","action":"credential.delete"`))
		})
	}
}

func TestNobodyLocksThemselvesOut(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	credential := e.create("Of the owner")
	ann := viewers()["named by e-mail"].caller
	by := e.authenticate("ann", ann)
	path := "/api/v1/credentials/" + credential.ID + "/sharing"
	got := e.send(by, "PUT", path, `{"restricted":true,"people":["bea@example.com"]}`)
	assert.Equal(t, http.StatusUnprocessableEntity, got.status)
	assert.Contains(t, got.body, locale.English.Text("problem.sharing-self"))
	got = e.send(by, "PUT", path, `{"restricted":true,"people":[" Ann@Example.com ",""]}`)
	assert.Equal(t, http.StatusOK, got.status, got.body)
	assert.Contains(t, got.body, `"sharing":{"people":["ann@example.com"],"groups":[]}`)
	got = e.send(by, "PUT", path, `{"restricted":false,"people":["ann@example.com"]}`)
	assert.Equal(t, http.StatusUnprocessableEntity, got.status, "a contradiction is an error")
	for _, wrong := range []string{`{"restricted":true,"people":["a\u0000b"]}`, `{"restricted":true,"groups":"payroll"}`, `{"restricted":1}`} {
		assert.Equal(t, http.StatusUnprocessableEntity, e.send(by, "PUT", path, wrong).status, wrong)
	}
}
