package client_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

func TestActivationRequests(t *testing.T) {
	e := &exchange{answer: `{"start_url":"http://localhost/activation/start/h","redirect_uri":"http://localhost/activation/callback"}`}
	begun, err := client.New(e.fetch).StartActivation(t.Context(), "a/b", "")
	require.NoError(t, err)
	assert.Equal(t, "POST /api/v1/credentials/a%2Fb/activation", e.request.Method+" "+e.request.Path)
	assert.Equal(t, "http://localhost/activation/start/h", begun.StartURL)

	e = &exchange{answer: `{"id":"a","state":"verified","has_refresh_token":true}`}
	credential, err := client.New(e.fetch).Activate(t.Context(), "a", paycor.ActivationAnswer{
		Code: paycor.NewSecret("c"), CodeVerifier: paycor.NewSecret("v"), RedirectURI: "http://localhost/x",
	}, nil)
	require.NoError(t, err)
	assert.True(t, credential.HasRefreshToken)
	assert.Equal(t, "POST /api/v1/credentials/a/activation/code", e.request.Method+" "+e.request.Path)
	assert.JSONEq(t, `{"code":"c","code_verifier":"v","redirect_uri":"http://localhost/x"}`, e.body)
	assert.Equal(t, bytes.Repeat([]byte{0}, len(e.body)), e.request.Body, "and it is wiped")
}

func TestARefusedActivationCarriesItsVerdict(t *testing.T) {
	e := &exchange{status: 422, kind: "application/problem+json",
		answer: `{"status":422,"detail":"Refused.","code":"activation","verdict":{"outcome":"needs_activation","code":"code_expired","message":"Too old.","remedy":"Start again."}}`}
	_, err := client.New(e.fetch).Activate(t.Context(), "id1", paycor.ActivationAnswer{RefreshToken: paycor.NewSecret("refresh-1")}, nil)
	var known *paycor.Error
	require.ErrorAs(t, err, &known)
	require.NotNil(t, known.Verdict)
	assert.Equal(t, verdicts.CodeCodeExpired, known.Verdict.Code)
	assert.Equal(t, message.Text("Start again."), known.Verdict.Remedy)
}

func TestActivationLinks(t *testing.T) {
	e := &exchange{status: 201, answer: `{"id":"l","state":"open","sign_in":false,"url":"http://localhost/activation/links/c"}`}
	link, err := client.New(e.fetch).CreateActivationLink(t.Context(), "a/b")
	require.NoError(t, err)
	assert.Equal(t, "POST", e.request.Method)
	assert.Equal(t, "/api/v1/credentials/a%2Fb/activation/links", e.request.Path)
	assert.Equal(t, "http://localhost/activation/links/c", link.URL)

	e = &exchange{answer: `{"links":[{"id":"l","state":"revoked"}],"unreadable":2}`}
	links, err := client.New(e.fetch).ActivationLinks(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, activation.LinkList{Links: []activation.Link{{ID: "l", State: activation.LinkRevoked}}, Unreadable: 2}, links)

	e = &exchange{status: 204}
	require.NoError(t, client.New(e.fetch).RevokeActivationLink(t.Context(), "a", "l/m"))
	assert.Equal(t, "DELETE", e.request.Method)
	assert.Equal(t, "/api/v1/credentials/a/activation/links/l%2Fm", e.request.Path)
}
