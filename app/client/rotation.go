package client

import (
	"context"
	"encoding/json"

	"paycorcred/paycor"
)

// Rotate implements api.Service.
func (c *Client) Rotate(ctx context.Context, id string, request paycor.RotateRequest, progress paycor.Progress) (paycor.Rotated, error) {
	encoded, err := json.Marshal(struct {
		ClientSecret    string      `json:"client_secret,omitempty"`
		SubscriptionKey string      `json:"subscription_key,omitempty"`
		Keep            paycor.Keep `json:"keep,omitempty"`
		RotateBy        paycor.Day  `json:"rotate_by,omitempty"`
		KeepPending     bool        `json:"keep_pending,omitempty"`
		AcceptWarnings  bool        `json:"accept_warnings,omitempty"`
	}{
		request.ClientSecret.Reveal(), request.SubscriptionKey.Reveal(), request.Keep, request.RotateBy, request.KeepPending, request.AcceptWarnings,
	})
	if err != nil {
		return paycor.Rotated{}, err
	}
	return sendRotation(ctx, c, Request{Method: "POST", Path: credentialPath(id) + "/rotation", Body: encoded}, progress)
}

// RotateBack implements api.Service.
func (c *Client) RotateBack(ctx context.Context, id string, anyway bool, progress paycor.Progress) (paycor.Rotated, error) {
	body := requestBody{}
	body.flag("anyway", anyway)
	return sendRotation(ctx, c, Request{Method: "POST", Path: credentialPath(id) + "/rotation/back", Body: encode(body)}, progress)
}

func sendRotation(ctx context.Context, c *Client, request Request, progress paycor.Progress) (paycor.Rotated, error) {
	last, err := c.follow(ctx, request, progress)
	if err != nil || last.Rotated == nil {
		return paycor.Rotated{}, err
	}
	return *last.Rotated, nil
}

// EndRotation implements api.Service.
func (c *Client) EndRotation(ctx context.Context, id string) (paycor.Credential, error) {
	var credential paycor.Credential
	err := c.call(ctx, Request{Method: "DELETE", Path: credentialPath(id) + "/rotation"}, &credential)
	return credential, err
}
