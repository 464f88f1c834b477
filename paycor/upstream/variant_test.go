package upstream_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Responses that were not recorded but have the same structures, and responses
// of proxies and firewalls in between.
func TestVariantsOfARefusedToken(t *testing.T) {
	const rejected, unreachable, throttled, activation = verdicts.OutcomeRejected, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled, verdicts.OutcomeNeedsActivation
	key := want{rejected, "subscription_key_rejected", keyField, failsKey}
	missing := want{rejected, "subscription_key_missing", keyField, failsKey}
	inactive := want{rejected, "subscription_key_inactive", keyField, failsKey}
	client := want{rejected, "client_rejected", clientField, failsToken}
	noReason := want{rejected, "token_refused", clientField, failsToken}
	grant := want{activation, "grant_not_allowed", noField, failsToken}
	scopeNeeded := want{rejected, "scope_needed", scopeField, failsToken}
	outdated := want{rejected, "scope_outdated", scopeField, failsToken}
	blocked := want{unreachable, "blocked", noField, failsKey}
	page := want{unreachable, "html_page", noField, failsKey}
	fault := want{unreachable, "server_error", noField, failsToken}
	rate := want{throttled, "rate_limited", noField, failsToken}
	xml := []string{"Content-Type", "application/xml"}
	plain := []string{"Content-Type", "text/plain"}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   want
	}{
		// Azure API Management and other gateways.
		{"gateway, subscription suspended", says(401, `{"statusCode":401,"message":"Access denied due to suspended subscription."}`), inactive},
		{"gateway, subscription not active", says(403, `{"StatusCode":403,"Message":"The subscription is not active."}`), inactive},
		{"gateway, its whole usual sentence", says(401, `{"statusCode":401,"message":"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."}`), key},
		{"gateway, number as text", says(401, `{"StatusCode":"401","Message":"Access denied"}`), key},
		{"gateway, key not found", says(401, `{"message":"No API key found in request"}`), missing},
		{"gateway, key invalid by another's words", says(403, `{"message":"Invalid API Key"}`), key},
		{"gateway, a success that carries its refusal", says(200, `{"statusCode":401,"message":"Access denied due to invalid subscription key."}`), key},
		{"gateway, a success that carries its limit", says(200, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 5 seconds."}`), rate},
		{"gateway, quota as text", says(403, `Out of call volume quota. Quota will be replenished in 01:00:00.`, plain...),
			want{throttled, "quota", noField, failsKey}},

		// Token errors of other servers.
		{"token, IdentityServer's", says(400, `{"error":"invalid_client"}`, "Cache-Control", "no-store"), client},
		{"token, access_denied", says(400, `{"error":"access_denied"}`), noReason},
		{"token, slow_down", says(400, `{"error":"slow_down"}`), rate},
		{"token, SOAP", says(500, `<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultstring>boom</faultstring></s:Fault></s:Body></s:Envelope>`, xml...),
			want{unreachable, "server_error", noField, failsKey}},
		{"token, errors in a list", says(400, `{"errors":[{"code":"InvalidClient","detail":"x"}]}`), client},
		{"token, ASP.NET's validation", says(400, `{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"scope":["The scope field is required."]},"traceId":"00-1-2-00"}`, "Content-Type", "application/problem+json"), scopeNeeded},
		{"token, a problem whose type has the code", says(400, `{"type":"https://example.com/errors/unauthorized_client","title":"Bad Request","status":400}`), grant},
		{"token, ASP.NET of old", says(401, `{"Message":"Authorization has been denied for this request."}`), client},
		{"token, PascalCase", says(400, `{"Error":"invalid_client","ErrorDescription":"no"}`), client},
		{"token, a success that carries an error object", says(200, `{"error":{"code":"invalid_client","message":"no"}}`), client},
		{"token, a success that carries Paycor's error", says(200, `{"CorrelationId":"9b1f","Title":"Bad Request","Detail":"Client secret mismatch","Source":"STS"}`), client},
		{"token, a success that says it is none", says(200, `{"success":false,"message":"unauthorized_client"}`), grant},
		{"scope, of an older version", says(400, `{"error":"invalid_scope","error_description":"Scope belongs to a superseded version."}`), outdated},
		{"token, a fault inside a success", says(200, `{"status":503,"title":"Service Unavailable","detail":"later"}`), want{unreachable, "server_error", noField, failsToken}},
		{"token, 500 as OAuth", says(500, `{"error":"server_error"}`), fault},

		// Encodings.
		{"gzip as announced", says(400, gzipped(`{"error":"unauthorized_client"}`), "Content-Encoding", "gzip"), grant},
		{"JSON called XML", says(400, `{"error":"unauthorized_client"}`, xml...), grant},
		{"gzip that is none", says(200, `{"access_token":"a"}`, "Content-Encoding", "gzip"), want{unreachable, "not_json", noField, failsKey}},

		// Proxies, firewalls and guest networks in between.
		{"proxy, 407 with a page", says(407, `<html>Sign in</html>`, "Proxy-Authenticate", "Basic"), blocked},
		{"proxy, by its headers", says(403, `denied`, "Content-Type", "text/plain", "X-Squid-Error", "ERR_ACCESS_DENIED 0"), blocked},
		{"proxy, by its name", says(403, `{"reason":"category"}`, "Server", "Zscaler/6.2"), blocked},
		{"proxy, a Windows sign-in", says(401, ``, "WWW-Authenticate", "NTLM"), blocked},
		{"firewall, by what it talks of", says(403, `{"title":"Forbidden","detail":"Client IP address is not allowed.","correlationId":"9b1f"}`),
			want{unreachable, "blocked", noField, failsToken}},
		{"firewall, text about a client", says(403, `Client 10.1.2.3: access denied`, plain...), want{rejected, "token_refused", clientField, failsToken}},
		{"page, with a comment and a declaration before it", says(403, "<?xml version=\"1.0\"?>\n<!-- served by x -->\n<!DOCTYPE html PUBLIC \"x\"><html></html>"), page},
		{"page, 401", says(401, `<html><title>401</title></html>`, "Content-Type", "text/html"), page},
		{"page, of a login as a success", says(200, `<!-- login --><form action="/login">`, "Content-Type", "text/html"),
			want{unreachable, "captive_portal", noField, failsKey}},
		{"XML as a success", says(200, `<token>abc</token>`, xml...), want{unreachable, "not_json", noField, failsKey}},
		{"plain http at an https address", says(400, `Client sent an HTTP request to an HTTPS server.`, plain...),
			want{unreachable, "route_unknown", noField, failsKey}},
		{"redirect to a sign-in, with a page", says(302, `<html>Moved</html>`, "Location", "https://login.example/"), want{unreachable, "redirect", noField, failsKey}},
		{"an absurd wait", says(429, ``, "Retry-After", "99999999999999999999"), rate},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scripted()
			s.token = c.answer
			a := newVerifier(upstream.Config{})
			verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			c.want.steps = states(verdict.Steps)
			c.want.check(t, verdict)
			assert.Equal(t, c.want.code.Verdict().Message, verdict.Message)
		})
	}
}

