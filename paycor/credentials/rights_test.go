package credentials_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

// Whoever tries to change or use what is another workspace's leaves a trace.
func TestATryAtAnotherWorkspacesCredentialIsWrittenDown(t *testing.T) {
	acts := map[paycor.Action]func(*testing.T, paycor.Service, string) error{
		paycor.ActionUpdate: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.Update(t.Context(), id, paycor.Patch{}, paycor.UpdateOptions{})
			return err
		},
		paycor.ActionDelete: func(t *testing.T, s paycor.Service, id string) error { return s.Delete(t.Context(), id, "") },
		paycor.ActionVerify: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.Verify(t.Context(), id, nil)
			return err
		},
		paycor.ActionDraft: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: id}, nil)
			return err
		},
		paycor.ActionCounterpart: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.TryCounterpart(t.Context(), paycor.VerifyRequest{ID: id})
			return err
		},
		paycor.ActionActivateStart: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.StartActivation(t.Context(), id, "http://localhost/back")
			return err
		},
		paycor.ActionRotate: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.Rotate(t.Context(), id, rotateTo(newSecret), nil)
			return err
		},
		paycor.ActionRotateBack: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.RotateBack(t.Context(), id, false, nil)
			return err
		},
		paycor.ActionRotateEnd: func(t *testing.T, s paycor.Service, id string) error {
			_, err := s.EndRotation(t.Context(), id)
			return err
		},
		paycor.ActionShare: func(t *testing.T, s paycor.Service, id string) error {
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
	_, err := b.CredentialSource().Passage(t.Context(), everyRight(), theirs.ID, http.MethodGet)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	b.refusedOnce(t, paycor.ActionUse)
}

func (b *bench) refusedOnce(t *testing.T, action paycor.Action) {
	t.Helper()
	if trail := b.trail(t); assert.Len(t, trail, 1) {
		assert.Equal(t, action, trail[0].Action)
		assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail)
	}
}

// Who may touch some credentials only manages neither people nor programs nor
// hosts: what is done to them reaches over all credentials.
func TestWhoHasSomeCredentialsManagesNobody(t *testing.T) {
	acts := map[paycor.Action]func(*testing.T, paycor.Service) error{
		paycor.ActionTokenList: func(t *testing.T, s paycor.Service) error {
			_, err := s.Consumers(t.Context())
			return err
		},
		paycor.ActionToken: func(t *testing.T, s paycor.Service) error {
			_, err := s.CreateConsumer(t.Context(), paycor.ConsumerDraft{Name: "more", Rights: paycor.Rights{paycor.RightView}})
			return err
		},
		paycor.ActionTokenRevoke: func(t *testing.T, s paycor.Service) error { return s.RevokeConsumer(t.Context(), "token_x") },
		paycor.ActionSessions: func(t *testing.T, s paycor.Service) error {
			_, err := s.AllSessions(t.Context())
			return err
		},
		paycor.ActionSessionEnd: func(t *testing.T, s paycor.Service) error { return s.EndSession(t.Context(), "session_x") },
		paycor.ActionHosts: func(t *testing.T, s paycor.Service) error {
			_, err := s.Hosts(t.Context())
			return err
		},
		paycor.ActionHostAdd: func(t *testing.T, s paycor.Service) error {
			_, err := s.AddHost(t.Context(), paycor.HostDraft{ID: "console"})
			return err
		},
		paycor.ActionHostUpdate: func(t *testing.T, s paycor.Service) error {
			_, err := s.UpdateHost(t.Context(), "console", paycor.HostPatch{}, "")
			return err
		},
		paycor.ActionHostRemove: func(t *testing.T, s paycor.Service) error { return s.RemoveHost(t.Context(), "console") },
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
