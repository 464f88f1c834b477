package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

func ptr[T any](value T) *T { return &value }

func TestUpdateKeepsAbsentFields(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	changed, err := service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Payroll export")}, paycor.UpdateOptions{IfMatch: saved.ETag()})
	require.NoError(t, err)
	assert.Equal(t, "Payroll export", changed.Name)
	assert.Equal(t, saved.Description, changed.Description)
	assert.Equal(t, int64(2), changed.Version)
	assert.Equal(t, saved.ClientSecretSavedAt, changed.ClientSecretSavedAt)
	assert.Equal(t, paycor.StateVerified, changed.State, "a new name changes nothing for Paycor")
	assert.Equal(t, 1, b.Paycor.Calls())
	secrets := env.Secrets(t, b.Store, saved.ID)
	assert.Equal(t, env.Draft().ClientSecret, secrets[fields.ClientSecret])
	assert.Equal(t, env.Draft().SubscriptionKey, secrets[fields.SubscriptionKey])
}

func TestUpdateVerifiesChangedValues(t *testing.T) {
	patches := map[string]paycor.Patch{
		"client secret":    {ClientSecret: ptr(paycor.NewSecret("new-secret/of+the+manager+test+00000000001"))},
		"subscription key": {SubscriptionKey: ptr(paycor.NewSecret("0000000000000000000000000000f00d"))},
		"client id":        {ClientID: ptr("0000000000000000bbbb")},
		"legal entity":     {LegalEntityID: ptr(paycor.TypedID("501124"))},
		"environment":      {Environment: ptr("sandbox"), ClientSecret: ptr(env.Draft().ClientSecret), SubscriptionKey: ptr(env.Draft().SubscriptionKey)},
		"scope":            {Scope: ptr("000000000000000000000000000000d1")},
	}
	for name, patch := range patches {
		t.Run(name, func(t *testing.T) {
			b := env.New(t)
			service := b.As(env.Administrator())
			saved := env.Create(t, service)
			b.Paycor.Answer(verdicts.CodeClientRejected)
			changed, err := service.Update(t.Context(), saved.ID, patch, paycor.UpdateOptions{Force: true})
			require.NoError(t, err)
			assert.Equal(t, 2, b.Paycor.Calls())
			assert.Equal(t, paycor.StateRejected, changed.State)
		})
		t.Run(name+" unverified", func(t *testing.T) {
			b := env.New(t)
			service := b.As(env.Administrator())
			saved := env.Create(t, service)
			changed, err := service.Update(t.Context(), saved.ID, patch, paycor.UpdateOptions{SkipVerify: true})
			require.NoError(t, err)
			assert.Equal(t, paycor.StateNotVerified, changed.State, "the old verdict was about other values")
			assert.Nil(t, changed.Verdict)
		})
	}
}

func TestUpdateOfStaleVersionIsRejected(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	_, err := service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("First")}, paycor.UpdateOptions{IfMatch: saved.ETag()})
	require.NoError(t, err)
	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Second")}, paycor.UpdateOptions{IfMatch: saved.ETag()})
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))
	assert.Equal(t, paycor.KindStale, paycor.KindOf(service.Delete(t.Context(), saved.ID, saved.ETag())))
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, "First", current.Name)

	for _, wrong := range []string{`"1"`, `"20"`, `W/"2"`, `2`, `"2`, `"2x"`, "garbage"} {
		_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Third")}, paycor.UpdateOptions{IfMatch: wrong})
		assert.Equal(t, paycor.KindStale, paycor.KindOf(err), wrong)
	}
	for _, right := range []string{"*", `"2"`, `"9", "2"`, current.ETag()} {
		_, err = service.Update(t.Context(), saved.ID, paycor.Patch{}, paycor.UpdateOptions{IfMatch: right})
		assert.NoError(t, err, right)
	}
}

func TestVerificationDoesNotInvalidateEdit(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	b.Clock.Pass(1e9)
	_, err := service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.NotEqual(t, saved.ETag(), current.ETag(), "caches must see the new verdict")
	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Edited")}, paycor.UpdateOptions{IfMatch: saved.ETag()})
	assert.NoError(t, err)
}

