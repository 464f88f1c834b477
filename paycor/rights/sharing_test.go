package rights_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/testkit/env"
)

// bob may edit credentials that are shared with him.
func bob() paycor.Caller {
	caller := env.Person(paycor.RightView, paycor.RightEdit)
	caller.ID, caller.Name, caller.Login = "bob", "Bob", "bob@example.test"
	return caller
}

func TestRestrictedCredentialIsNotFound(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	owner := env.Person(paycor.RightView, paycor.RightEdit)
	saved := env.Create(t, e.As(owner))
	_, err := e.As(bob()).Credential(t.Context(), saved.ID)
	require.NoError(t, err, "new credentials are shared with everyone")

	_, err = e.As(owner).Share(t.Context(), saved.ID, &paycor.Sharing{People: []string{"carol@example.test"}}, "")
	require.NoError(t, err)
	_, err = e.As(bob()).Credential(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	assert.Equal(t, "not_shared", e.Trail(t)[0].Detail)
	for name, caller := range map[string]paycor.Caller{"owner": owner, "administrator": env.Administrator()} {
		_, err = e.As(caller).Credential(t.Context(), saved.ID)
		assert.NoError(t, err, name)
	}

	_, err = e.As(owner).Share(t.Context(), saved.ID, &paycor.Sharing{People: []string{"bob@example.test"}}, "")
	require.NoError(t, err)
	_, err = e.As(bob()).Credential(t.Context(), saved.ID)
	assert.NoError(t, err)
	_, err = e.As(bob()).Credential(t.Context(), "cred_aaaaaaaaaaaaaaaaaaaaaaaaaa")
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

func TestMaySeeChange(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	owner := env.Person(paycor.RightView, paycor.RightEdit)
	saved := env.Create(t, e.As(owner))
	restricted := &paycor.Sharing{People: []string{"carol@example.test"}}
	_, err := e.As(owner).Share(t.Context(), saved.ID, restricted, "")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		caller paycor.Caller
		change events.Change
		want   bool
	}{
		"an administrator":           {env.Administrator(), events.Change{ID: saved.ID}, true},
		"the owner":                  {owner, events.Change{ID: saved.ID}, true},
		"somebody else":              {bob(), events.Change{ID: saved.ID}, false},
		"who lost access":            {bob(), events.Change{ID: saved.ID, Action: audit.ActionShare}, true},
		"who never had access":       {bob(), events.Change{ID: saved.ID, Action: audit.ActionShare, Sharing: restricted}, false},
		"of a deleted credential":    {bob(), events.Change{ID: saved.ID, Action: audit.ActionDelete}, true},
		"of a restricted, deleted":   {bob(), events.Change{ID: saved.ID, Action: audit.ActionDelete, Sharing: restricted}, false},
		"of an unknown credential":   {bob(), events.Change{ID: "cred_unknown"}, false},
		"the owner after a deletion": {owner, events.Change{ID: saved.ID, Action: audit.ActionDelete, Owner: owner.Owner(), Sharing: restricted}, true},
	} {
		assert.Equal(t, test.want, e.MaySeeChange(t.Context(), test.caller, test.change), name)
	}
}

func TestMetricsNeedTheDefaultWorkspace(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	assert.NoError(t, e.AuthorizeMetrics(t.Context(), env.Person(paycor.RightView)))
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(e.AuthorizeMetrics(t.Context(), env.Person(paycor.RightUse))))
	elsewhere, listed := env.Person(paycor.RightView), env.Person(paycor.RightView)
	elsewhere.Workspace = "elsewhere"
	listed.Credentials = []string{"cred_one"}
	for _, caller := range []paycor.Caller{elsewhere, listed} {
		assert.Equal(t, paycor.KindForbidden, paycor.KindOf(e.AuthorizeMetrics(t.Context(), caller)))
	}
	assert.Equal(t, "outside_default_workspace", e.Trail(t)[0].Detail)
}
