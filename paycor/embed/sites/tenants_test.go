package sites_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/events"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// inWorkspace returns an administrator of a workspace.
func inWorkspace(name string) paycor.Caller {
	caller := env.Administrator()
	caller.Workspace = name
	return caller
}

// addTenants lets people of the tenants acme and birch at the site "console" work in workspaces
// of the same name, acme's with the right view only.
func addTenants(t *testing.T, e *env.Environment) {
	t.Helper()
	for _, tenant := range []embed.Tenant{{ID: "acme", Workspace: "acme", Rights: paycor.Rights{paycor.RightView}}, {ID: "birch", Workspace: " birch "}} {
		_, err := e.AddTenant(t.Context(), rights.Operator(""), "console", tenant)
		require.NoError(t, err)
	}
}

// details returns an administrator's view of the audit trail, as action and detail.
func details(t *testing.T, e *env.Environment, workspace string, action audit.Action) (found []string) {
	t.Helper()
	page, err := e.As(inWorkspace(workspace)).Audit(t.Context(), audit.Query{Action: action})
	require.NoError(t, err)
	for _, entry := range page.Entries {
		found = append(found, entry.CallerID+": "+entry.Outcome+" "+entry.Detail)
	}
	return found
}

// Only the operator, who has authority over every workspace, lets a site into another one.
func TestOnlyTheOperatorAddsTenants(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), env.NewSite(t, e.Clock.Now).Draft())
	require.NoError(t, err)
	tenant := embed.Tenant{ID: "acme", Workspace: "acme"}
	program, embedded := env.Administrator(), env.Administrator()
	program.Kind, embedded.Kind = paycor.CallerConsumer, paycor.CallerEmbedded
	for _, caller := range []paycor.Caller{env.Administrator(), inWorkspace("acme"), program, embedded} {
		_, err := e.AddTenant(t.Context(), caller, "console", tenant)
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(e.RemoveTenant(t.Context(), caller, "console", "acme")))
	}
	assert.Contains(t, details(t, e, "default", audit.ActionTenantAdd), env.Administrator().ID+": refused not_operator")
	_, err = e.AddTenant(t.Context(), rights.Operator("acme"), "console", tenant)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "the site is of another workspace")
	for name, wrong := range map[string]embed.Tenant{
		"no name": {Workspace: "w"}, "a slash": {ID: "a/b", Workspace: "w"}, "a comma": {ID: "a,b", Workspace: "w"}, "a space": {ID: "a b", Workspace: "w"},
		"no workspace": {ID: "a"}, "more than the site": {ID: "a", Workspace: "w", Rights: paycor.Rights{paycor.RightAdmin}},
	} {
		_, err := e.AddTenant(t.Context(), rights.Operator(""), "console", wrong)
		assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), name)
	}
	addTenants(t, e)
	_, err = e.AddTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "Acme", Workspace: "elsewhere"})
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	listed, err := e.As(env.Administrator()).Hosts(t.Context())
	require.NoError(t, err)
	require.Len(t, listed.Tenants["console"], 2)
	assert.Equal(t, "birch", listed.Tenants["console"][1].Workspace)
	assert.Equal(t, paycor.Rights{paycor.RightView, paycor.RightEdit}, listed.Tenants["console"][1].Rights, "those of the site")
	elsewhere, err := e.As(inWorkspace("acme")).Hosts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, elsewhere.Hosts)
	assert.Empty(t, elsewhere.Tenants)

	require.NoError(t, e.RemoveTenant(t.Context(), rights.Operator(""), "console", "acme"))
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(e.RemoveTenant(t.Context(), rights.Operator(""), "console", "acme")))
	for _, workspace := range []string{"default", "acme"} {
		for _, action := range []audit.Action{audit.ActionTenantAdd, audit.ActionTenantRemove} {
			assert.Contains(t, details(t, e, workspace, action), "operator: done console: acme → acme (view)", "the administrators of both see it")
		}
	}
	assert.Empty(t, details(t, e, "other", audit.ActionTenantAdd))
}

