package paycor_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// jsonNames lists the JSON names of a struct's members, in order.
func jsonNames(structure reflect.Type) []string {
	var names []string
	for i := range structure.NumField() {
		name, _, _ := strings.Cut(structure.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// sampleText returns a valid text for a field.
func sampleText(field fields.Field) string {
	switch field {
	case fields.LegalEntityID:
		return "654321"
	case fields.Grant:
		return string(paycor.GrantAuthorizationCode)
	case fields.RotateBy:
		return "2031-02-03"
	}
	return "text of " + string(field)
}

func TestTheTableHasEveryField(t *testing.T) {
	var names []string
	for _, spec := range paycor.FieldTable() {
		names = append(names, string(spec.Field))
	}
	assert.ElementsMatch(t, jsonNames(reflect.TypeFor[paycor.Draft]()), names)
	assert.ElementsMatch(t, jsonNames(reflect.TypeFor[paycor.Patch]()), names)
	stored := jsonNames(reflect.TypeFor[paycor.Credential]())
	for _, spec := range paycor.FieldTable() {
		assert.Equal(t, spec.Secret(), !slices.Contains(stored, string(spec.Field)), "%s: a credential shows what is not secret", spec.Field)
		assert.Equal(t, spec.Secret(), spec.Input == fields.InputSecret, spec.Field)
		assert.True(t, locale.English.Has(spec.Field.Label().Key), "%s has no label", spec.Field)
		assert.True(t, locale.English.Has(spec.Field.Hint().Key), "%s has no hint", spec.Field)
	}
}

// Each row reads and writes its own member and no other, in every type that has
// the fields.
func TestEachRowReachesItsOwnMember(t *testing.T) {
	for _, spec := range paycor.FieldTable() {
		t.Run(string(spec.Field), func(t *testing.T) {
			text := sampleText(spec.Field)
			var draft paycor.Draft
			spec.Set(&draft, text)
			assert.Equal(t, text, spec.Get(draft))
			assert.Equal(t, text, draft.Value(spec.Field))
			for _, other := range paycor.FieldTable() {
				if other.Field != spec.Field {
					assert.Empty(t, other.Get(draft), other.Field)
				}
			}

			patch := draft.PatchFrom(paycor.Draft{})
			assert.Equal(t, []fields.Field{spec.Field}, patch.Fields())
			assert.Equal(t, spec.Judged, patch.Judged())
			assert.Equal(t, draft, patch.ApplyTo(paycor.Draft{}))
			assert.Equal(t, paycor.Draft{}, patch.Undo(paycor.Draft{}).ApplyTo(draft))
			assert.Equal(t, text, paycor.Draft{}.Fill(draft).Value(spec.Field))

			whole := paycor.Draft{LegalEntityID: "1"}
			spec.Set(&whole, text)
			credential, err := paycor.Credential{}.WithDraft(whole)
			require.NoError(t, err)
			if spec.Secret() {
				assert.Empty(t, credential.Draft().Value(spec.Field))
				assert.Empty(t, spec.Column())
				assert.Nil(t, spec.ColumnTarget(&credential))
				assert.Nil(t, spec.ColumnValue(credential))
				return
			}
			assert.Equal(t, text, credential.Draft().Value(spec.Field))
			assert.Equal(t, text, paycor.Credential{}.Draft().Fill(credential.Draft()).Value(spec.Field))
			assert.NotEmpty(t, spec.Column())
			assert.NotNil(t, spec.ColumnTarget(&credential))
			assert.Equal(t, text, fmt.Sprint(spec.ColumnValue(credential)))
		})
	}
}

// A draft decodes through the table as it does into the struct.
func TestTargetsPointIntoTheDraftAndThePatch(t *testing.T) {
	var draft paycor.Draft
	var patch paycor.Patch
	for _, spec := range paycor.FieldTable() {
		value, into := reflect.ValueOf(spec.DraftTarget(&draft)), reflect.ValueOf(spec.PatchTarget(&patch))
		into.Elem().Set(reflect.New(value.Elem().Type()))
		assert.Contains(t, patch.Fields(), spec.Field)
	}
	assert.Len(t, patch.Fields(), len(paycor.FieldTable()))
}

// The labels are exactly those of Paycor's connection guide.
func TestLabels(t *testing.T) {
	for field, want := range map[fields.Field]string{
		fields.Name:            "Credential Name",
		fields.Description:     "Credential Description",
		fields.Environment:     "Environment",
		fields.ClientID:        "Client ID",
		fields.ClientSecret:    "Client Secret",
		fields.SubscriptionKey: "APIM Subscription Key",
		fields.LegalEntityID:   "Legal Entity ID",
		fields.Scope:           "Scope ID",
		fields.Grant:           "Grant",
	} {
		assert.Equal(t, want, field.Label().In(locale.English))
	}
	for _, field := range allFields {
		assert.Equal(t, field == fields.ClientSecret || field == fields.SubscriptionKey, field.Secret(), field)
	}
}

// Programs branch on these codes, so they must not change.
func TestProblemCodesAreStable(t *testing.T) {
	for code, want := range map[fields.ProblemCode]string{
		fields.ProblemRequired:     "required",
		fields.ProblemTooLong:      "too_long",
		fields.ProblemNotText:      "not_text",
		fields.ProblemWrongType:    "wrong_type",
		fields.ProblemUnknownField: "unknown_field",
		fields.ProblemDuplicate:    "duplicate_field",
		fields.ProblemUnknownValue: "unknown_value",
		fields.ProblemNotInteger:   "not_an_integer",
		fields.ProblemOutOfRange:   "out_of_range",
		fields.ProblemBlanks:       "blanks",
		fields.ProblemInvisible:    "invisible_characters",
		fields.ProblemBearer:       "bearer_prefix",
		fields.ProblemHeaderName:   "header_name",
		fields.ProblemQuotes:       "quotes",
		fields.ProblemSameValue:    "same_value",
		fields.ProblemLooksLike:    "looks_like_another_field",
		fields.ProblemUnusualShape: "unusual_shape",
	} {
		assert.Equal(t, want, string(code))
		assert.Equal(t, code == fields.ProblemLooksLike, fields.Problem{Code: code}.Swap())
	}
}