func TestVariantsOfARefusedCall(t *testing.T) {
	holds, alive := scripted().list, scripted().entity
	for _, c := range []struct {
		name         string
		list, entity http.HandlerFunc
		code         verdicts.Code
	}{
		{"list, Paycor's pages of records", says(200, `{"hasMoreResults":false,"records":[{"legalEntityId":501123}]}`), alive, verdicts.CodeVerified},
		{"list, a success that carries a refused key", says(200, `{"statusCode":401,"message":"Access denied due to invalid subscription key."}`), alive, verdicts.CodeKeyRejected},
		{"list, a success that carries a limit", says(200, `{"statusCode":429,"message":"Rate limit is exceeded."}`), alive, verdicts.CodeRateLimited},
		{"list, a missing right with 401", says(401, ``, "WWW-Authenticate", `Bearer error="insufficient_scope"`), alive, verdicts.CodeVerified},
		{"list, a firewall with 403", says(403, `{"message":"Blocked by firewall rule 7"}`), alive, verdicts.CodeBlocked},
		{"list, a proxy with 407", says(407, ``), alive, verdicts.CodeBlocked},
		{"list, a page called JSON", says(200, `<html></html>`), alive, verdicts.CodeCaptivePortal},
		{"list, XML", says(200, `<list/>`), alive, verdicts.CodeNotJSON},
		{"entity, left as a number", holds, says(200, `{"id":501123,"isLost":1}`), verdicts.CodeEntityLeft},
		{"entity, left in capitals", holds, says(200, `{"Id":501123,"IsLost":"True"}`), verdicts.CodeEntityLeft},
		{"entity, a success that says not found", holds, says(200, `{"status":404,"title":"Not Found","detail":"no","correlationId":"9b1f"}`), verdicts.CodeEntityNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scripted()
			s.list, s.entity = c.list, c.entity
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.Equal(t, c.code, verdict.Code, verdict.Detail)
		})
	}
}