func TestATokenIsForTheWorkspaceOfItsTenant(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	s := env.NewSite(t, e.Clock.Now)
	admin := e.As(env.Administrator())
	_, err := admin.AddHost(t.Context(), s.Draft())
	require.NoError(t, err)
	before, err := e.Exchange(t.Context(), s.Request(t, nil))
	require.NoError(t, err)
	addTenants(t, e)
	_, err = e.CallerByEmbedding(t.Context(), before.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "from the first tenant on, people are some tenant's")

	of := func(tenant string, more map[string]any) embed.Request {
		claims := map[string]any{"tenant": tenant, "workspace": nil, "rights": []string{"view"}, "email": "ann@console.example", "groups": []string{"payroll"}}
		for name, value := range more {
			claims[name] = value
		}
		return s.Request(t, claims)
	}
	credential := env.Create(t, e.As(inWorkspace("acme")))
	session, err := e.Exchange(t.Context(), of("acme", nil))
	require.NoError(t, err)
	caller, err := e.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Equal(t, "acme", caller.Workspace)
	assert.Equal(t, "console:acme/ann", caller.ID)
	assert.Equal(t, "console:acme/ann@console.example", caller.Login)
	assert.Equal(t, []string{"console:acme/payroll"}, caller.Groups)
	assert.Equal(t, []string{"console:acme/ann: done console"}, details(t, e, "acme", audit.ActionEmbed))
	assert.Equal(t, []string{"console/ann: done console"}, details(t, e, "default", audit.ActionEmbed), "of the session before")
	_, err = e.As(caller).Credential(t.Context(), credential.ID)
	assert.NoError(t, err)
	other, err := e.Exchange(t.Context(), of("birch", nil))
	require.NoError(t, err)
	neighbor, err := e.CallerByEmbedding(t.Context(), other.Handle)
	require.NoError(t, err)
	_, err = e.As(neighbor).Credential(t.Context(), credential.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "of another tenant")

	for name, test := range map[string]struct {
		request embed.Request
		kind    paycor.Kind
	}{
		"no tenant":            {s.Request(t, nil), embed.KindTokenTenant},
		"unknown tenant":       {of("unknown", nil), embed.KindTokenTenant},
		"in another case":      {of("ACME", nil), embed.KindTokenTenant},
		"the site's workspace": {of("acme", map[string]any{"workspace": "default"}), embed.KindTokenWorkspace},
		"a right of the site":  {of("acme", map[string]any{"rights": []string{"edit"}}), embed.KindTokenRights},
	} {
		_, err := e.Exchange(t.Context(), test.request)
		assert.Equal(t, test.kind, paycor.KindOf(err), name)
	}
	results, err := e.ExamineEmbedding(t.Context(), embed.Symptoms{Host: "console", Token: of("unknown", nil).Token, Audience: "https://ours.example"})
	require.NoError(t, err)
	last := results[len(results)-1]
	assert.Equal(t, "claim tenant "+embed.CheckBad, last.Name+" "+last.State)
	assert.Contains(t, last.Message.String(), "site.error.tenant-unknown")

	// What a site loses, its tenants lose; what it gains, they don't.
	all := paycor.Rights{paycor.RightView, paycor.RightEdit, paycor.RightAdmin}
	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Rights: &all}, "")
	require.NoError(t, err)
	_, err = e.Exchange(t.Context(), of("acme", map[string]any{"rights": []string{"view", "admin"}}))
	assert.Equal(t, embed.KindTokenRights, paycor.KindOf(err), "an administrator of the site's workspace has no authority over acme")
	changes := e.Changes(t.Context(), caller)
	_, err = admin.UpdateHost(t.Context(), "console", embed.HostPatch{Rights: &paycor.Rights{paycor.RightEdit}}, "")
	require.NoError(t, err)
	assert.Equal(t, events.Change{Action: audit.ActionHostUpdate}, <-changes, "frames of tenants are notified")
	caller, err = e.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Empty(t, caller.Rights)
}

// What is taken from a tenant ends its sessions and one-time tokens at once, for good.
func TestRemovingATenantEndsItsSessions(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	addTenants(t, s.Environment)
	draft := func(tenant string) embed.OneTimeTokenDraft {
		draft := forAnn()
		draft.Tenant = tenant
		return draft
	}
	open := func(tenant string) paycor.Secret {
		session, err := s.Exchange(t.Context(), s.create(t, draft(tenant)))
		require.NoError(t, err)
		return session.Handle
	}
	gone, unused, kept := open("acme"), s.create(t, draft("acme")), open("birch")
	acme, err := s.CallerByEmbedding(t.Context(), gone)
	require.NoError(t, err)
	assert.Equal(t, "acme", acme.Workspace)
	changes := s.Changes(t.Context(), acme)
	require.NoError(t, s.RemoveTenant(t.Context(), rights.Operator(""), "console", "acme"))
	assert.Equal(t, events.Change{Action: audit.ActionTenantRemove}, <-changes, "its frames are notified")
	for _, workspace := range []string{"acme", "birch"} { // as before, and elsewhere
		_, err = s.AddTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "acme", Workspace: workspace})
		require.NoError(t, err)
		_, err = s.CallerByEmbedding(t.Context(), gone)
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
		_, err = s.Exchange(t.Context(), unused)
		assert.Equal(t, embed.KindTokenUnknown, paycor.KindOf(err))
		if workspace == "acme" {
			require.NoError(t, s.RemoveTenant(t.Context(), rights.Operator(""), "console", "acme"))
		}
	}
	birch, err := s.CallerByEmbedding(t.Context(), kept)
	require.NoError(t, err)
	again, err := s.CallerByEmbedding(t.Context(), open("acme"))
	require.NoError(t, err)
	assert.Equal(t, birch.Workspace, again.Workspace)
	assert.NotEqual(t, birch.ID, again.ID, "Ann of one tenant is not Ann of another")

	changes = s.Changes(t.Context(), birch)
	require.NoError(t, s.As(env.Administrator()).RemoveHost(t.Context(), "console"))
	assert.Contains(t, details(t, s.Environment, "birch", audit.ActionHostRemove), env.Administrator().ID+": done console", "it concerns them")
	assert.Equal(t, events.Change{Action: audit.ActionHostRemove}, <-changes)
	_, err = s.CallerByEmbedding(t.Context(), kept)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

