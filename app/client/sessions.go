package client

import (
	"context"
	"net/url"

	"paycorcred/paycor/session"
)

// Sessions implements api.Service.
func (c *Client) Sessions(ctx context.Context) (session.List, error) {
	return readSessions(ctx, c, "/sessions")
}

// AllSessions implements api.Service.
func (c *Client) AllSessions(ctx context.Context) (session.List, error) {
	return readSessions(ctx, c, "/sessions/all")
}

func readSessions(ctx context.Context, c *Client, path string) (session.List, error) {
	var response session.List
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + path}, &response)
	return response, err
}

// EndSession implements api.Service.
func (c *Client) EndSession(ctx context.Context, id string) error {
	return c.call(ctx, Request{Method: "DELETE", Path: apiPath + "/sessions/" + url.PathEscape(id)}, nil)
}

// CurrentSession implements api.Service.
func (c *Client) CurrentSession(ctx context.Context, stay bool) (session.Session, error) {
	method := "GET"
	if stay {
		method = "POST"
	}
	var session session.Session
	err := c.call(ctx, Request{Method: method, Path: apiPath + "/session"}, &session)
	return session, err
}
