package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

const (
	maxCursor = 1000 // bytes
	maxLimit  = 200  // items per page
	maxIDs    = 100  // of one list
)

// readQuery returns the query parameters. It rejects unknown ones, so that a
// misspelled parameter is not silently ignored, and repeated ones.
func readQuery(r *http.Request, allowed ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, paycor.Errorf(paycor.KindMalformed, "error.query-unreadable")
	}
	var problems []fields.Problem
	for name, found := range values {
		switch {
		case !slices.Contains(allowed, name):
			problems = append(problems, unknownName(name, fields.ProblemUnknownField, "parameter"))
		case len(found) > 1:
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemDuplicate, Message: message.New("problem.query-duplicate", name)})
		case !utf8.ValidString(found[0]):
			problems = append(problems, fields.Problem{Field: fields.Field(name), Code: fields.ProblemNotText, Message: message.New("problem.not-utf8", name)})
		}
	}
	return values, invalidQuery(problems...)
}

// invalidQuery returns the error for invalid parameters, or nil without any.
func invalidQuery(problems ...fields.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &paycor.Error{Kind: paycor.KindMalformed, Message: message.New("error.query-invalid"), Problems: problems[:min(len(problems), maxProblems)]}
}

// listQuery reads the parameters of a list of credentials.
func listQuery(r *http.Request) (paycor.Query, error) {
	values, err := readQuery(r, "q", "ids", "state", "environment", "tag", "owner", "attention", "sort", "counts", "cursor", "limit")
	if err != nil {
		return paycor.Query{}, err
	}
	var query paycor.Query
	if problems := query.Read(values); len(problems) > 0 {
		return query, invalidQuery(problems...)
	}
	if values.Has("ids") {
		if query.IDs = strings.Split(values.Get("ids"), ","); len(query.IDs) > maxIDs || !allIDs(query.IDs) {
			return query, invalidQuery(fields.Problem{Field: "ids", Code: fields.ProblemNotText, Message: message.New("problem.query-ids", maxIDs)})
		}
	}
	if query.WithCounts, err = boolean(values, "counts", false); err != nil {
		return query, err
	}
	query.Cursor, query.Limit, err = paging(values)
	return query, err
}

// allIDs reports whether each id can exist.
func allIDs(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return id == "" || !validID(id) })
}

// paging reads cursor and limit. A limit of 0 means the default.
func paging(values url.Values) (cursor string, limit int, err error) {
	if cursor = values.Get("cursor"); len(cursor) > maxCursor {
		return "", 0, invalidQuery(fields.Problem{Field: "cursor", Code: fields.ProblemTooLong, Message: message.New("problem.query-cursor")})
	}
	if values.Has("limit") {
		limit, err = strconv.Atoi(values.Get("limit"))
		if err != nil || limit < 1 || limit > maxLimit {
			return "", 0, invalidQuery(fields.Problem{Field: "limit", Code: fields.ProblemOutOfRange, Message: message.New("problem.query-limit")})
		}
	}
	return cursor, limit, nil
}

// skipVerify reports whether the query contains verify=false.
func skipVerify(r *http.Request) (bool, error) {
	values, err := readQuery(r, "verify")
	if err != nil {
		return false, err
	}
	verify, err := boolean(values, "verify", true)
	return !verify, err
}

// updateQuery reads verify and force.
func updateQuery(r *http.Request, options *paycor.UpdateOptions) error {
	values, err := readQuery(r, "verify", "force")
	if err != nil {
		return err
	}
	verify, err := boolean(values, "verify", true)
	if err != nil {
		return err
	}
	options.SkipVerify = !verify
	options.Force, err = boolean(values, "force", false)
	return err
}

// boolean reads a parameter that is true or false. otherwise is its value if it
// is absent.
func boolean(values url.Values, name string, otherwise bool) (bool, error) {
	switch values.Get(name) {
	case "false":
		return false, nil
	case "true":
		return true, nil
	}
	if values.Has(name) {
		return false, invalidQuery(fields.Problem{Field: fields.Field(name), Code: fields.ProblemUnknownValue, Message: message.New("problem.query-boolean", name)})
	}
	return otherwise, nil
}
