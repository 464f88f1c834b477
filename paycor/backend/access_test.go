package backend_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/testkit/env"
)

// actions are what a caller can do with a credential, and the right each action
// needs.
func actions(t *testing.T, service api.Service, id string) map[string]struct {
	right paycor.Right
	do    func() error
} {
	ctx, renamed := t.Context(), "Other"
	type action = struct {
		right paycor.Right
		do    func() error
	}
	return map[string]action{
		"environments": {paycor.RightView, func() error { _, err := service.Environments(ctx); return err }},
		"list":         {paycor.RightView, func() error { _, err := service.Credentials(ctx, paycor.Query{}); return err }},
		"read":         {paycor.RightView, func() error { _, err := service.Credential(ctx, id); return err }},
		"history":      {paycor.RightView, func() error { _, err := service.History(ctx, id); return err }},
		"usage":        {paycor.RightView, func() error { _, err := service.Usage(ctx, id); return err }},
		"create":       {paycor.RightEdit, func() error { _, err := service.Create(ctx, env.Draft(), paycor.CreateOptions{}); return err }},
		"update": {paycor.RightEdit, func() error {
			_, err := service.Update(ctx, id, paycor.Patch{Name: &renamed}, paycor.UpdateOptions{})
			return err
		}},
		"verify": {paycor.RightEdit, func() error { _, err := service.Verify(ctx, id, nil); return err }},
		"verify draft": {paycor.RightEdit, func() error {
			_, err := service.VerifyDraft(ctx, paycor.VerifyRequest{ID: id, Draft: env.Draft()}, nil)
			return err
		}},
		"delete": {paycor.RightAdmin, func() error { return service.Delete(ctx, id, "") }},
	}
}

func TestEachActionNeedsItsRight(t *testing.T) {
	t.Parallel()
	for name := range actions(t, nil, "") {
		for _, right := range paycor.AllRights() {
			t.Run(name+" with "+string(right), func(t *testing.T) {
				t.Parallel()
				e := env.New(t)
				saved := env.Create(t, e.As(env.Administrator()))
				action := actions(t, e.As(env.Person(right)), saved.ID)[name]
				err := action.do()
				if right == action.right {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
				last := e.Trail(t)[0]
				assert.Equal(t, "refused", last.Outcome)
				assert.Equal(t, "missing_right_"+string(action.right), last.Detail)
				unchanged, err := e.As(env.Administrator()).Credential(t.Context(), saved.ID)
				require.NoError(t, err)
				assert.Equal(t, saved.Credential, unchanged)
			})
		}
	}
}

func TestOtherWorkspacesAndAllowListsSeeNothing(t *testing.T) {
	t.Parallel()
	outsider := env.Administrator()
	outsider.Workspace = "other"
	narrow := env.Administrator()
	narrow.Credentials = []string{"cred_other"}
	for who, caller := range map[string]paycor.Caller{"another workspace": outsider, "another allow-list": narrow} {
		t.Run(who, func(t *testing.T) {
			e := env.New(t)
			saved := env.Create(t, e.As(env.Administrator()))
			service := e.As(caller)
			for name, action := range actions(t, service, saved.ID) {
				switch name {
				case "environments", "list", "create":
				default:
					assert.Equal(t, paycor.KindNotFound, paycor.KindOf(action.do()), name)
				}
			}
			page, err := service.Credentials(t.Context(), paycor.Query{})
			require.NoError(t, err)
			assert.Zero(t, page.Total)
			page, err = service.Credentials(t.Context(), paycor.Query{IDs: []string{saved.ID}})
			require.NoError(t, err)
			assert.Empty(t, page.Credentials, "asked for by its ID")
			unchanged, err := e.As(env.Administrator()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, saved.Credential, unchanged)
		})
	}
}
