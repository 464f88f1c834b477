package credentials_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
)

// Whoever tries to change or use what is another workspace's leaves a trace.
func TestATryAtAnotherWorkspacesCredentialIsWrittenDown(t *testing.T) {
	acts := map[audit.Action]func(*testing.T, api.Service, string) error{
		audit.ActionUpdate: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Update(t.Context(), id, paycor.Patch{}, paycor.UpdateOptions{})
			return err
		},
		audit.ActionDelete: func(t *testing.T, s api.Service, id string) error { return s.Delete(t.Context(), id, "") },
		audit.ActionVerify: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Verify(t.Context(), id, nil)
			return err
		},
		audit.ActionDraft: func(t *testing.T, s api.Service, id string) error {
			_, err := s.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: id}, nil)
			return err
		},
		audit.ActionCounterpart: func(t *testing.T, s api.Service, id string) error {
			_, err := s.TryCounterpart(t.Context(), paycor.VerifyRequest{ID: id})
			return err
		},
		audit.ActionActivateStart: func(t *testing.T, s api.Service, id string) error {
			_, err := s.StartActivation(t.Context(), id, "http://localhost/back")
			return err
		},
		audit.ActionRotate: func(t *testing.T, s api.Service, id string) error {
			_, err := s.Rotate(t.Context(), id, rotateTo(newSecret), nil)
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
	for action, try := range acts {
		t.Run(string(action), func(t *testing.T) {
			b := newBench(t)
			elsewhere := everyRight()
			elsewhere.Workspace = "elsewhere"
			theirs := create(t, b.As(elsewhere))
			assert.Equal(t, paycor.KindNotFound, paycor.KindOf(try(t, b.As(everyRight()), theirs.ID)))
			b.refusedOnce(t, action)
		})
	}
	b := newBench(t)
	elsewhere := everyRight()
	elsewhere.Workspace = "elsewhere"
	theirs := create(t, b.As(elsewhere))
	_, err := b.CredentialSource().UpstreamCredentials(t.Context(), everyRight(), theirs.ID, http.MethodGet)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	b.refusedOnce(t, audit.ActionUse)
}

func (b *bench) refusedOnce(t *testing.T, action audit.Action) {
	t.Helper()
	if trail := b.trail(t); assert.Len(t, trail, 1) {
		assert.Equal(t, action, trail[0].Action)
		assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail)
	}
}

// Who may touch some credentials only manages neither people nor programs nor
// hosts: what is done to them reaches over all credentials.
func TestWhoHasSomeCredentialsManagesNobody(t *testing.T) {
	acts := map[audit.Action]func(*testing.T, api.Service) error{
		audit.ActionTokenList: func(t *testing.T, s api.Service) error {
			_, err := s.Consumers(t.Context())
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
	for action, try := range acts {
		t.Run(string(action), func(t *testing.T) {
			b := newBench(t)
			limited := everyRight()
			limited.Credentials = []string{"cred_00000000000000000000000001"}
			err := try(t, b.As(limited))
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), err)
			assert.ErrorContains(t, err, "some of its credentials only")
			if trail := b.trail(t); assert.Len(t, trail, 1) {
				assert.Equal(t, action, trail[0].Action)
				assert.Equal(t, "refused outside_allow_list", trail[0].Outcome+" "+trail[0].Detail)
			}
		})
	}
}
