package client

import (
	"context"
	"encoding/json"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Environments implements api.Service.
func (c *Client) Environments(ctx context.Context) ([]paycor.Environment, error) {
	var response struct{ Environments []paycor.Environment }
	err := c.call(ctx, Request{Method: "GET", Path: apiPath + "/environments"}, &response)
	return response.Environments, err
}

// Credentials implements api.Service.
func (c *Client) Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	values := listValues(map[string]string{"ids": strings.Join(query.IDs, ",")}, query.Cursor, query.Limit)
	for name, value := range query.Values() {
		values[name] = value
	}
	if query.WithCounts {
		values.Set("counts", "true")
	}
	var page paycor.CredentialPage
	err := c.call(ctx, Request{Method: "GET", Path: WithQuery(CredentialsPath, values)}, &page)
	return page, err
}

// CredentialCounts implements api.Service.
func (c *Client) CredentialCounts(ctx context.Context) (listing.Counts, error) {
	var counts listing.Counts
	err := c.call(ctx, Request{Method: "GET", Path: CredentialsPath + "/counts"}, &counts)
	return counts, err
}

// Credential implements api.Service.
func (c *Client) Credential(ctx context.Context, id string) (paycor.Credential, error) {
	var credential paycor.Credential
	err := c.call(ctx, Request{Method: "GET", Path: credentialPath(id)}, &credential)
	return credential, err
}

// Create implements api.Service. It reports no steps, because the page verifies the
// draft first and shows those steps.
func (c *Client) Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	header := map[string]string{}
	if options.IdempotencyKey != "" {
		header["Idempotency-Key"] = options.IdempotencyKey
	}
	var saved paycor.Saved
	err := c.call(ctx, Request{
		Method: "POST", Path: CredentialsPath + verifyParameter(options.SkipVerify), Header: header,
		Body: encode(draftBody(draft, "", options.ApplicationID, options.AcceptWarnings)), Wait: waitVerify,
	}, &saved)
	return saved, err
}

// Update implements api.Service.
func (c *Client) Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	header := map[string]string{}
	if options.IfMatch != "" {
		header["If-Match"] = options.IfMatch
	}
	var saved paycor.Saved
	err := c.call(ctx, Request{
		Method: "PATCH", Path: credentialPath(id) + updateParameters(options), Header: header,
		Body: encode(patchBody(patch, options.AcceptWarnings)), Wait: waitVerify,
	}, &saved)
	return saved, err
}

func updateParameters(options paycor.UpdateOptions) string {
	switch {
	case !options.Force:
		return verifyParameter(options.SkipVerify)
	case options.SkipVerify:
		return "?verify=false&force=true"
	}
	return "?force=true"
}

func verifyParameter(verification bool) string {
	if verification {
		return "?verify=false"
	}
	return ""
}

// Delete implements api.Service.
func (c *Client) Delete(ctx context.Context, id, ifMatch string) error {
	header := map[string]string{}
	if ifMatch != "" {
		header["If-Match"] = ifMatch
	}
	return c.call(ctx, Request{Method: "DELETE", Path: credentialPath(id), Header: header}, nil)
}

// Verify implements api.Service.
func (c *Client) Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error) {
	return sendVerification(ctx, c, Request{Method: "POST", Path: credentialPath(id) + "/verify"}, progress)
}

// VerifyDraft implements api.Service.
func (c *Client) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	draft := draftBody(request.Draft, request.ID, request.ApplicationID, request.AcceptWarnings)
	draft.flag("skip_data_access", request.SkipDataAccess)
	body := encode(draft)
	return sendVerification(ctx, c, Request{Method: "POST", Path: apiPath + "/verify", Body: body}, progress)
}

// sendVerification reports the steps of a verification and returns its verdict.
func sendVerification(ctx context.Context, c *Client, request Request, progress paycor.Progress) (verdicts.Verdict, error) {
	last, err := c.follow(ctx, request, progress)
	if err != nil || last.Verdict == nil {
		return verdicts.Verdict{}, err
	}
	return *last.Verdict, nil
}

// History implements api.Service.
func (c *Client) History(ctx context.Context, id string) (audit.History, error) {
	var response audit.History
	err := c.call(ctx, Request{Method: "GET", Path: credentialPath(id) + "/history"}, &response)
	return response, err
}

// TryPeerEnvironment implements api.Service.
func (c *Client) TryPeerEnvironment(ctx context.Context, request paycor.VerifyRequest) (paycor.PeerAnswer, error) {
	var response paycor.PeerAnswer
	err := c.call(ctx, Request{
		Method: "POST", Path: apiPath + "/verify/counterpart", Wait: waitVerify,
		Body: encode(draftBody(request.Draft, request.ID, request.ApplicationID, request.AcceptWarnings)),
	}, &response)
	return response, err
}

// Duplicates implements api.Service.
func (c *Client) Duplicates(ctx context.Context, request paycor.DuplicateRequest) ([]paycor.Duplicate, error) {
	sent := draftBody(paycor.Draft{
		Name: request.Name, Environment: request.Environment, ClientID: request.ClientID, LegalEntityID: request.LegalEntityID,
	}, request.ID, "", false)
	var response struct{ Duplicates []paycor.Duplicate }
	err := c.call(ctx, Request{Method: "POST", Path: apiPath + "/duplicates", Body: encode(sent)}, &response)
	return response.Duplicates, err
}

// Share implements api.Service.
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
	err = c.call(ctx, Request{Method: "PUT", Path: credentialPath(id) + "/sharing", Header: header, Body: encoded}, &credential)
	return credential, err
}

// Usage implements api.Service.
func (c *Client) Usage(ctx context.Context, id string) (usage.Usage, error) {
	var usage usage.Usage
	err := c.call(ctx, Request{Method: "GET", Path: credentialPath(id) + "/usage"}, &usage)
	return usage, err
}
