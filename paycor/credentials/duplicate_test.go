package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/testkit/env"
)

func codesOf(problems []fields.Problem) (codes []fields.ProblemCode) {
	for _, problem := range problems {
		codes = append(codes, problem.Code)
	}
	return codes
}

func TestDuplicateIsSavedWithWarning(t *testing.T) {
	b := env.New(t)
	first := env.Create(t, b.As(env.Administrator()))
	assert.Empty(t, first.Duplicates)
	other := env.Draft()
	other.Name = "Another name"

	second, err := b.As(env.Administrator()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "k"})
	require.NoError(t, err)
	assert.Equal(t, []paycor.Duplicate{paycor.NewDuplicate(first.ID, first.Name, paycor.DuplicateValues)}, second.Duplicates)
	assert.Contains(t, codesOf(second.Warnings), fields.ProblemSavedAlready)
	assert.Equal(t, message.New("same.values", "Payroll import"), second.Warnings[len(second.Warnings)-1].Message)
	again, err := b.As(env.Administrator()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "k"})
	require.NoError(t, err)
	assert.Equal(t, second.ID, again.ID)
	assert.Equal(t, second.Duplicates, again.Duplicates, "a repeated create returns the same, without itself")

	for name, c := range map[string]struct {
		patch paycor.Patch
		want  []paycor.DuplicateKind
	}{
		"no duplicate":        {paycor.Patch{Description: new("new")}, nil},
		"to the other's name": {paycor.Patch{Name: new("PAYROLL import")}, []paycor.DuplicateKind{paycor.DuplicateName}},
		"to nobody's name":    {paycor.Patch{Name: new("Nobody's")}, nil},
	} {
		saved, err := b.As(env.Administrator()).Update(t.Context(), second.ID, c.patch, paycor.UpdateOptions{})
		require.NoError(t, err, name)
		var kinds []paycor.DuplicateKind
		for _, duplicate := range saved.Duplicates {
			kinds = append(kinds, duplicate.Kind)
		}
		assert.Equal(t, c.want, kinds, name)
	}
}

func TestDuplicatesAreVisibleToCaller(t *testing.T) {
	b := env.New(t)
	first := env.Create(t, b.As(env.Administrator()))
	request := paycor.DuplicatesOf("", env.Draft())
	bound, elsewhere := env.Administrator(), env.Administrator()
	bound.Credentials, elsewhere.Workspace = []string{"cred_00000000000000000000000000"}, "other"
	for name, c := range map[string]struct {
		caller  paycor.Caller
		request paycor.DuplicateRequest
		want    int
	}{
		"everything":        {env.Administrator(), request, 2},
		"itself":            {env.Administrator(), paycor.DuplicatesOf(first.ID, env.Draft()), 0},
		"an allow-list":     {bound, request, 0},
		"another workspace": {elsewhere, request, 0},
		"spaces around":     {env.Administrator(), paycor.DuplicateRequest{Name: "  payroll import "}, 1},
		"nothing":           {env.Administrator(), paycor.DuplicateRequest{}, 0},
		"no number":         {env.Administrator(), paycor.DuplicateRequest{Environment: "production", ClientID: env.Draft().ClientID, LegalEntityID: "x"}, 0},
	} {
		found, err := b.As(c.caller).Duplicates(t.Context(), c.request)
		require.NoError(t, err, name)
		assert.Len(t, found, c.want, name)
	}
	_, err := b.As(env.Person(paycor.RightView)).Duplicates(t.Context(), request)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
}

// A rotation by another process takes effect with the next call, although a token
// is cached.
func TestAccessSeesRotationByOtherProcess(t *testing.T) {
	h := env.Simulate(t, "Sunrise Bakery")
	saved := h.Create(t)
	details := h.App.Details()
	_, err := credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
	require.NoError(t, err)
	other, opened, err := env.Open(t.Context(), h.Directory, h.Paycor.URL, env.Options{})
	require.NoError(t, err)
	defer opened.Close()
	_, err = other.As(env.Administrator()).Rotate(t.Context(), saved.ID, paycor.RotateRequest{SubscriptionKey: paycor.NewSecret(details.SecondaryKey)}, nil)
	require.NoError(t, err)
	access, err := credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
	require.NoError(t, err)
	assert.Equal(t, details.SecondaryKey, access.SubscriptionKey.Reveal())
	assert.Equal(t, h.Secrets(t, saved.ID)[fields.AccessToken], access.Token, "key and token belong together")
}
