package upstream_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Responses are classified by structure: none of these wordings has been seen
// before.
func TestUnknownWordingsLandRight(t *testing.T) {
	const rejected, unreachable, throttled, activation = verdicts.OutcomeRejected, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled, verdicts.OutcomeNeedsActivation
	challenge := []string{"WWW-Authenticate", `AzureApiManagementKey realm="https://x",name="K",type="header"`}
	key := want{rejected, "subscription_key_rejected", keyField, failsKey}
	inactive := want{rejected, "subscription_key_inactive", keyField, failsKey}
	blocked := want{unreachable, "blocked", noField, failsKey}
	client := want{rejected, "client_rejected", clientField, failsToken}
	noReason := want{rejected, "token_refused", clientField, failsToken}
	grant := want{activation, "grant_not_allowed", noField, failsToken}
	scopeNeeded := want{rejected, "scope_needed", scopeField, failsToken}
	rate := want{throttled, "rate_limited", noField, failsToken}
	quota := want{throttled, "quota", noField, failsToken}
	fault := want{unreachable, "server_error", noField, failsKey}
	route := want{unreachable, "route_unknown", noField, failsKey}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   want
	}{
		{"key, by the challenge alone", says(401, ``, challenge...), key},
		{"key, by the challenge under other words", says(401, `{"statusCode":401,"message":"Nope."}`, challenge...), key},
		{"key, by the challenge under a page", says(401, `<html></html>`, challenge...), key},
		{"key, by the words without a challenge", says(401, `{"statusCode":401,"message":"Your subscription key was not good."}`), key},
		{"key, by the gateway's shape alone", says(401, `{"statusCode":401,"message":"Zutritt verweigert"}`), key},
		{"key, in text", says(401, `Access denied due to invalid subscription key.`, "Content-Type", "text/plain"), key},
		{"key inactive, with 403", says(403, `{"statusCode":403,"message":"The subscription key is inactive"}`), inactive},
		{"key missing or invalid, when one was sent", says(401, `{"statusCode":401,"message":"Access denied due to missing or invalid subscription key."}`), key},
		{"key missing, in header and query", says(401, `{"statusCode":401,"message":"Access denied due to missing subscription key."}`, challenge...),
			want{rejected, "subscription_key_missing", keyField, failsKey}},

		{"client, RFC 6749", says(400, `{"error":"invalid_client"}`), client},
		{"client, RFC 6749 with 401", says(401, `{"error":"invalid_client"}`, "WWW-Authenticate", "Basic"), client},
		{"client, in a success", says(200, `{"error":"invalid_client"}`), client},
		{"client, in camelCase", says(400, `{"errorCode":"InvalidClient","reason":"x"}`), client},
		{"client, Paycor's words", says(400, `{"CorrelationId":"9b1f","Title":"Bad Request","Detail":"The client secret does not match.","Source":"STS"}`), client},
		{"client, a problem", says(401, `{"type":"about:blank","title":"Unauthorized","status":401}`, "Content-Type", "application/problem+json"), client},
		{"client, the gateway's shape", says(401, `{"statusCode":401,"message":"invalid_client: no"}`), client},
		{"client, nested", says(400, `{"error":{"code":"InvalidClient","message":"no"}}`), client},
		{"client, in a list", says(400, `[{"code":"invalid_client"}]`), client},
		{"client, text", says(400, `invalid_client: Client authentication failed.`, "Content-Type", "text/plain"), client},
		{"client, JSON text", says(400, `"invalid client"`), client},
		{"client, an empty 401", says(401, ``), client},
		{"client, 401 in another language", says(401, `{"title":"Nicht erlaubt","detail":"Zugang verweigert","correlationId":"9b1f"}`), client},
		{"client, behind a byte order mark", says(400, "\ufeff{\"error\":\"invalid_client\"}"), client},
		{"client, called HTML", says(400, `{"error":"invalid_client"}`, "Content-Type", "text/html"), client},
		{"no reason, an empty 400", says(400, ``), noReason},
		{"no reason, an empty 403", says(403, ``), noReason},
		{"no reason, another language", says(400, `{"title":"Fehler","detail":"Das ging nicht","correlationId":"9b1f"}`), noReason},
		{"no reason, invalid_request", says(400, `{"error":"invalid_request"}`), noReason},
		{"no reason, an empty object", says(400, `{}`), noReason},

		{"grant, unauthorized_client", says(400, `{"error":"unauthorized_client","error_description":"client"}`), grant},
		{"grant, with 401", says(401, `{"error":"unauthorized_client"}`), grant},
		{"grant, with 403", says(403, `{"Title":"Forbidden","Detail":"Grant type is not enabled for this client.","CorrelationId":"9b1f"}`), grant},
		{"grant, unsupported", says(400, `{"error":"unsupported_grant_type"}`), grant},
		{"grant, named only", says(400, `{"message":"client_credentials is disabled"}`), grant},
		{"grant, not activated", says(400, `The application was not activated.`, "Content-Type", "text/plain"), grant},
		{"scope", says(400, `{"error":"invalid_scope"}`), scopeNeeded},
		{"scope, Paycor's words", says(400, `{"title":"Bad Request","detail":"A scope is required.","correlationId":"9b1f"}`), scopeNeeded},

		{"rate, without a word", says(429, ``), want{throttled, "rate_limited", noField, failsToken}},
		{"rate, a page", says(429, `<html></html>`), want{throttled, "rate_limited", noField, failsKey}},
		{"rate, Paycor's words", says(429, `{"title":"Slow down","detail":"Too many","correlationId":"9b1f"}`), rate},
		{"quota, by Retry-After alone", says(403, `{"statusCode":403,"message":"Genug."}`, "Retry-After", "60"), quota},
		{"quota, without Retry-After", says(403, `{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in 01:00:00."}`), quota},
		{"quota, with 429", says(429, `{"statusCode":429,"message":"quota exceeded"}`), quota},
		{"fault, without a word", says(500, ``), fault},
		{"fault, text", says(502, `Bad Gateway`, "Content-Type", "text/plain"), fault},
		{"fault, that talks of the client", says(500, `{"error":"invalid_client"}`),
			want{unreachable, "server_error", noField, failsToken}},
		{"fault, RFC 6749", says(400, `{"error":"temporarily_unavailable"}`), want{unreachable, "server_error", noField, failsToken}},
		{"in between, 504", says(504, ``), want{unreachable, "timeout", noField, failsKey}},
		{"in between, a page called JSON", says(401, `<!DOCTYPE html><title>Sign in</title>`), want{unreachable, "html_page", noField, failsKey}},
		{"in between, a network's sign-in", says(511, `{}`), want{unreachable, "captive_portal", noField, failsKey}},
		{"in between, a proxy's sign-in", says(407, ``), blocked},
		{"in between, a page as a success", says(200, "\n <HTML><body>Welcome"), want{unreachable, "captive_portal", noField, failsKey}},
		{"in between, a redirect without an address", says(302, ``), want{unreachable, "redirect", noField, failsToken}},
		{"no route", says(404, `{"statusCode":404,"message":"Resource not found"}`), route},
		{"no route, text", says(404, `404 page not found`, "Content-Type", "text/plain"), want{unreachable, "route_unknown", noField, failsKey}},

		{"success, empty", says(200, ``), want{unreachable, "empty", noField, failsKey}},
		{"success, 204", says(204, ``), want{unreachable, "empty", noField, failsKey}},
		{"success, no JSON", says(200, `OK`), want{unreachable, "not_json", noField, failsKey}},
		{"success, cut", says(200, `{"access_token":"aaaa`), want{unreachable, "truncated", noField, failsKey}},
		{"success, broken at the end", says(200, `{"access_token":"a",}`), want{unreachable, "not_json", noField, failsKey}},
		{"success, no token", says(200, `{"token_type":"Bearer"}`), want{unreachable, "unexpected", noField, failsToken}},
		{"success, a list", says(200, `[]`), want{unreachable, "unexpected", noField, failsKey}},
		{"success, null", says(200, `null`), want{unreachable, "unexpected", noField, failsKey}},
		{"success, another kind of token", says(200, `{"access_token":"a","token_type":"mac"}`), want{unreachable, "unexpected", noField, failsToken}},
		{"success, a token with a proof", says(200, `{"access_token":"a","token_type":"DPoP"}`), want{unreachable, "unexpected", noField, failsToken}},
		{"success, a token no header can hold", says(200, `{"access_token":"a\r\nb"}`), want{unreachable, "unexpected", noField, failsToken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scripted()
			s.token = c.answer
			a := newVerifier(upstream.Config{})
			c.want.check(t, a.verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()}))
		})
	}
}

