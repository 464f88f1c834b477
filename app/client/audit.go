package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"

	"paycorcred/paycor/audit"
)

// Audit implements audit.Service.
func (c *Client) Audit(ctx context.Context, query audit.Query) (audit.Page, error) {
	values := auditValues(query)
	if query.Cursor != "" {
		values.Set("cursor", query.Cursor)
	}
	if query.Limit != 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	var page audit.Page
	err := c.call(ctx, Request{Method: "GET", Path: WithQuery(apiPath+"/audit", values)}, &page)
	return page, err
}

// ExportAudit implements audit.Service.
func (c *Client) ExportAudit(ctx context.Context, query audit.Query, after int64, each func(audit.Line) error) error {
	values := auditValues(query)
	if after != 0 {
		values.Set("after", strconv.FormatInt(after, 10))
	}
	request := Request{Method: "GET", Path: WithQuery(apiPath+"/audit/export", values), Header: map[string]string{"Accept": contentNDJSON}, Wait: waitVerify}
	return c.send(ctx, request, func(response Response) error {
		lines := json.NewDecoder(response.Body)
		for {
			var line audit.Line
			switch err := lines.Decode(&line); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return decodeError(err)
			}
			if err := each(line); err != nil {
				return err
			}
		}
	})
}

// auditValues returns the filters as query parameters.
func auditValues(query audit.Query) url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"credential": query.Credential, "caller": query.Caller, "action": string(query.Action), "outcome": query.Outcome,
		"request_id": query.RequestID, "from": momentValue(query.From), "to": momentValue(query.To),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

func momentValue(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// WithQuery returns a path with a query string, unless there are no values.
func WithQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
