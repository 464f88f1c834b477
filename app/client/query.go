package client

import (
	"net/url"
	"strconv"
)

// listValues returns the parameters of a list that are set.
func listValues(filters map[string]string, cursor string, limit int) url.Values {
	values := url.Values{}
	for name, value := range filters {
		if value != "" {
			values.Set(name, value)
		}
	}
	if cursor != "" {
		values.Set("cursor", cursor)
	}
	if limit != 0 {
		values.Set("limit", strconv.Itoa(limit))
	}
	return values
}

// WithQuery returns a path with a query string, unless there are no values.
func WithQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
