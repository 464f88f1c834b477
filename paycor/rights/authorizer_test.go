package rights_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/testkit/env"
)

// An attempt to change or use another workspace's credential is recorded.
func TestAttemptsAtAnotherWorkspaceAreRecorded(t *testing.T) {
	t.Parallel()
	actions := map[audit.Action]func(*testing.T, api.Service, string) error{
		audit.ActionUpdate: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Update(t.Context(), id, paycor.Patch{}, paycor.UpdateOptions{})
			return err
		},
		audit.ActionDelete: func(t *testing.T, s api.Service, id string) error { return s.Delete(t.Context(), id, "") },
		audit.ActionVerify: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Verify(t.Context(), id, nil)
			return err
		},
		audit.ActionVerifyDraft: func(t *testing.T, s api.Service, id string) error {
			_, err := s.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: id}, nil)
			return err
		},
		audit.ActionTryPeer: func(t *testing.T, s api.Service, id string) error {
			_, err := s.TryPeerEnvironment(t.Context(), paycor.VerifyRequest{ID: id})
			return err
		},
		audit.ActionActivateStart: func(t *testing.T, s api.Service, id string) error {
			_, err := s.StartActivation(t.Context(), id, "http://localhost/back")
			return err
		},
		audit.ActionRotate: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Rotate(t.Context(), id, paycor.RotateRequest{ClientSecret: paycor.NewSecret("another/secret+of/nobody/0000000000000001")}, nil)
			return err
		},
		audit.ActionRotateBack: func(t *testing.T, s api.Service, id string) error {
			_, err := s.RotateBack(t.Context(), id, false, nil)
			return err
		},
		audit.ActionRotateEnd: func(t *testing.T, s api.Service, id string) error {
			_, err := s.EndRotation(t.Context(), id)
			return err
		},
		audit.ActionShare: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Share(t.Context(), id, nil, "")
			return err
		},
	}
	for action, attempt := range actions {
		t.Run(string(action), func(t *testing.T) {
			e := env.New(t)
			elsewhere := env.Administrator()
			elsewhere.Workspace = "elsewhere"
			other := env.Create(t, e.As(elsewhere))
			assert.Equal(t, paycor.KindNotFound, paycor.KindOf(attempt(t, e.As(env.Administrator()), other.ID)))
			assertOneDenial(t, e, action)
		})
	}
	e := env.New(t)
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	other := env.Create(t, e.As(elsewhere))
	_, err := e.CredentialSource().UpstreamCredentials(t.Context(), env.Administrator(), other.ID, http.MethodGet)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	assertOneDenial(t, e, audit.ActionUse)
}

func assertOneDenial(t *testing.T, e *env.Environment, action audit.Action) {
	t.Helper()
	if trail := e.Trail(t); assert.Len(t, trail, 1) {
		assert.Equal(t, action, trail[0].Action)
		assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail)
	}
}

// A caller with an allow-list manages neither people nor programs nor embedding
// sites, because they can reach other credentials.
func TestAllowListExcludesWorkspaceActions(t *testing.T) {
	t.Parallel()
	actions := map[audit.Action]func(*testing.T, api.Service) error{
		audit.ActionTokenList: func(t *testing.T, s api.Service) error {
			_, err := s.Consumers(t.Context(), consumer.Query{})
			return err
		},
		audit.ActionToken: func(t *testing.T, s api.Service) error {
			_, err := s.CreateConsumer(t.Context(), consumer.Draft{Name: "more", Rights: paycor.Rights{paycor.RightView}})
			return err
		},
		audit.ActionTokenRevoke: func(t *testing.T, s api.Service) error { return s.RevokeConsumer(t.Context(), "token_x") },
		audit.ActionSessions: func(t *testing.T, s api.Service) error {
			_, err := s.AllSessions(t.Context())
			return err
		},
		audit.ActionSessionEnd: func(t *testing.T, s api.Service) error { return s.EndSession(t.Context(), "session_x") },
		audit.ActionHosts: func(t *testing.T, s api.Service) error {
			_, err := s.Hosts(t.Context())
			return err
		},
		audit.ActionHostAdd: func(t *testing.T, s api.Service) error {
			_, err := s.AddHost(t.Context(), embed.HostDraft{ID: "console"})
			return err
		},
		audit.ActionHostUpdate: func(t *testing.T, s api.Service) error {
			_, err := s.UpdateHost(t.Context(), "console", embed.HostPatch{}, "")
			return err
		},
		audit.ActionHostRemove: func(t *testing.T, s api.Service) error { return s.RemoveHost(t.Context(), "console") },
	}
	for action, attempt := range actions {
		t.Run(string(action), func(t *testing.T) {
			e := env.New(t)
			limited := env.Administrator()
			limited.Credentials = []string{"cred_00000000000000000000000001"}
			err := attempt(t, e.As(limited))
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), err)
			assert.ErrorContains(t, err, "error.whole-workspace")
			if trail := e.Trail(t); assert.Len(t, trail, 1) {
				assert.Equal(t, action, trail[0].Action)
				assert.Equal(t, "refused outside_allow_list", trail[0].Outcome+" "+trail[0].Detail)
			}
		})
	}
}
