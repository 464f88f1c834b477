package credentials_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/credentials"
)

// acts is everything a service can do, with the right it needs.
func acts(t *testing.T, service api.Service, id string) map[string]struct {
	right paycor.Right
	do    func() error
} {
	ctx := t.Context()
	type act = struct {
		right paycor.Right
		do    func() error
	}
	return map[string]act{
		"environments": {paycor.RightView, func() error { _, err := service.Environments(ctx); return err }},
		"list":         {paycor.RightView, func() error { _, err := service.Credentials(ctx, paycor.Query{}); return err }},
		"read":         {paycor.RightView, func() error { _, err := service.Credential(ctx, id); return err }},
		"history":      {paycor.RightView, func() error { _, err := service.History(ctx, id); return err }},
		"usage":        {paycor.RightView, func() error { _, err := service.Usage(ctx, id); return err }},
		"create":       {paycor.RightEdit, func() error { _, err := service.Create(ctx, draft(), paycor.CreateOptions{}); return err }},
		"update": {paycor.RightEdit, func() error {
			_, err := service.Update(ctx, id, paycor.Patch{Name: ptr("Other")}, paycor.UpdateOptions{})
			return err
		}},
		"verify": {paycor.RightEdit, func() error { _, err := service.Verify(ctx, id, nil); return err }},
		"verify draft": {paycor.RightEdit, func() error {
			_, err := service.VerifyDraft(ctx, paycor.VerifyRequest{ID: id, Draft: draft()}, nil)
			return err
		}},
		"delete": {paycor.RightAdmin, func() error { return service.Delete(ctx, id, "") }},
	}
}

func TestEachActNeedsItsOwnRight(t *testing.T) {
	for name := range acts(t, nil, "") {
		for _, right := range paycor.AllRights() {
			t.Run(name+" with "+string(right), func(t *testing.T) {
				b := newBench(t)
				saved := create(t, b.As(everyRight()))
				act := acts(t, b.As(someone(right)), saved.ID)[name]
				err := act.do()
				if right == act.right {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
				last := b.trail(t)[0]
				assert.Equal(t, "refused", last.Outcome)
				assert.Equal(t, "missing_right_"+string(act.right), last.Detail)
				unchanged, err := b.As(everyRight()).Credential(t.Context(), saved.ID)
				require.NoError(t, err)
				assert.Equal(t, saved.Credential, unchanged)
			})
		}
	}
}

func TestAnotherWorkspaceAndAnotherAllowListSeeNothing(t *testing.T) {
	stranger := everyRight()
	stranger.Workspace = "other"
	narrow := everyRight()
	narrow.Credentials = []string{"cred_of_somebody_else"}
	for who, caller := range map[string]paycor.Caller{"another workspace": stranger, "another allow-list": narrow} {
		t.Run(who, func(t *testing.T) {
			b := newBench(t)
			saved := create(t, b.As(everyRight()))
			service := b.As(caller)
			for name, act := range acts(t, service, saved.ID) {
				switch name {
				case "environments", "list", "create":
				default:
					assert.Equal(t, paycor.KindNotFound, paycor.KindOf(act.do()), name)
				}
			}
			page, err := service.Credentials(t.Context(), paycor.Query{})
			require.NoError(t, err)
			assert.Zero(t, page.Total)
			unchanged, err := b.As(everyRight()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, saved.Credential, unchanged)
		})
	}
}

func TestASignInLinkWorksOnce(t *testing.T) {
	b := newBench(t)
	code, _, err := b.SignInCode(t.Context())
	require.NoError(t, err)
	var (
		opened atomic.Int32
		wait   sync.WaitGroup
		handle paycor.Secret
	)
	for range 10 {
		wait.Go(func() {
			got, _, err := b.SignIn(t.Context(), code, "127.0.0.1", "r")
			if err == nil {
				opened.Add(1)
				handle = got
			} else {
				assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
			}
		})
	}
	wait.Wait()
	require.Equal(t, int32(1), opened.Load())

	caller, err := b.CallerBySession(t.Context(), handle)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerPerson, caller.Kind)
	assert.Equal(t, paycor.AllRights(), caller.Rights)

	require.NoError(t, b.SignOut(t.Context(), handle, "127.0.0.1", "r"))
	_, err = b.CallerBySession(t.Context(), handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	assert.NoError(t, b.SignOut(t.Context(), handle, "127.0.0.1", "r"), "signing out twice is no mistake")
}

func TestLinksAndSessionsAndTokensExpire(t *testing.T) {
	b := newBench(t)
	code, expires, err := b.SignInCode(t.Context())
	require.NoError(t, err)
	token, err := b.CreateToken(t.Context(), credentials.TokenRequest{Name: "n", Rights: paycor.Rights{paycor.RightView}, Lifetime: time.Hour})
	require.NoError(t, err)
	lasting, err := b.CreateToken(t.Context(), credentials.TokenRequest{Name: "n", Rights: paycor.Rights{paycor.RightView}})
	require.NoError(t, err)
	handle, ends, err := b.SignIn(t.Context(), code, "", "")
	require.NoError(t, err)
	late, _, err := b.SignInCode(t.Context())
	require.NoError(t, err)

	b.clock.Pass(expires.Sub(b.clock.Now()) + time.Second)
	_, _, err = b.SignIn(t.Context(), late, "", "")
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	_, err = b.CallerByToken(t.Context(), token)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	_, err = b.CallerByToken(t.Context(), lasting)
	assert.NoError(t, err)

	b.clock.Pass(ends.Sub(b.clock.Now()) + time.Second)
	_, err = b.CallerBySession(t.Context(), handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

func TestAnAPITokenNamesItsCaller(t *testing.T) {
	b := newBench(t)
	token, err := b.CreateToken(t.Context(), credentials.TokenRequest{Name: "nightly", Workspace: "east", Rights: paycor.Rights{paycor.RightUse}})
	require.NoError(t, err)
	caller, err := b.CallerByToken(t.Context(), token)
	require.NoError(t, err)
	assert.Equal(t, paycor.CallerConsumer, caller.Kind)
	assert.Equal(t, "nightly", caller.Name)
	assert.Equal(t, "east", caller.Workspace)
	assert.Equal(t, paycor.Rights{paycor.RightUse}, caller.Rights)
	for _, wrong := range []string{"", "pcc_", "pcc_unknown", token.Reveal() + "x", "x" + token.Reveal()} {
		_, err := b.CallerByToken(t.Context(), paycor.NewSecret(wrong))
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), wrong)
	}
}
