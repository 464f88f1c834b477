package manager_test

import (
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
			_, err := s.RotateBack(t.Context(), id, nil)
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
			trail := b.trail(t)
			if assert.Len(t, trail, 1) {
				assert.Equal(t, action, trail[0].Action)
				assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail)
			}
		})
	}
}