// A proxy that blocks the connection is neither Paycor's fault nor that of the
// values.
func TestAProxyThatDoesNotLetThrough(t *testing.T) {
	for status, code := range map[int]verdicts.Code{
		403: verdicts.CodeBlocked, 407: verdicts.CodeBlocked, 502: verdicts.CodeRefused, 504: verdicts.CodeTimeout,
	} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(proxy.Close)
		address, err := url.Parse(proxy.URL)
		require.NoError(t, err)
		transport := upstream.NewTransport(nil)
		transport.Proxy = http.ProxyURL(address)
		verdict := newVerifier(upstream.Config{Transport: transport}).verify(t, upstream.VerifyRequest{Environment: environment("https://apis.example.invalid"), Draft: sampleDraft()})
		assert.Equal(t, code, verdict.Code, status)
		assert.Empty(t, verdict.Fields)
	}
}

func TestEntitiesThatHaveLeftAreNotOfferedAgain(t *testing.T) {
	verdict, _, _ := scenario{app: paycortest.SummitDental}.play(t)
	assert.Equal(t, verdicts.CodeEntityLeft, verdict.Code)
	assert.Empty(t, verdict.Entities)
	verdict, _, _ = scenario{app: paycortest.SummitDental, draft: func(d *paycor.Draft) { d.LegalEntityID = "" }}.play(t)
	assert.Equal(t, verdicts.CodeEntityLeft, verdict.Code, "there is nothing to choose")
	assert.Empty(t, verdict.Entities)
}

