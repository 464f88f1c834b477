package client_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/client"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// exchange is a Fetch that records the request and returns a canned response.
type exchange struct {
	request client.Request
	body    string
	status  int
	kind    string
	answer  string
	err     error
}

func (e *exchange) fetch(_ context.Context, request client.Request) (client.Response, error) {
	e.request, e.body = request, string(request.Body)
	if e.err != nil {
		return client.Response{}, e.err
	}
	status, kind := e.status, e.kind
	if status == 0 {
		status = 200
	}
	if kind == "" {
		kind = "application/json"
	}
	return client.Response{Status: status, Type: kind, Body: iotest.OneByteReader(strings.NewReader(e.answer))}, nil
}

func draft() paycor.Draft {
	return paycor.Draft{
		Name: "One", Environment: "sandbox", Grant: paycor.GrantClientCredentials, ClientID: "0123456789abcdef0123",
		ClientSecret: paycor.NewSecret(`inv"ented\secret`), SubscriptionKey: paycor.NewSecret("00112233"), LegalEntityID: "654321",
	}
}

func TestCreateSendsSecretsAndWipesThem(t *testing.T) {
	e := &exchange{status: 201, answer: `{"id":"id1","name":"One","version":3,"warnings":[{"field":"client_id","code":"unusual_shape","message":"m"}]}`}
	saved, err := client.New(e.fetch).Create(t.Context(), draft(), paycor.CreateOptions{IdempotencyKey: "k1", SkipVerify: true, AcceptWarnings: true})
	require.NoError(t, err)
	assert.Equal(t, "id1", saved.ID)
	assert.Len(t, saved.Warnings, 1)

	assert.Equal(t, "POST", e.request.Method)
	assert.Equal(t, "/api/v1/credentials?verify=false", e.request.Path)
	assert.Equal(t, "k1", e.request.Header["Idempotency-Key"])
	var sent map[string]any
	require.NoError(t, json.Unmarshal([]byte(e.body), &sent))
	assert.Equal(t, map[string]any{
		"accept_warnings": true, "name": "One", "environment": "sandbox", "grant": "client_credentials", "client_id": "0123456789abcdef0123",
		"client_secret": `inv"ented\secret`, "subscription_key": "00112233", "legal_entity_id": 654321.0,
	}, sent)
	assert.Empty(t, strings.Trim(string(e.request.Body), "\x00"), "the bytes are wiped once sent")
}

func TestUpdateSendsOnlyWhatIsInThePatch(t *testing.T) {
	e := &exchange{answer: `{"id":"a/b"}`}
	empty, secret := "", paycor.NewSecret("new")
	_, err := client.New(e.fetch).Update(t.Context(), "a/b", paycor.Patch{Description: &empty, ClientSecret: &secret}, paycor.UpdateOptions{IfMatch: `"7"`})
	require.NoError(t, err)
	assert.Equal(t, "PATCH", e.request.Method)
	assert.Equal(t, "/api/v1/credentials/a%2Fb", e.request.Path)
	assert.Equal(t, `"7"`, e.request.Header["If-Match"])
	assert.JSONEq(t, `{"description":"","client_secret":"new"}`, e.body)
}

func TestListAsksInTheAddress(t *testing.T) {
	e := &exchange{answer: `{"credentials":[{"id":"id1"}],"next_cursor":"n","total":9}`}
	page, err := client.New(e.fetch).Credentials(t.Context(), paycor.Query{Search: "a&b", Cursor: "c", Limit: 100})
	require.NoError(t, err)
	assert.Equal(t, "/api/v1/credentials?cursor=c&limit=100&q=a%26b", e.request.Path)
	assert.Equal(t, "n", page.Next)
	assert.Equal(t, 9, page.Total)
}

func TestVerifyReadsTheStream(t *testing.T) {
	e := &exchange{kind: "application/x-ndjson", answer: `{"step":{"name":"key","state":"running"}}` + "\n" +
		`{"step":{"name":"key","state":"passed"}}` + "\n" + `{"verdict":{"outcome":"verified"}}` + "\n"}
	var steps []verdicts.Step
	verdict, err := client.New(e.fetch).VerifyDraft(t.Context(), paycor.VerifyRequest{ID: "id1", Draft: draft()}, func(s verdicts.Step) { steps = append(steps, s) })
	require.NoError(t, err)
	assert.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)
	assert.Len(t, steps, 2)
	assert.Contains(t, e.request.Header["Accept"], "application/x-ndjson")
	assert.Contains(t, e.body, `"id":"id1"`)
}

func TestErrorsHaveTexts(t *testing.T) {
	cases := map[string]struct {
		exchange exchange
		kind     paycor.Kind
		words    string
	}{
		"field problems":      {exchange{status: 422, kind: "application/problem+json", answer: `{"code":"invalid","detail":"Look at the fields.","errors":[{"field":"name","code":"required","message":"m"}]}`}, paycor.KindInvalid, "Look at the fields."},
		"session ended":       {exchange{status: 401, kind: "application/problem+json", answer: `{"code":"unauthorized","detail":"x"}`}, paycor.KindUnauthorized, say("fail.session")},
		"server's trouble":    {exchange{status: 500, kind: "application/problem+json", answer: `{"title":"Internal","request_id":"R7"}`}, "", "R7"},
		"not from our server": {exchange{status: 502, kind: "text/html", answer: `<h1>Bad gateway</h1>`}, "", say("fail.server")},
		"no JSON":             {exchange{answer: `<html>`}, "", say("fail.unreadable")},
		"cut short":           {exchange{answer: `{"id":`}, paycor.KindUnavailable, say("fail.offline")},
		"problem in a stream": {exchange{kind: "application/x-ndjson", answer: `{"problem":{"status":404,"code":"not_found","detail":"Gone."}}`}, paycor.KindNotFound, "Gone."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := client.New(c.exchange.fetch).Verify(t.Context(), "id1", nil)
			require.Error(t, err)
			assert.Equal(t, c.kind, paycor.KindOf(err))
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			assert.Contains(t, known.Message.In(locale.English), c.words)
			assert.NotContains(t, known.Message.In(locale.English), "%!")
		})
	}
}

func TestCancelingIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := &exchange{err: context.Canceled}
	_, err := client.New(e.fetch).Verify(ctx, "id1", nil)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestTimeoutNamesItsSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := func(ctx context.Context, _ client.Request) (client.Response, error) {
			<-ctx.Done()
			return client.Response{}, ctx.Err()
		}
		_, err := client.New(never).Credential(t.Context(), "id1")
		var known *paycor.Error
		require.ErrorAs(t, err, &known)
		assert.Equal(t, paycor.KindUnavailable, known.Kind)
		assert.Contains(t, known.Message.In(locale.English), say("fail.timeout", 30))
	})
}

func say(key string, args ...any) string { return locale.English.Text(key, args...) }