// The only tenant of a site moves to another workspace, and the site is never without it.
func TestATenantIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	replace := func(tenant embed.Tenant) error {
		_, err := s.ReplaceTenant(t.Context(), rights.Operator(""), "console", tenant)
		return err
	}
	require.NoError(t, replace(embed.Tenant{ID: "acme", Workspace: "acme"}), "there was none")
	draft := forAnn()
	draft.Tenant = "acme"
	session, err := s.Exchange(t.Context(), s.create(t, draft))
	require.NoError(t, err)
	caller, err := s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	changes := s.Changes(t.Context(), caller)

	assert.Equal(t, paycor.KindInvalid, paycor.KindOf(replace(embed.Tenant{ID: "acme"})))
	_, err = s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err, "what is refused changes nothing")
	require.NoError(t, replace(embed.Tenant{ID: "ACME", Workspace: "elsewhere"}), "differs in case only")
	require.NoError(t, replace(embed.Tenant{ID: "acme", Workspace: "birch"}))
	assert.Equal(t, events.Change{Action: audit.ActionTenantRemove}, <-changes, "its frames are notified")
	_, err = s.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	session, err = s.Exchange(t.Context(), s.create(t, draft))
	require.NoError(t, err)
	caller, err = s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	assert.Equal(t, "birch", caller.Workspace)
	assert.Len(t, details(t, s.Environment, "acme", audit.ActionTenantRemove), 1)
	assert.Len(t, details(t, s.Environment, "birch", audit.ActionTenantAdd), 1)
}

func TestOneTimeTokensOfTenants(t *testing.T) {
	t.Parallel()
	s := newSiteServer(t, consumer.Draft{})
	unused := s.create(t, forAnn())
	addTenants(t, s.Environment)
	_, err := s.Exchange(t.Context(), unused)
	assert.Equal(t, embed.KindTokenUnknown, paycor.KindOf(err), "it is for no tenant")
	for name, tenant := range map[string]string{"none": "", "unknown": "unknown"} {
		draft := forAnn()
		draft.Tenant = tenant
		_, err := s.CreateOneTimeToken(t.Context(), s.caller, draft)
		assert.Equal(t, embed.KindTokenTenant, paycor.KindOf(err), name)
	}
	assert.Contains(t, details(t, s.Environment, "default", audit.ActionEmbedToken), s.id+": refused token_tenant")
	beyond := forAnn()
	beyond.Tenant, beyond.Rights = "acme", paycor.Rights{paycor.RightEdit}
	_, err = s.CreateOneTimeToken(t.Context(), s.caller, beyond)
	assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), "more than the tenant's rights")

	// The credentials that a session lists are the tenant's.
	credential, hidden := env.Create(t, s.As(inWorkspace("acme"))), env.Create(t, s.As(inWorkspace("acme")))
	listed := forAnn()
	listed.Tenant, listed.Credentials = "acme", []string{credential.ID}
	session, err := s.Exchange(t.Context(), s.create(t, listed))
	require.NoError(t, err)
	caller, err := s.CallerByEmbedding(t.Context(), session.Handle)
	require.NoError(t, err)
	_, err = s.As(caller).Credential(t.Context(), credential.ID)
	assert.NoError(t, err)
	_, err = s.As(caller).Credential(t.Context(), hidden.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))

	own := env.Create(t, s.As(env.Administrator()))
	created, err := s.As(env.Administrator()).CreateConsumer(t.Context(), consumer.Draft{Name: "narrow", Rights: paycor.Rights{paycor.RightEmbed}, Credentials: []string{own.ID}})
	require.NoError(t, err)
	narrow, err := s.CallerByToken(t.Context(), created.Token)
	require.NoError(t, err)
	plain := forAnn()
	plain.Tenant = "acme"
	_, err = s.CreateOneTimeToken(t.Context(), narrow, plain)
	assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), "its credentials are of the site's workspace")
	require.NoError(t, s.As(env.Administrator()).RevokeConsumer(t.Context(), s.id))
	_, err = s.CallerByEmbedding(t.Context(), session.Handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "the API token of the site's workspace was revoked")
}

func TestTenantsAreLimited(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	_, err := e.As(env.Administrator()).AddHost(t.Context(), env.NewSite(t, e.Clock.Now).Draft())
	require.NoError(t, err)
	require.NoError(t, e.Store.Update(t.Context(), func(tx store.Tx) error {
		for i := range embed.MaxTenants {
			if err := tx.InsertEmbedTenant("console", embed.Tenant{ID: fmt.Sprint(i), Workspace: "w"}); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = e.AddTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "more", Workspace: "w"})
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	listed, err := e.As(env.Administrator()).Hosts(t.Context())
	require.NoError(t, err)
	text, err := json.Marshal(listed)
	require.NoError(t, err)
	assert.Less(t, len(text), 200<<10)
}
