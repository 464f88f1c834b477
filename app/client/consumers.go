package client

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

const tokensPath = apiPath + "/tokens"

// Consumers implements api.Service.
func (c *Client) Consumers(ctx context.Context, query consumer.Query) (consumer.Page, error) {
	path := WithQuery(tokensPath, listValues(nil, query.Cursor, query.Limit))
	var response struct {
		Tokens []consumer.Consumer
		Next   string `json:"next_cursor"`
		Total  int
	}
	err := c.call(ctx, Request{Method: "GET", Path: path}, &response)
	return consumer.Page{Consumers: response.Tokens, Next: response.Next, Total: response.Total}, err
}

// CreateConsumer implements api.Service. Only this response holds the token.
func (c *Client) CreateConsumer(ctx context.Context, draft consumer.Draft) (consumer.Created, error) {
	sent, err := json.Marshal(struct {
		Name        string        `json:"name"`
		Rights      paycor.Rights `json:"rights"`
		Credentials []string      `json:"credentials,omitempty"`
		ExpiresAt   time.Time     `json:"expires_at,omitzero"`
	}{draft.Name, draft.Rights, draft.Credentials, draft.ExpiresAt})
	if err != nil {
		return consumer.Created{}, err
	}
	var response struct {
		consumer.Consumer
		Token string
	}
	err = c.call(ctx, Request{Method: "POST", Path: tokensPath, Body: sent}, &response)
	return consumer.Created{Consumer: response.Consumer, Token: paycor.NewSecret(response.Token)}, err
}

// RevokeConsumer implements api.Service.
func (c *Client) RevokeConsumer(ctx context.Context, id string) error {
	return c.call(ctx, Request{Method: "DELETE", Path: tokensPath + "/" + url.PathEscape(id)}, nil)
}
