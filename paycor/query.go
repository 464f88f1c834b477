package paycor

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/message"
)

// Bounds of the parameters of a list, in bytes.
const (
	maxSearch = 400
	maxFilter = 200
)

// Values returns what the query searches, filters and sorts by as parameters of an
// address, without those that have their default.
func (q Query) Values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"q": q.Search, "state": string(q.Filter.State), "environment": q.Filter.Environment, "tag": q.Filter.Tag, "owner": q.Filter.Owner,
		"attention": string(q.Filter.Attention), "sort": q.sortValue(),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// sortValue returns the sort as in an address: with a minus sign in front if it descends.
func (q Query) sortValue() string {
	switch {
	case q.Descending && q.Sort == "":
		return "-" + string(listing.ByName)
	case q.Descending:
		return "-" + string(q.Sort)
	case q.Sort == listing.ByName:
		return ""
	}
	return string(q.Sort)
}

// Narrows reports whether the query may leave credentials out.
func (q Query) Narrows() bool { return q.Search != "" || q.Filter != Filter{} }

// Compare orders credentials as the list has them.
func (q Query) Compare(a, b Credential) int {
	found := 0
	switch q.Sort {
	case listing.ByState:
		found = cmp.Compare(a.State.Rank(), b.State.Rank())
	case listing.ByLastUsed:
		found = a.LastUsedAt.Compare(b.LastUsedAt)
	case listing.ByChecked:
		found = a.CheckedAt().Compare(b.CheckedAt())
	case listing.ByVerified:
		found = a.VerifiedAt.Compare(b.VerifiedAt)
	case listing.ByRotateBy:
		found = cmp.Or(cmp.Compare(noDay(a.RotateBy), noDay(b.RotateBy)), cmp.Compare(a.RotateBy, b.RotateBy))
	}
	found = cmp.Or(found, cmp.Compare(NameKey(a.Name), NameKey(b.Name)), cmp.Compare(a.ID, b.ID))
	if q.Descending {
		return -found
	}
	return found
}

// noDay returns 1 if there is no day, so that it comes after those that there are.
func noDay(day Day) int {
	if day == "" {
		return 1
	}
	return 0
}

// Read is the inverse of Values. It leaves out invalid parameters and returns what is
// wrong with them.
func (q *Query) Read(values url.Values) (problems []fields.Problem) {
	text := func(name string, most int) string {
		value := values.Get(name)
		if len(value) > most || !utf8.ValidString(value) {
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemTooLong, Message: message.New("problem.query-too-long", name)})
			return ""
		}
		return value
	}
	choice := func(name string, choices ...string) string {
		value := values.Get(name)
		if value != "" && !slices.Contains(choices, value) {
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemUnknownValue, Message: message.New("problem.query-choice", name, strings.Join(choices, ", "))})
			return ""
		}
		return value
	}
	var sorts, states []string
	for _, sort := range listing.Sorts() {
		sorts = append(sorts, string(sort), "-"+string(sort))
	}
	for _, state := range States() {
		states = append(states, string(state))
	}
	q.Search = text("q", maxSearch)
	q.Filter = Filter{
		State: State(choice("state", states...)), Environment: text("environment", maxFilter), Tag: text("tag", maxFilter), Owner: text("owner", maxFilter),
		Attention: listing.Attention(choice("attention", string(listing.AttentionAny), string(listing.AttentionRotation))),
	}
	sort, descending := strings.CutPrefix(choice("sort", sorts...), "-")
	q.Sort, q.Descending = listing.Sort(sort), descending
	return problems
}
