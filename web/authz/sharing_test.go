package authz_test

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/web"
)

// withoutAdmin is every right but the one that sees everything.
func withoutAdmin() paycor.Rights {
	return paycor.Rights{paycor.RightView, paycor.RightUse, paycor.RightEdit}
}

// viewers are callers, and whether a credential that is restricted to Ann and
// to the group payroll is there for them.
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

// come lets a viewer come to the door.
func (h *house) come(name string, caller paycor.Caller) way {
	if caller.Kind == paycor.CallerConsumer {
		return h.token(caller)
	}
	return h.sessionNamed(caller, name)
}

func restriction() *paycor.Sharing {
	return &paycor.Sharing{People: []string{"ANN@example.com", "id-of-bea"}, Groups: []string{"payroll"}}
}

// TestARestrictedCredentialIsHiddenOnEveryRoute walks every route that names a
// credential, with whom it is shared and with others.
func TestARestrictedCredentialIsHiddenOnEveryRoute(t *testing.T) {
	h := open(t)
	ways := map[string]way{}
	for name, viewer := range viewers() {
		ways[name] = h.come(name, viewer.caller)
	}
	for _, entry := range web.AccessTable() {
		request := examples[entry.Pattern]
		if !strings.Contains(request.path+request.body, "ID") || strings.Contains(request.path, "OWN") {
			continue
		}
		t.Run(entry.Pattern, func(t *testing.T) {
			h.t = t
			method, _, _ := strings.Cut(entry.Pattern, " ")
			for name, viewer := range viewers() {
				credential := h.create("Secret name of the restricted one")
				_, err := h.As(owner()).Share(t.Context(), credential.ID, restriction(), "")
				require.NoError(t, err)
				put := func(text string) string { return strings.ReplaceAll(text, "ID", credential.ID) }
				before, last := h.state(), h.last()
				got := h.send(ways[name], method, put(request.path), put(request.body))
				if viewer.sees && slices.Contains(entry.Kinds, viewer.caller.Kind) && viewer.caller.Rights.Has(entry.Right) {
					assert.NotEqual(t, http.StatusNotFound, got.status, "%s: %s", name, got.body)
				}
				if !viewer.sees {
					assert.GreaterOrEqual(t, got.status, 300, "%s: %s", name, got.body)
					assert.NotContains(t, got.body, "restricted one", name)
					assert.Equal(t, before, h.state(), name)
				}
				if !viewer.sees && slices.Contains(entry.Kinds, viewer.caller.Kind) && viewer.caller.Rights.Has(entry.Right) {
					assert.Equal(t, http.StatusNotFound, got.status, "%s: as if it were not there", name)
					assert.True(t, h.refused(viewer.caller, last), "%s: written down", name)
				}
				_ = h.As(owner()).Delete(t.Context(), credential.ID, "")
			}
		})
	}
}

func TestListsHideWhatIsRestricted(t *testing.T) {
	h := open(t)
	h.create("Open to all")
	restricted := h.create("Restricted")
	_, err := h.As(owner()).Share(t.Context(), restricted.ID, restriction(), "")
	require.NoError(t, err)
	for name, viewer := range viewers() {
		by := h.come(name, viewer.caller)
		got := h.send(by, "GET", "/api/v1/credentials", "")
		assert.Equal(t, http.StatusOK, got.status, name)
		assert.Contains(t, got.body, "Open to all", name)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, restricted.ID), name)
		total := `"total":1`
		if viewer.sees {
			total = `"total":2`
		}
		assert.Contains(t, got.body, total, "%s: nothing is counted either", name)
		got = h.send(by, "POST", "/api/v1/duplicates", `{"name":"Restricted"}`)
		assert.Equal(t, viewer.sees, strings.Contains(got.body, restricted.ID), "%s: as a duplicate", name)
	}
	named := paycor.Caller{Kind: paycor.CallerConsumer, ID: "named", Name: "n", Workspace: paycor.DefaultWorkspace, Rights: withoutAdmin(), Credentials: []string{restricted.ID}}
	got := h.send(h.token(named), "GET", "/api/v1/credentials/"+restricted.ID, "")
	assert.Equal(t, http.StatusOK, got.status, "an administrator chose it for the token")
}

// TestEventsHideWhatIsRestricted listens while a restricted credential and then
// an open one are changed and deleted: of the first, nothing is told.
func TestEventsHideWhatIsRestricted(t *testing.T) {
	h := open(t)
	restricted, plain := h.create("Restricted"), h.create("Open to all")
	_, err := h.As(owner()).Share(t.Context(), restricted.ID, restriction(), "")
	require.NoError(t, err)
	for name, viewer := range viewers() {
		t.Run(name, func(t *testing.T) {
			h.t = t
			by := h.come(name, viewer.caller)
			request, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+"/api/v1/events", nil)
			require.NoError(t, err)
			request.Header.Set(by.name, by.value)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			guard := time.AfterFunc(20*time.Second, func() { response.Body.Close() })
			defer guard.Stop()
			lines := bufio.NewScanner(response.Body)
			require.True(t, lines.Scan())
			gone := h.create("Restricted and deleted")
			_, err = h.As(owner()).Share(t.Context(), gone.ID, restriction(), "")
			require.NoError(t, err)
			require.NoError(t, h.As(owner()).Delete(t.Context(), gone.ID, ""))
			for _, credential := range []paycor.Credential{restricted, plain} {
				_, err := h.As(owner()).Verify(t.Context(), credential.ID, nil)
				require.NoError(t, err)
			}
			text := ""
			for !strings.Contains(text, plain.ID) && lines.Scan() {
				text += lines.Text()
			}
			assert.Contains(t, text, plain.ID)
			assert.Equal(t, viewer.sees, strings.Contains(text, restricted.ID))
			assert.Equal(t, viewer.sees, strings.Contains(text, gone.ID+`","action":"credential.delete"`))
		})
	}
}

func TestNobodyShutsThemselvesOut(t *testing.T) {
	h := open(t)
	credential := h.create("Of the owner")
	ann := viewers()["named by e-mail"].caller
	by := h.come("ann", ann)
	path := "/api/v1/credentials/" + credential.ID + "/sharing"
	got := h.send(by, "PUT", path, `{"restricted":true,"people":["bea@example.com"]}`)
	assert.Equal(t, http.StatusUnprocessableEntity, got.status)
	assert.Contains(t, got.body, locale.English.Text("problem.sharing-self"))
	got = h.send(by, "PUT", path, `{"restricted":true,"people":[" Ann@Example.com ",""]}`)
	assert.Equal(t, http.StatusOK, got.status, got.body)
	assert.Contains(t, got.body, `"sharing":{"people":["ann@example.com"],"groups":[]}`)
	got = h.send(by, "PUT", path, `{"restricted":false,"people":["ann@example.com"]}`)
	assert.Equal(t, http.StatusUnprocessableEntity, got.status, "what is meant is not guessed")
	for _, wrong := range []string{`{"restricted":true,"people":["a\u0000b"]}`, `{"restricted":true,"groups":"payroll"}`, `{"restricted":1}`} {
		assert.Equal(t, http.StatusUnprocessableEntity, h.send(by, "PUT", path, wrong).status, wrong)
	}
}
