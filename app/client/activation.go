package client

import (
	"context"
	"encoding/json"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// StartActivation implements api.Service. The server uses its own redirect URI.
func (c *Client) StartActivation(ctx context.Context, id, _ string) (paycor.Activation, error) {
	var begun paycor.Activation
	err := c.call(ctx, Request{Method: "POST", Path: credentialPath(id) + "/activation", Body: []byte("{}")}, &begun)
	return begun, err
}

// Activate implements api.Service for pasted values. The state goes to the server
// and never to the page. Steps are not reported.
func (c *Client) Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Credential, error) {
	sent := map[fields.Field]string{}
	for field, value := range map[fields.Field]string{
		fields.RefreshToken: answer.RefreshToken.Reveal(), fields.Code: answer.Code.Reveal(),
		fields.CodeVerifier: answer.CodeVerifier.Reveal(), fields.RedirectURI: answer.RedirectURI,
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
	err = c.call(ctx, Request{Method: "POST", Path: credentialPath(id) + "/activation/code", Body: encoded, Wait: waitVerify}, &credential)
	return credential, err
}