// The list and the legal entity decide together, whatever their wording.
func TestListAndEntityTogether(t *testing.T) {
	const rejected, unreachable, throttled, verified = verdicts.OutcomeRejected, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled, verdicts.OutcomeVerified
	const listWarned, bothWarned = "passed passed passed warned passed", "passed passed passed warned failed"
	allGood := want{verified, "verified", noField, allPassed}
	holds, alive := scripted().list, scripted().entity
	lacks := says(200, `{"userLegalEntities":[{"legalEntityId":501124,"tenantId":678556}]}`)
	none := says(200, `{"userLegalEntities":[]}`)
	denied := says(403, `{"title":"Forbidden","detail":"no","correlationId":"9b1f"}`)
	notFound := says(404, `{"Title":"Not Found","Detail":"no","CorrelationId":"9b1f"}`)
	noData := says(400, `{"title":"Bad Request","detail":"Either Legal Entity ID 501123 is invalid or has no data.","correlationId":"9b1f"}`)
	noRoute := says(404, `{"statusCode":404,"message":"Resource not found"}`)
	other := says(200, `{"id":777,"name":"Somebody else"}`)
	for _, c := range []struct {
		name         string
		list, entity http.HandlerFunc
		want         want
	}{
		{"listed and alive", holds, alive, allGood},
		{"listed as text", says(200, `{"UserLegalEntities":[{"LegalEntityId":"501123","TenantId":"678556"}]}`), alive, allGood},
		{"listed in a bare list", says(200, `[{"legalEntityId":501123}]`), alive, allGood},
		{"listed, right missing", holds, denied, want{verified, "verified", noField, "passed passed passed passed warned"}},
		{"listed, an empty 403", holds, says(403, ``), want{verified, "verified", noField, "passed passed passed passed warned"}},
		{"listed, no data", holds, noData, want{verified, "verified", noField, "passed passed passed passed warned"}},
		{"listed, no such route", holds, noRoute, want{verified, "verified", noField, "passed passed passed passed warned"}},
		{"listed, not found", holds, notFound, want{rejected, "entity_not_found", entityField, failsEntity}},
		{"listed, about another one", holds, other, want{verified, "verified", noField, "passed passed passed passed warned"}},
		{"listed, left", holds, says(200, `{"id":501123,"IsLost":true}`), want{rejected, "entity_left", entityField, failsEntity}},
		{"listed, left as text", holds, says(200, `{"id":501123,"isLost":"true"}`), want{rejected, "entity_left", entityField, failsEntity}},
		{"listed, outage", holds, says(503, ``), want{unreachable, "server_error", noField, failsEntity}},
		{"listed, throttled", holds, says(429, ``), want{throttled, "rate_limited", noField, failsEntity}},
		{"listed, token refused", holds, says(401, ``), want{rejected, "token_not_accepted", noField, failsEntity}},
		{"not listed, alive", lacks, alive, allGood},
		{"nothing listed, alive", none, alive, allGood},
		{"not listed, denied", lacks, denied, want{rejected, "entity_not_activated", entityField, failsEntity}},
		{"nothing listed, denied", none, denied, want{rejected, "entity_not_activated", entityField, failsEntity}},
		{"not listed, not found", lacks, notFound, want{rejected, "entity_not_found", entityField, failsEntity}},
		{"not listed, 404 without a word", lacks, says(404, ``), want{rejected, "entity_not_found", entityField, failsEntity}},
		{"not listed, no data", lacks, noData, want{rejected, "entity_not_found", entityField, failsEntity}},
		{"not listed, no such route", lacks, noRoute, want{rejected, "entity_not_activated", entityField, failsEntity}},
		{"not listed, about another one", lacks, other, want{rejected, "entity_not_activated", entityField, failsEntity}},
		{"not listed, about nobody", lacks, says(200, `{"status":"ok"}`), want{rejected, "entity_not_activated", entityField, failsEntity}},
		{"listed, about nobody", holds, says(200, `{"status":"ok"}`), allGood},
		{"not listed, outage", lacks, says(500, ``), want{unreachable, "server_error", noField, failsEntity}},
		{"list denied, alive", denied, alive, want{verified, "verified", noField, listWarned}},
		{"list denied, denied", denied, denied, want{rejected, "application_refused", noField, failsList}},
		{"list denied, not found", denied, notFound, want{rejected, "entity_not_found", entityField, bothWarned}},
		{"no list, alive", noRoute, alive, want{verified, "verified", noField, listWarned}},
		{"list without data, alive", noData, alive, want{verified, "verified", noField, listWarned}},
		{"list of nothing, alive", says(204, ``), alive, want{verified, "verified", noField, listWarned}},
		{"list of another form, alive", says(200, `{"rows":[]}`), alive, want{verified, "verified", noField, listWarned}},
		{"no list, denied", notFound, denied, want{rejected, "right_missing", noField, bothWarned}},
		{"no list, not found", notFound, notFound, want{rejected, "entity_not_found", entityField, bothWarned}},
		{"no list, no such route", noRoute, noRoute, want{unreachable, "route_unknown", noField, bothWarned}},
		{"list with a bad token", says(401, `{"statusCode":401,"message":"Unauthorized. Access token is missing or invalid."}`), alive,
			want{rejected, "token_not_accepted", noField, failsList}},
		{"list with a bad token, challenged", says(401, `{}`, "WWW-Authenticate", `Bearer error="invalid_token"`), alive,
			want{rejected, "token_not_accepted", noField, failsList}},
		{"list with a bad key, unchallenged", says(401, `{"statusCode":401,"message":"Access denied."}`), alive,
			want{rejected, "subscription_key_rejected", keyField, failsList}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scripted()
			s.list, s.entity = c.list, c.entity
			a := newVerifier(upstream.Config{})
			c.want.check(t, a.verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()}))
		})
	}
}

func TestVerdictOffersABoundedList(t *testing.T) {
	rows := make([]map[string]int, 500)
	for i := range rows {
		rows[i] = map[string]int{"legalEntityId": 500_700 + i}
	}
	s := scripted()
	s.list = says(200, asJSON(t, map[string]any{"userLegalEntities": rows}))
	verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Len(t, verdict.Entities, 200)
	assert.Equal(t, verdicts.LegalEntity{ID: 501123, TenantID: 678556, Name: "Sunrise Bakery LLC"}, verdict.Entities[199])
}
