package app

import (
	"context"
	"encoding/json"
	"net/url"

	"paycorcred/paycor"
)

// Sessions implements paycor.Service.
func (c *Client) Sessions(ctx context.Context) ([]paycor.Session, error) {
	return c.sessions(ctx, "/sessions")
}

// AllSessions implements paycor.Service.
func (c *Client) AllSessions(ctx context.Context) ([]paycor.Session, error) {
	return c.sessions(ctx, "/sessions/all")
}

func (c *Client) sessions(ctx context.Context, path string) ([]paycor.Session, error) {
	var answer struct{ Sessions []paycor.Session }
	err := c.ask(ctx, Request{Method: "GET", Path: api + path}, &answer)
	return answer.Sessions, err
}

// EndSession implements paycor.Service.
func (c *Client) EndSession(ctx context.Context, id string) error {
	return c.ask(ctx, Request{Method: "DELETE", Path: api + "/sessions/" + url.PathEscape(id)}, nil)
}

// CurrentSession implements paycor.Service.
func (c *Client) CurrentSession(ctx context.Context, stay bool) (paycor.Session, error) {
	method := "GET"
	if stay {
		method = "POST"
	}
	var session paycor.Session
	err := c.ask(ctx, Request{Method: method, Path: api + "/session"}, &session)
	return session, err
}

// Share implements paycor.Service.
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
