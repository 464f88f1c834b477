package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"paycorcred/paycor/audit"
)

// Audit implements audit.Service.
func (c *Client) Audit(ctx context.Context, query audit.Query) (audit.Page, error) {
	values := listValues(auditFilters(query), query.Cursor, query.Limit)
	var page audit.Page
	err := c.call(ctx, Request{Method: "GET", Path: WithQuery(apiPath+"/audit", values)}, &page)
	return page, err
}

// ExportAudit implements audit.Service.
func (c *Client) ExportAudit(ctx context.Context, query audit.Query, after int64, each func(audit.Line) error) error {
	values := listValues(auditFilters(query), "", 0)
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

// auditFilters returns the filters as query parameters.
func auditFilters(query audit.Query) map[string]string {
	return map[string]string{
		"credential": query.Credential, "caller": query.Caller, "action": string(query.Action), "outcome": query.Outcome,
		"request_id": query.RequestID, "from": momentValue(query.From), "to": momentValue(query.To),
	}
}

func momentValue(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}
