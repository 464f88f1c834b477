package paycor_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
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
