package app

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"paycorcred/paycor"
)

const tokens = api + "/tokens"

// Usage implements paycor.Service.
func (c *Client) Usage(ctx context.Context, id string) (paycor.Usage, error) {
	var usage paycor.Usage
	err := c.ask(ctx, Request{Method: "GET", Path: one(id) + "/usage"}, &usage)
	return usage, err
}

// Consumers implements paycor.Service.
func (c *Client) Consumers(ctx context.Context) ([]paycor.Consumer, error) {
	var answer struct{ Tokens []paycor.Consumer }
	err := c.ask(ctx, Request{Method: "GET", Path: tokens}, &answer)
	return answer.Tokens, err
}

// CreateConsumer implements paycor.Service. The token comes with the answer
// and is nowhere else.
func (c *Client) CreateConsumer(ctx context.Context, draft paycor.ConsumerDraft) (paycor.NewConsumer, error) {
	sent, err := json.Marshal(struct {
		Name        string        `json:"name"`
		Rights      paycor.Rights `json:"rights"`
		Credentials []string      `json:"credentials,omitempty"`
		ExpiresAt   time.Time     `json:"expires_at,omitzero"`
	}{draft.Name, draft.Rights, draft.Credentials, draft.ExpiresAt})
	if err != nil {
		return paycor.NewConsumer{}, err
	}
	var answer struct {
		paycor.Consumer
		Token string
	}
	err = c.ask(ctx, Request{Method: "POST", Path: tokens, Body: sent}, &answer)
	return paycor.NewConsumer{Consumer: answer.Consumer, Token: paycor.NewSecret(answer.Token)}, err
}

// RevokeConsumer implements paycor.Service.
func (c *Client) RevokeConsumer(ctx context.Context, id string) error {
	return c.ask(ctx, Request{Method: "DELETE", Path: tokens + "/" + url.PathEscape(id)}, nil)
}
