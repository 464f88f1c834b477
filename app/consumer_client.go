package app

import (
	"context"
	"encoding/json"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
	"time"
)

const tokens = apiPath + "/tokens"

// Usage implements api.Service.
func (c *Client) Usage(ctx context.Context, id string) (usage.Usage, error) {
	var used usage.Usage
	err := c.ask(ctx, Request{Method: "GET", Path: one(id) + "/usage"}, &used)
	return used, err
}

// Consumers implements api.Service.
func (c *Client) Consumers(ctx context.Context) ([]consumer.Consumer, error) {
	var answer struct{ Tokens []consumer.Consumer }
	err := c.ask(ctx, Request{Method: "GET", Path: tokens}, &answer)
	return answer.Tokens, err
}

// CreateConsumer implements api.Service. The token comes with the answer
// and is nowhere else.
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
	var answer struct {
		consumer.Consumer
		Token string
	}
	err = c.ask(ctx, Request{Method: "POST", Path: tokens, Body: sent}, &answer)
	return consumer.Created{Consumer: answer.Consumer, Token: paycor.NewSecret(answer.Token)}, err
}

// RevokeConsumer implements api.Service.
func (c *Client) RevokeConsumer(ctx context.Context, id string) error {
	return c.ask(ctx, Request{Method: "DELETE", Path: tokens + "/" + url.PathEscape(id)}, nil)
}