func TestDataAccess(t *testing.T) {
	known := func(t *testing.T, arrange func(*paycortest.Server, *paycortest.Application)) (map[string]verdicts.Readable, map[verdicts.DataGroup]verdicts.Readable, verdicts.Verdict, *paycortest.Server) {
		t.Helper()
		server := paycortest.Start(t, paycortest.Config{})
		app := server.Lookup(paycortest.SunriseBakery)
		arrange(server, app)
		verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(server.URL), Draft: draftOf(app.Details()), DataAccess: true})
		require.Equal(t, verdicts.CodeVerified, verdict.Code, "whatever can be read")
		require.NotNil(t, verdict.DataAccess)
		lists, groups := map[string]verdicts.Readable{}, map[verdicts.DataGroup]verdicts.Readable{}
		for _, group := range verdict.DataAccess.Groups {
			groups[group.Group] = group.Readable
			for _, datum := range group.Data {
				lists[datum.Name] = datum.Readable
			}
		}
		require.Len(t, lists, len(verdicts.ListNames()))
		return lists, groups, verdict, server
	}
	t.Run("everything", func(t *testing.T) {
		lists, _, verdict, server := known(t, func(*paycortest.Server, *paycortest.Application) {})
		for name, readable := range lists {
			assert.Equal(t, verdicts.ReadableYes, readable, name) // pay_data is empty, which Paycor reports with a 400
		}
		assert.Equal(t, message.New("step.note.readable", 10, 10), verdict.Steps[5].Note)
		assert.Equal(t, 3+len(verdicts.ListNames()), server.Counts().Requests, "one cheap call each")
	})
	for right, name := range map[paycortest.Right]string{
		paycortest.ViewEmployees: "employees", paycortest.ViewPersons: "persons", paycortest.ViewDepartments: "departments",
		paycortest.ViewJobTitles: "job_titles", paycortest.ViewWorkLocations: "work_locations", paycortest.ViewPayGroups: "pay_groups",
		paycortest.ViewPayData: "pay_data", paycortest.ViewEarnings: "earnings", paycortest.ViewTimeOffTypes: "time_off_types", paycortest.ViewTimeOff: "time_off_accruals",
	} {
		t.Run("without "+string(right), func(t *testing.T) {
			lists, _, _, _ := known(t, func(_ *paycortest.Server, app *paycortest.Application) {
				app.AddFault(paycortest.Fault{Kind: paycortest.RightMissing, Right: right})
			})
			for list, readable := range lists {
				assert.Equal(t, map[bool]verdicts.Readable{true: verdicts.ReadableNo, false: verdicts.ReadableYes}[list == name], readable, list)
			}
		})
	}
	t.Run("a group is readable where some of it is", func(t *testing.T) {
		_, groups, _, _ := known(t, func(_ *paycortest.Server, app *paycortest.Application) {
			app.Change(func(d *paycortest.Details) {
				d.Scopes[0].Rights = []paycortest.Right{paycortest.ViewLegalEntity, paycortest.ViewPayGroups}
			})
		})
		assert.Equal(t, map[verdicts.DataGroup]verdicts.Readable{
			verdicts.GroupEmployees: verdicts.ReadableNo, verdicts.GroupOrganization: verdicts.ReadableNo,
			verdicts.GroupPayroll: verdicts.ReadableYes, verdicts.GroupTime: verdicts.ReadableNo,
		}, groups)
	})
	t.Run("a limit ends the asking and rejects nothing", func(t *testing.T) {
		server := paycortest.Start(t, paycortest.Config{RatePerMinute: 5})
		app := server.Lookup(paycortest.SunriseBakery)
		verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(server.URL), Draft: draftOf(app.Details()), DataAccess: true})
		assert.Equal(t, verdicts.CodeVerified, verdict.Code)
		assert.Equal(t, verdicts.StepWarned, verdict.Steps[5].State)
		assert.Less(t, server.Counts().Requests, 3+len(verdicts.ListNames()))
	})
	t.Run("pages and faults could not be checked", func(t *testing.T) {
		for _, answer := range []http.HandlerFunc{says(200, `<html></html>`), says(500, ``), says(404, `{"statusCode":404,"message":"Resource not found"}`), says(401, ``), says(200, ``)} {
			client := upstream.New(upstream.Config{RetryPause: -1})
			access := client.DataAccess(t.Context(), upstream.Call{Environment: environment(script{entity: answer}.start(t)), Token: paycor.NewSecret("a.b.c")}, 501123)
			for _, group := range access.Groups {
				assert.Equal(t, verdicts.ReadableUnknown, group.Readable)
			}
		}
	})
}

// Personal data in a token is redacted at any depth, even in a token that
// appears only in the response.
func TestNobodyIsNamed(t *testing.T) {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	token := part(`{"alg":"RS256"}`) + "." + part(`{"act":{"profile":{"display_name":"Élodie Vargas-Quintero","email":"elodie.quintero@people.invalid"}},`+
		`"client_ip":"203.0.113.77","paycor_clients":{"C":[{"ClientName":"Quiet Harbour"}]}}`) + "." + part("an invented signature of some length")
	for name, told := range map[string]string{
		"whole": "Élodie Vargas-Quintero", "by the word": "user Quintero", "in capitals": "ÉLODIE", "as an address": "elodie.quintero@people.invalid", "by the network": "203.0.113.77",
	} {
		t.Run(name, func(t *testing.T) {
			s := scripted()
			s.token = says(200, `{"access_token":"`+token+`"}`)
			s.list = says(500, `{"title":"Failed","detail":"Not for `+told+` of Quiet Harbour","correlationId":"9b1f"}`)
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.NotContains(t, verdict.Detail, told)
			assert.NotEmpty(t, verdict.Detail)

			s.token = says(400, `{"error":"invalid_client","error_description":"`+token+` is of `+told+`"}`)
			verdict = newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.NotContains(t, verdict.Detail, told)
			assert.NotContains(t, verdict.Detail, token[:40])
		})
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}
