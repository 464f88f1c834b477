package client

import (
	"context"
	"net/url"

	"paycorcred/paycor/application"
)

// Applications implements api.Service.
func (c *Client) Applications(ctx context.Context, query application.Query) (application.Page, error) {
	values := listValues(map[string]string{"environment": query.Environment, "client_id": query.ClientID}, query.Cursor, query.Limit)
	var page application.Page
	err := c.call(ctx, Request{Method: "GET", Path: WithQuery(apiPath+"/applications", values)}, &page)
	return page, err
}

// Application implements api.Service.
func (c *Client) Application(ctx context.Context, id string) (application.Application, error) {
	var found application.Application
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/applications/" + url.PathEscape(id)}, &found)
	return found, err
}
