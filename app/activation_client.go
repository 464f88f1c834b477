package app

import (
	"context"
	"encoding/json"

	"paycorcred/paycor"
)

// StartActivation implements paycor.Service. The server chooses the redirect
// address by itself: its own.
func (c *Client) StartActivation(ctx context.Context, id, _ string) (paycor.Activation, error) {
	var begun paycor.Activation
	err := c.ask(ctx, Request{Method: "POST", Path: one(id) + "/activation", Body: []byte("{}")}, &begun)
	return begun, err
}

// Activate implements paycor.Service, for what a person pastes. A state comes
// back to the server itself and never to the page. Steps are not reported.
func (c *Client) Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Credential, error) {
	sent := map[paycor.Field]string{}
	for field, value := range map[paycor.Field]string{
		paycor.FieldRefreshToken: answer.RefreshToken.Reveal(), paycor.FieldCode: answer.Code.Reveal(),
		paycor.FieldCodeVerifier: answer.CodeVerifier.Reveal(), paycor.FieldRedirectURI: answer.RedirectURI,
	} {
		if value != "" {
			sent[field] = value
		}
	}
	encoded, err := json.Marshal(sent)
	if err != nil {
		return paycor.Credential{}, err
	}
	var credential paycor.Credential
	err = c.ask(ctx, Request{Method: "POST", Path: one(id) + "/activation/code", Body: encoded, Wait: waitVerify}, &credential)
	return credential, err
}
