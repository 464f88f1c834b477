package client

import (
	"context"
	"net/url"
	"strconv"

	"paycorcred/paycor/application"
)

// Applications implements api.Service.
func (c *Client) Applications(ctx context.Context, query application.Query) (application.Page, error) {
	values := url.Values{}
	for name, value := range map[string]string{"environment": query.Environment, "client_id": query.ClientID, "cursor": query.Cursor} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if query.Limit != 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	path := apiPath + "/applications"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	var page application.Page
	err := c.call(ctx, Request{Method: "GET", Path: path}, &page)
	return page, err
}

// Application implements api.Service.
func (c *Client) Application(ctx context.Context, id string) (application.Application, error) {
	var found application.Application
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/applications/" + url.PathEscape(id)}, &found)
	return found, err
}
