package client

import (
	"context"
	"encoding/json"
	"net/url"

	"paycorcred/paycor/embed"
)

const hostsPath = apiPath + "/hosts"

// Hosts implements embed.Service.
func (c *Client) Hosts(ctx context.Context) (embed.HostList, error) {
	var response embed.HostList
	err := c.call(ctx, Request{Method: "GET", Path: hostsPath}, &response)
	return response, err
}

// AddHost implements embed.Service.
func (c *Client) AddHost(ctx context.Context, draft embed.HostDraft) (embed.Host, error) {
	sent := map[string]any{"name": draft.Name, "origins": draft.Origins, "rights": draft.Rights}
	if draft.ID != "" {
		sent["id"] = draft.ID
	}
	if draft.KeysURL != "" {
		sent["keys_url"] = draft.KeysURL
	}
	if draft.Keys != "" {
		sent["keys"] = keysAsJSON(draft.Keys)
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return embed.Host{}, err
	}
	var host embed.Host
	err = c.call(ctx, Request{Method: "POST", Path: hostsPath, Body: body}, &host)
	return host, err
}

// keysAsJSON returns pasted keys for a body. Anything but JSON is sent as text, such as
// PEM.
func keysAsJSON(keys string) any {
	if json.Valid([]byte(keys)) {
		return json.RawMessage(keys)
	}
	return keys
}

// UpdateHost implements embed.Service.
func (c *Client) UpdateHost(ctx context.Context, id string, patch embed.HostPatch, ifMatch string) (embed.Host, error) {
	sent := map[string]any{}
	if patch.Name != nil {
		sent["name"] = *patch.Name
	}
	if patch.Origins != nil {
		sent["origins"] = *patch.Origins
	}
	if patch.Rights != nil {
		sent["rights"] = *patch.Rights
	}
	if patch.Keys != nil {
		sent["keys"] = keysAsJSON(*patch.Keys)
	}
	if patch.KeysURL != nil {
		sent["keys_url"] = *patch.KeysURL
	}
	body, err := json.Marshal(sent)
	if err != nil {
		return embed.Host{}, err
	}
	header := map[string]string{}
	if ifMatch != "" {
		header["If-Match"] = ifMatch
	}
	var host embed.Host
	err = c.call(ctx, Request{Method: "PATCH", Path: hostsPath + "/" + url.PathEscape(id), Header: header, Body: body}, &host)
	return host, err
}

// RemoveHost implements embed.Service.
func (c *Client) RemoveHost(ctx context.Context, id string) error {
	return c.call(ctx, Request{Method: "DELETE", Path: hostsPath + "/" + url.PathEscape(id)}, nil)
}