func TestUpdateRejectsInvalidValues(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	for field, patch := range map[fields.Field]paycor.Patch{
		fields.ClientSecret:    {ClientSecret: &paycor.Secret{}},
		fields.SubscriptionKey: {SubscriptionKey: ptr(paycor.NewSecret(" "))},
		fields.Name:            {Name: ptr("")},
		fields.Environment:     {Environment: ptr("mars")},
	} {
		_, err := service.Update(t.Context(), saved.ID, patch, paycor.UpdateOptions{})
		var problem *paycor.Error
		require.ErrorAs(t, err, &problem, field)
		require.Len(t, problem.Problems, 1)
		assert.Equal(t, field, problem.Problems[0].Field)
	}
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, saved.Credential, current)
	assert.Equal(t, env.Draft().ClientSecret, env.Secrets(t, b.Store, saved.ID)[fields.ClientSecret])
}

func TestVerdictAboutOldValuesIsNotStored(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	b.Paycor.Answer(verdicts.CodeClientRejected)
	b.Paycor.During(func() {
		b.Paycor.During(nil)
		_, err := service.Update(t.Context(), saved.ID, paycor.Patch{ClientID: ptr("0000000000000000cccc")}, paycor.UpdateOptions{SkipVerify: true})
		assert.NoError(t, err)
	})
	_, err := service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateNotVerified, current.State)
}

func TestDeleteKeepsAuditTrail(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	require.NoError(t, service.Delete(t.Context(), saved.ID, saved.ETag()))
	_, err := service.Credential(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(service.Delete(t.Context(), saved.ID, "")))
	trail := b.Trail(t)
	assert.Equal(t, audit.ActionDelete, trail[1].Action)
	assert.Equal(t, saved.ID, trail[1].Credential)
	assert.Equal(t, saved.Name, trail[1].Detail)
	assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail, "the second attempt is recorded, too")
}

// A person who may edit a credential must not be able to send its stored
// secrets to another environment's address.
func TestStoredSecretsStayInTheirEnvironment(t *testing.T) {
	again := env.Draft()
	for name, test := range map[string]struct {
		patch paycor.Patch
		want  []fields.Field // fields that are required then
	}{
		"neither entered":   {paycor.Patch{}, []fields.Field{fields.ClientSecret, fields.SubscriptionKey}},
		"only the secret":   {paycor.Patch{ClientSecret: &again.ClientSecret}, []fields.Field{fields.SubscriptionKey}},
		"only the key":      {paycor.Patch{SubscriptionKey: &again.SubscriptionKey}, []fields.Field{fields.ClientSecret}},
		"both, one emptied": {paycor.Patch{ClientSecret: ptr(paycor.Secret{}), SubscriptionKey: &again.SubscriptionKey}, []fields.Field{fields.ClientSecret}},
		"both":              {paycor.Patch{ClientSecret: &again.ClientSecret, SubscriptionKey: &again.SubscriptionKey}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := env.New(t)
			service := b.As(env.Administrator())
			saved := env.Create(t, service)
			before := b.Paycor.Calls()

			test.patch.Environment = ptr("sandbox")
			_, err := service.Update(t.Context(), saved.ID, test.patch, paycor.UpdateOptions{})
			assert.Equal(t, test.want, requiredFields(t, err), "update")

			draft := paycor.Draft{Environment: "sandbox"}
			if test.patch.ClientSecret != nil {
				draft.ClientSecret = *test.patch.ClientSecret
			}
			if test.patch.SubscriptionKey != nil {
				draft.SubscriptionKey = *test.patch.SubscriptionKey
			}
			_, err = b.As(env.Administrator()).VerifyDraft(t.Context(), paycor.VerifyRequest{ID: env.Create(t, service).ID, Draft: draft}, nil)
			assert.Equal(t, test.want, requiredFields(t, err), "draft")

			if test.want == nil {
				return
			}
			for _, request := range b.Paycor.Requests()[before:] {
				assert.Equal(t, "production", request.Environment.Name)
			}
			current, err := service.Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, saved.Credential, current, "nothing changed")
		})
	}
}

// requiredFields returns the fields that an error requires.
func requiredFields(t *testing.T, err error) []fields.Field {
	t.Helper()
	if err == nil {
		return nil
	}
	var known *paycor.Error
	require.ErrorAs(t, err, &known)
	assert.Equal(t, paycor.KindInvalid, known.Kind)
	var names []fields.Field
	for _, problem := range known.Problems {
		assert.Equal(t, fields.ProblemRequired, problem.Code)
		assert.Equal(t, "problem.required-moved", problem.Message.Key)
		names = append(names, problem.Field)
	}
	return names
}
