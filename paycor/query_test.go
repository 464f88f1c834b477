package paycor_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/verdicts"
)

func TestAQueryIsAnAddress(t *testing.T) {
	full := paycor.Query{
		Search: "a&b é", Sort: listing.ByLastUsed, Descending: true,
		Filter: paycor.Filter{State: paycor.StateRejected, Environment: "sandbox", Tag: "bakery", Owner: "Ann", Attention: listing.AttentionAny},
	}
	assert.Equal(t, "attention=any&environment=sandbox&owner=Ann&q=a%26b+%C3%A9&sort=-last_used&state=rejected&tag=bakery", full.Values().Encode())
	for text, want := range map[string]paycor.Query{
		"":                     {},
		full.Values().Encode(): full,
		"sort=rotate_by":       {Sort: listing.ByRotateBy},
		"sort=-name":           {Sort: listing.ByName, Descending: true},
	} {
		values, err := url.ParseQuery(text)
		require.NoError(t, err)
		var query paycor.Query
		problems := query.Read(values)
		assert.Empty(t, problems, text)
		assert.Equal(t, want, query, text)
		assert.Equal(t, values, query.Values(), text)
	}
	assert.Empty(t, paycor.Query{Sort: listing.ByName}.Values(), "what is the default is left out")
	assert.Equal(t, "sort=-name", paycor.Query{Descending: true}.Values().Encode())
}

func TestWrongParametersOfAListAreNamed(t *testing.T) {
	for name, value := range map[string]string{
		"q": strings.Repeat("a", 401), "state": "broken", "environment": strings.Repeat("a", 201), "tag": strings.Repeat("a", 201),
		"owner": "\xff", "attention": "true", "sort": "--name",
	} {
		var query paycor.Query
		problems := query.Read(url.Values{name: {value}})
		if assert.Len(t, problems, 1, name) {
			assert.Equal(t, fields.Field(name), problems[0].Field)
		}
		assert.Equal(t, paycor.Query{}, query, name)
	}
}

// What is read from an address makes the same address, and is not read differently again.
func FuzzQuery(f *testing.F) {
	for _, text := range []string{"", "q=a&sort=-state", "state=rejected&attention=rotation", "tag=%C3%A9&owner=x", "sort=-", "q=%ff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		var query, again paycor.Query
		query.Read(values)
		problems := again.Read(query.Values())
		assert.Empty(t, problems)
		assert.Equal(t, query.Values(), again.Values())
		assert.Equal(t, query.Filter, again.Filter)
	})
}

func TestCompareIsTheOrderOfTheList(t *testing.T) {
	at := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	a := paycor.Credential{ID: "1", Name: "alpha", State: paycor.StateVerified, LastUsedAt: at, RotateBy: "2031-06-01"}
	b := paycor.Credential{ID: "2", Name: "Beta", State: paycor.StateRejected, VerifiedAt: at, Verdict: &verdicts.Verdict{CheckedAt: at}}
	for _, test := range []struct {
		sort  listing.Sort
		first paycor.Credential
	}{{"", a}, {listing.ByName, a}, {listing.ByState, b}, {listing.ByLastUsed, b}, {listing.ByChecked, a}, {listing.ByVerified, a}, {listing.ByRotateBy, a}} {
		second := map[string]paycor.Credential{"1": b, "2": a}[test.first.ID]
		assert.Equal(t, -1, paycor.Query{Sort: test.sort}.Compare(test.first, second), test.sort)
		assert.Equal(t, 1, paycor.Query{Sort: test.sort, Descending: true}.Compare(test.first, second), test.sort)
		assert.Zero(t, paycor.Query{Sort: test.sort}.Compare(a, a))
	}
	same := b
	same.ID, same.Name = "3", "BETA"
	assert.Equal(t, -1, paycor.Query{Sort: listing.ByState}.Compare(b, same), "of the same, the ID decides")
}
