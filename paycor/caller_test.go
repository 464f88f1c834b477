package paycor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestParseRights(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want paycor.Rights
		err  string
	}{
		"one":            {"view", paycor.Rights{paycor.RightView}, ""},
		"all":            {"view,read,use,edit,embed,admin", paycor.AllRights(), ""},
		"blanks":         {" view , edit ", paycor.Rights{paycor.RightView, paycor.RightEdit}, ""},
		"twice":          {"view,view", paycor.Rights{paycor.RightView}, ""},
		"none":           {"", nil, "cli.rights-unknown (, view,read,use,edit,embed,admin)"},
		"comma too many": {"view,", nil, "cli.rights-unknown (, view,read,use,edit,embed,admin)"},
		"unknown":        {"view,own", nil, "cli.rights-unknown (own, view,read,use,edit,embed,admin)"},
		"in capitals":    {"View", nil, "cli.rights-unknown (View, view,read,use,edit,embed,admin)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := paycor.ParseRights(test.text)
			assert.Equal(t, test.want, got)
			if test.err != "" {
				assert.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			again, err := paycor.ParseRights(got.String())
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

// No right includes another.
func TestRightsAreSeparate(t *testing.T) {
	for _, held := range paycor.AllRights() {
		for _, asked := range paycor.AllRights() {
			assert.Equal(t, held == asked, paycor.Rights{held}.Has(asked), "%s for %s", held, asked)
		}
		assert.False(t, paycor.Rights(nil).Has(held))
	}
	paycor.AllRights()[0] = "changed"
	assert.Equal(t, paycor.RightView, paycor.AllRights()[0], "callers share one list")
}

func TestCallerCoversCredentials(t *testing.T) {
	assert.True(t, paycor.Caller{}.Covers("c1"))
	assert.True(t, paycor.Caller{Credentials: []string{"c1", "c2"}}.Covers("c2"))
	assert.False(t, paycor.Caller{Credentials: []string{"c1"}}.Covers("c2"))
	assert.False(t, paycor.Caller{Credentials: []string{"c1"}}.Covers(""))
}
