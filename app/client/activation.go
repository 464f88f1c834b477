package client

import (
	"context"
	"encoding/json"
	"net/url"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
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
func (c *Client) Activate(ctx context.Context, id string, answer paycor.ActivationAnswer, _ paycor.Progress) (paycor.Saved, error) {
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
		return paycor.Saved{}, err
	}
	var saved paycor.Saved
	err = c.call(ctx, Request{Method: "POST", Path: credentialPath(id) + "/activation/code", Body: encoded, Wait: waitVerify}, &saved)
	return saved, err
}

// CreateActivationLink implements api.Service.
func (c *Client) CreateActivationLink(ctx context.Context, credential string) (activation.NewLink, error) {
	var link activation.NewLink
	err := c.call(ctx, Request{Method: "POST", Path: credentialPath(credential) + "/activation/links", Body: []byte("{}")}, &link)
	return link, err
}

// ActivationLinks implements api.Service.
func (c *Client) ActivationLinks(ctx context.Context, credential string) (activation.LinkList, error) {
	var list activation.LinkList
	err := c.call(ctx, Request{Method: "GET", Path: credentialPath(credential) + "/activation/links"}, &list)
	return list, err
}

// RevokeActivationLink implements api.Service.
func (c *Client) RevokeActivationLink(ctx context.Context, credential, link string) error {
	return c.call(ctx, Request{Method: "DELETE", Path: credentialPath(credential) + "/activation/links/" + url.PathEscape(link)}, nil)
}
