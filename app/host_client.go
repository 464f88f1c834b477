package app

import (
	"context"
	"encoding/json"
	"net/url"

	"paycorcred/paycor"
)

const hostsPath = api + "/hosts"

// Hosts implements paycor.HostService.
func (c *Client) Hosts(ctx context.Context) ([]paycor.Host, error) {
	var answer struct{ Hosts []paycor.Host }
	err := c.ask(ctx, Request{Method: "GET", Path: hostsPath}, &answer)
	return answer.Hosts, err
}

// AddHost implements paycor.HostService.
func (c *Client) AddHost(ctx context.Context, draft paycor.HostDraft) (paycor.Host, error) {
	sent := map[string]any{"name": draft.Name, "origins": draft.Origins, "rights": draft.Rights}
	if draft.ID != "" {
		sent["id"] = draft.ID
	}
	if draft.KeysURL != "" {
		sent["keys_url"] = draft.KeysURL
	}
	if draft.Keys != "" {
		sent["keys"] = draft.Keys // what is no JSON goes as text, and the server says so
		if json.Valid([]byte(draft.Keys)) {
			sent["keys"] = json.RawMessage(draft.Keys)
		}
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return paycor.Host{}, err
	}
	var host paycor.Host
	err = c.ask(ctx, Request{Method: "POST", Path: hostsPath, Body: body}, &host)
	return host, err
}

// RemoveHost implements paycor.HostService.
func (c *Client) RemoveHost(ctx context.Context, id string) error {
	return c.ask(ctx, Request{Method: "DELETE", Path: hostsPath + "/" + url.PathEscape(id)}, nil)
}
