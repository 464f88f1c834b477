package web

import (
	"net/http"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The longest search and cursor, in bytes.
const (
	maxSearch = 400
	maxCursor = 1000
	maxLimit  = 200
)

// readQuery returns the query parameters where they are among allowed, each at
// most once: a misspelled one is told of instead of being passed over.
func readQuery(r *http.Request, allowed ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, paycor.Errorf(paycor.KindMalformed, "The query of the address cannot be read. Percent-encode its values.")
	}
	var problems []fields.Problem
	for name, found := range values {
		switch {
		case !slices.Contains(allowed, name):
			problems = append(problems, unknownName(name, fields.ProblemUnknownField, "query parameter"))
		case len(found) > 1:
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemDuplicate, Message: name + " stands in the query twice. Send it once."})
		case !utf8.ValidString(found[0]):
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemNotText, Message: name + " is not UTF-8 text. Encode it as UTF-8."})
		}
	}
	return values, badQuery(problems...)
}

func badQuery(problems ...fields.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &paycor.Error{Kind: paycor.KindMalformed, Message: "The query of the address is not as it has to be. Mend the parameters that are listed.", Problems: problems[:min(len(problems), mostProblems)]}
}

// listQuery reads what to list.
func listQuery(r *http.Request) (paycor.Query, error) {
	values, err := readQuery(r, "q", "cursor", "limit")
	if err != nil {
		return paycor.Query{}, err
	}
	query := paycor.Query{Search: values.Get("q"), Cursor: values.Get("cursor")}
	if len(query.Search) > maxSearch {
		return query, badQuery(fields.Problem{Field: "q", Code: fields.ProblemTooLong, Message: "q is too long. Search for fewer words."})
	}
	if len(query.Cursor) > maxCursor {
		return query, badQuery(fields.Problem{Field: "cursor", Code: fields.ProblemTooLong, Message: "cursor is none that this server gave. Take next_cursor of the page before."})
	}
	if values.Has("limit") {
		limit, err := strconv.Atoi(values.Get("limit"))
		if err != nil || limit < 1 || limit > maxLimit {
			return query, badQuery(fields.Problem{Field: "limit", Code: fields.ProblemOutOfRange, Message: "limit has to be a whole number from 1 to 200."})
		}
		query.Limit = limit
	}
	return query, nil
}

// skipVerify reads ?verify=false.
func skipVerify(r *http.Request) (bool, error) {
	values, err := readQuery(r, "verify")
	if err != nil {
		return false, err
	}
	switch values.Get("verify") {
	case "false":
		return true, nil
	case "true":
		return false, nil
	}
	if values.Has("verify") {
		return false, badQuery(fields.Problem{Field: "verify", Code: fields.ProblemUnknownValue, Message: "verify has to be true or false."})
	}
	return false, nil
}
