package app

import (
	"context"
	"encoding/json"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/session"
)

// Sessions implements api.Service.
func (c *Client) Sessions(ctx context.Context) ([]session.Session, error) {
	return c.sessions(ctx, "/sessions")
}

// AllSessions implements api.Service.
func (c *Client) AllSessions(ctx context.Context) ([]session.Session, error) {
	return c.sessions(ctx, "/sessions/all")
}

func (c *Client) sessions(ctx context.Context, path string) ([]session.Session, error) {
	var answer struct{ Sessions []session.Session }
	err := c.ask(ctx, Request{Method: "GET", Path: apiPath + path}, &answer)
	return answer.Sessions, err
}

// EndSession implements api.Service.
func (c *Client) EndSession(ctx context.Context, id string) error {
	return c.ask(ctx, Request{Method: "DELETE", Path: apiPath + "/sessions/" + url.PathEscape(id)}, nil)
}

// CurrentSession implements api.Service.
func (c *Client) CurrentSession(ctx context.Context, stay bool) (session.Session, error) {
	method := "GET"
	if stay {
		method = "POST"
	}
	var current session.Session
	err := c.ask(ctx, Request{Method: method, Path: apiPath + "/session"}, &current)
	return current, err
}

// Share implements api.Service.
func (c *Client) Share(ctx context.Context, id string, sharing *paycor.Sharing, ifMatch string) (paycor.Credential, error) {
	header := map[string]string{}
	if ifMatch != "" {
		header["If-Match"] = ifMatch
	}
	body := struct {
		Restricted bool     `json:"restricted"`
		People     []string `json:"people,omitempty"`
		Groups     []string `json:"groups,omitempty"`
	}{Restricted: sharing != nil}
	if sharing != nil {
		body.People, body.Groups = sharing.People, sharing.Groups
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return paycor.Credential{}, err
	}
	var credential paycor.Credential
	err = c.ask(ctx, Request{Method: "PUT", Path: one(id) + "/sharing", Header: header, Body: encoded}, &credential)
	return credential, err
}
