package client

import (
	"context"
	"net/url"

	"paycorcred/paycor/application"
	"paycorcred/paycor/usage"
)

// Applications implements api.Service.
func (c *Client) Applications(ctx context.Context, query application.Query) (application.Page, error) {
	values := listValues(map[string]string{"environment": query.Environment, "client_id": query.ClientID}, query.Cursor, query.Limit)
	var page application.Page
	err := c.call(ctx, Request{Method: "GET", Path: WithQuery(apiPath+"/applications", values)}, &page)
	return page, err
}

// ApplicationUsage implements api.Service.
func (c *Client) ApplicationUsage(ctx context.Context, application string) (usage.Usage, error) {
	var used usage.Usage
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/applications/" + url.PathEscape(application) + "/usage"}, &used)
	return used, err
}

// Application implements api.Service.
func (c *Client) Application(ctx context.Context, id string) (application.Application, error) {
	var found application.Application
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/applications/" + url.PathEscape(id)}, &found)
	return found, err
}
