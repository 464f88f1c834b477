package upstream_test

import (
	"errors"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a person reads, letter for letter.
const (
	saysVerified      = "Paycor accepts this credential."
	saysKey           = "Paycor's gateway refuses the APIM Subscription Key: it is mistyped, its subscription is inactive, or it belongs to the other environment."
	saysInactive      = "Paycor's gateway says that the subscription of this APIM Subscription Key is not active."
	saysBlocked       = "A proxy or firewall between this machine and Paycor turned the request away."
	saysOutdated      = "This Scope ID belongs to an older version of the application: each saved change of Data Access makes a new one."
	saysKeyMissing    = "Paycor's gateway says that no APIM Subscription Key came with the request."
	saysClient        = "Paycor does not accept the Client ID together with the Client Secret."
	saysNoReason      = "Paycor gave no token and did not say why; most often the Client ID or the Client Secret is wrong."
	saysGrant         = "Paycor gives this application a token only after somebody has activated it."
	saysActivation    = "This credential works by activation, and nobody has activated it yet."
	saysScope         = "Paycor does not know this Scope ID for the application."
	saysScopeNeeded   = "Paycor gives this application a token only for a Scope ID, and none was entered."
	saysToken         = "Paycor gave a token and then did not accept it."
	saysNotActivated  = "The keys work, but they do not cover this Legal Entity ID."
	saysNotFound      = "The keys work, but Paycor knows no legal entity with this ID that could be used."
	saysLeft          = "The keys work, but this legal entity has left Paycor."
	saysEntityNeeded  = "The keys work; only the Legal Entity ID is still open."
	saysRight         = "The keys work, but the application has no right to read the legal entity."
	saysAppRefused    = "Paycor gave a token, but refuses every call of this application."
	saysQuota         = "The APIM Subscription Key has used up its quota of calls at Paycor."
	saysRate          = "Paycor takes no more calls with this APIM Subscription Key for a moment."
	saysDNS           = "The name of Paycor's server was not found in the network."
	saysTLS           = "No secure connection to Paycor came about: the certificate is not trusted or the two sides did not agree."
	saysRefused       = "No connection to Paycor could be opened."
	saysReset         = "The connection to Paycor broke off before an answer came."
	saysTimeout       = "Paycor did not answer in time."
	saysServerError   = "Paycor reports a fault of its own."
	saysHTML          = "A web page came back instead of Paycor's answer, most likely from a proxy or firewall in between."
	saysCaptive       = "A web page came back as if it were Paycor's answer, most likely the sign-in page of your network."
	saysRedirect      = "The request was sent on to another address instead of being answered."
	saysNotJSON       = "The answer could not be read: it is not in Paycor's form."
	saysTruncated     = "Only a part of Paycor's answer arrived."
	saysEmpty         = "An answer came, but there is nothing in it."
	saysRoute         = "The environment's address is not one where Paycor can be asked."
	saysNoEnvironment = "There is no usable address for this environment, so nothing was sent: it has to begin with https:// and name a server."
	saysUnexpected    = "Paycor's answer is none that this program understands."
	saysSwapped       = "A value looks as if it belonged into another field, so nothing was sent to Paycor."
)

var (
	noField     []fields.Field
	keyField    = []fields.Field{fields.SubscriptionKey}
	clientField = []fields.Field{fields.ClientID, fields.ClientSecret}
	scopeField  = []fields.Field{fields.Scope}
	entityField = []fields.Field{fields.LegalEntityID}
)

// The steps reached. An outage leaves the last one open instead of failed.
const (
	allPassed   = "passed passed passed passed passed"
	failsFormat = "failed skipped skipped skipped skipped"
	failsKey    = "passed failed skipped skipped skipped"
	failsToken  = "passed passed failed skipped skipped"
	failsList   = "passed passed passed failed skipped"
	failsEntity = "passed passed passed passed failed"
)

// want is what a scenario comes to.
type want struct {
	outcome verdicts.Outcome
	code    verdicts.Code
	fields  []fields.Field
	message string
	steps   string
}

func (w want) check(t *testing.T, verdict verdicts.Verdict) {
	t.Helper()
	names := w.fields
	if names == nil {
		names = []fields.Field{}
	}
	assert.Equal(t, w.outcome, verdict.Outcome)
	assert.Equal(t, w.code, verdict.Code)
	assert.Equal(t, names, verdict.Fields)
	assert.Equal(t, w.message, verdict.Message)
	steps := w.steps
	if !w.outcome.Conclusive() { // nothing that was entered is to blame
		steps = strings.ReplaceAll(steps, "failed", "open")
	}
	assert.Equal(t, steps, states(verdict.Steps))
}

// scenario is something that goes wrong at the simulator.
type scenario struct {
	name   string
	app    string // SunriseBakery when empty
	fault  paycortest.Fault
	change func(*paycortest.Details)
	draft  func(*paycor.Draft)
	want   want
}

func TestVerifyAgainstTheSimulator(t *testing.T) {
	at := func(kind paycortest.Kind, place paycortest.Place) paycortest.Fault {
		return paycortest.Fault{Kind: kind, Place: place}
	}
	rejected, unreachable, throttled := verdicts.OutcomeRejected, verdicts.OutcomeUnreachable, verdicts.OutcomeThrottled
	verified, activation := verdicts.OutcomeVerified, verdicts.OutcomeNeedsActivation
	otherID := func(d *paycor.Draft) { d.LegalEntityID = "502240" }
	scenarios := []scenario{
		{name: "all right", want: want{verified, "verified", noField, saysVerified, allPassed}},
		{name: "secondary key", draft: func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret("000000000000000000000000000000c1") },
			want: want{verified, "verified", noField, saysVerified, allPassed}},
		{name: "known scope", draft: func(d *paycor.Draft) { d.Scope = "000000000000000000000000000000d1" },
			want: want{verified, "verified", noField, saysVerified, allPassed}},
		{name: "right to read the name missing", app: paycortest.OldMillFoods,
			want: want{verified, "verified", noField, saysVerified, "passed passed passed passed warned"}},

		{name: "wrong key", draft: func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret("0000000000000000000000000000beef") },
			want: want{rejected, "subscription_key_rejected", keyField, saysKey, failsKey}},
		{name: "subscription inactive", change: func(d *paycortest.Details) { d.KeysInactive = true },
			want: want{rejected, "subscription_key_rejected", keyField, saysKey, failsKey}},
		{name: "key refused by the API only", fault: at(paycortest.InvalidKey, paycortest.AtAPI),
			want: want{rejected, "subscription_key_rejected", keyField, saysKey, failsList}},
		{name: "wrong client id", draft: func(d *paycor.Draft) { d.ClientID = "00000000000000000fff" },
			want: want{rejected, "client_rejected", clientField, saysClient, failsToken}},
		{name: "wrong client secret", draft: func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret("simulator/secret+of/nobody/at+all/00000001") },
			want: want{rejected, "client_rejected", clientField, saysClient, failsToken}},
		{name: "grant not allowed", app: paycortest.HarborLogistics,
			want: want{activation, "grant_not_allowed", noField, saysGrant, failsToken}},
		{name: "grant not supported", app: paycortest.HarborLogistics, change: func(d *paycortest.Details) { d.GrantRefusal = "unsupported_grant_type" },
			want: want{activation, "grant_not_allowed", noField, saysGrant, failsToken}},
		{name: "grant is activation", draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{activation, "activation_needed", noField, saysActivation, failsToken}},
		{name: "grant is activation, wrong key", draft: func(d *paycor.Draft) {
			d.Grant, d.SubscriptionKey = paycor.GrantAuthorizationCode, paycor.NewSecret("0000000000000000000000000000beef")
		}, want: want{rejected, "subscription_key_rejected", keyField, saysKey, failsKey}},
		{name: "grant is activation, rate limit", fault: at(paycortest.RateLimit, ""), draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{throttled, "rate_limited", noField, saysRate, failsToken}},
		{name: "grant is activation, Paycor hidden", fault: at(paycortest.CaptivePortal, ""), draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{unreachable, "captive_portal", noField, saysCaptive, failsKey}},
		{name: "unknown scope", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" },
			want: want{rejected, "scope_unknown", scopeField, saysScope, failsToken}},
		{name: "scope wanted", fault: at(paycortest.ScopeUnknown, ""),
			want: want{rejected, "scope_needed", scopeField, saysScopeNeeded, failsToken}},
		{name: "token not accepted", fault: at(paycortest.TokenNotAccepted, ""),
			want: want{rejected, "token_not_accepted", noField, saysToken, failsList}},
		{name: "token expired", fault: at(paycortest.TokenExpired, ""),
			want: want{rejected, "token_not_accepted", noField, saysToken, failsList}},

		{name: "entity not activated", draft: otherID,
			want: want{rejected, "entity_not_activated", entityField, saysNotActivated, failsEntity}},
		{name: "entity hidden from the list", fault: at(paycortest.EntityNotActivated, ""),
			want: want{rejected, "entity_not_activated", entityField, saysNotActivated, failsEntity}},
		{name: "entity not found", draft: func(d *paycor.Draft) { d.LegalEntityID = "999999" },
			want: want{rejected, "entity_not_found", entityField, saysNotFound, failsEntity}},
		{name: "listed entity not found", fault: at(paycortest.EntityNotFound, ""),
			want: want{rejected, "entity_not_found", entityField, saysNotFound, failsEntity}},
		{name: "entity has left", app: paycortest.SummitDental,
			want: want{rejected, "entity_left", entityField, saysLeft, failsEntity}},
		{name: "no entity typed", draft: func(d *paycor.Draft) { d.LegalEntityID = "" },
			want: want{rejected, "legal_entity_needed", entityField, saysEntityNeeded, failsEntity}},
		{name: "application not standard", app: paycortest.CedarPrint,
			want: want{rejected, "application_refused", noField, saysAppRefused, "passed passed passed warned failed"}},
		{name: "application not standard, no entity typed", app: paycortest.CedarPrint, draft: func(d *paycor.Draft) { d.LegalEntityID = "" },
			want: want{rejected, "application_refused", noField, saysAppRefused, "passed passed passed warned failed"}},

		{name: "Paycor's own fault", fault: at(paycortest.PaycorError, ""),
			want: want{unreachable, "server_error", noField, saysServerError, failsList}},
		{name: "lost answer", fault: at(paycortest.LostAnswer, paycortest.AtToken),
			want: want{unreachable, "reset", noField, saysReset, failsKey}},
	}
	for _, way := range []struct {
		kind    paycortest.Kind
		fault   paycortest.Fault
		outcome verdicts.Outcome
		code    verdicts.Code
		message string
		step    string // of the token request
	}{
		{paycortest.Quota, paycortest.Fault{}, throttled, "quota", saysQuota, failsToken},
		{paycortest.RateLimit, paycortest.Fault{}, throttled, "rate_limited", saysRate, failsToken},
		{"server_error 500", paycortest.Fault{Kind: paycortest.ServerError}, unreachable, "server_error", saysServerError, failsToken},
		{"server_error 502", paycortest.Fault{Kind: paycortest.ServerError, Status: 502}, unreachable, "server_error", saysServerError, failsKey},
		{"server_error 503", paycortest.Fault{Kind: paycortest.ServerError, Status: 503}, unreachable, "server_error", saysServerError, failsKey},
		{paycortest.Hang, paycortest.Fault{}, unreachable, "timeout", saysTimeout, failsKey},
		{"slow beyond the limit", paycortest.Fault{Kind: paycortest.Slow, Delay: time.Minute}, unreachable, "timeout", saysTimeout, failsKey},
		{"slow body", paycortest.Fault{Kind: paycortest.SlowBody, Delay: time.Minute}, unreachable, "timeout", saysTimeout, failsKey},
		{paycortest.Cut, paycortest.Fault{}, unreachable, "reset", saysReset, failsKey},
		{paycortest.TruncatedBody, paycortest.Fault{}, unreachable, "truncated", saysTruncated, failsKey},
		{paycortest.HTMLPage, paycortest.Fault{}, unreachable, "html_page", saysHTML, failsKey},
		{"html page 403", paycortest.Fault{Kind: paycortest.HTMLPage, Status: 403}, unreachable, "html_page", saysHTML, failsKey},
		{paycortest.NotJSON, paycortest.Fault{}, unreachable, "not_json", saysNotJSON, failsKey},
		{paycortest.EmptyBody, paycortest.Fault{}, unreachable, "empty", saysEmpty, failsKey},
		{paycortest.Redirect, paycortest.Fault{}, unreachable, "redirect", saysRedirect, failsKey},
		{"redirect 307", paycortest.Fault{Kind: paycortest.Redirect, Status: 307}, unreachable, "redirect", saysRedirect, failsKey},
		{paycortest.CaptivePortal, paycortest.Fault{}, unreachable, "captive_portal", saysCaptive, failsKey},
	} {
		for _, place := range []paycortest.Place{paycortest.AtToken, paycortest.AtAPI} {
			fault, steps := way.fault, way.step
			if fault.Kind == "" {
				fault.Kind = way.kind
			}
			if fault.Place = place; place == paycortest.AtAPI {
				steps = failsList
			}
			scenarios = append(scenarios, scenario{
				name: string(way.kind) + " at " + string(place), fault: fault,
				want: want{way.outcome, way.code, noField, way.message, steps},
			})
		}
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			verdict, _, _ := s.play(t)
			s.want.check(t, verdict)
		})
	}
}

func (s scenario) play(t *testing.T) (verdicts.Verdict, *asker, *paycortest.Server) {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{})
	name := s.app
	if name == "" {
		name = paycortest.SunriseBakery
	}
	app := server.Lookup(name)
	require.NotNil(t, app)
	if s.change != nil {
		app.Change(s.change)
	}
	draft := draftOf(app.Details())
	if s.draft != nil {
		s.draft(&draft)
	}
	question := upstream.VerifyRequest{Environment: environment(server.URL), Draft: draft}
	limit := limitFor(s.fault.Kind)
	if limit > 0 { // the simulator's first token takes as long as it takes to make a signing key
		newAsker(upstream.Config{}).verify(t, question)
	}
	if s.fault.Kind != "" {
		server.AddFault(s.fault)
	}
	a := newAsker(upstream.Config{CallTimeout: limit})
	return a.verify(t, question), a, server
}

// limitFor is short only where waiting for it is the point.
func limitFor(kind paycortest.Kind) time.Duration {
	switch kind {
	case paycortest.Hang, paycortest.Slow, paycortest.SlowBody:
		return 600 * time.Millisecond
	}
	return 0
}

func TestVerdictCarriesWhatHelps(t *testing.T) {
	t.Run("name and entities", func(t *testing.T) {
		verdict, a, server := scenario{}.play(t)
		assert.Equal(t, []verdicts.LegalEntity{
			{ID: 501123, TenantID: 678556, Name: "Sunrise Bakery LLC"}, {ID: 501124, TenantID: 678556},
		}, verdict.Entities)
		assert.Equal(t, "The application covers 2 legal entities.", verdict.Steps[3].Note)
		assert.Equal(t, "Sunrise Bakery LLC", verdict.Steps[4].Note)
		assert.Empty(t, verdict.Remedy)
		assert.False(t, verdict.CheckedAt.IsZero())
		assert.Equal(t, time.UTC, verdict.CheckedAt.Location())
		assert.Equal(t, 3, server.Counts().Requests, "token, list and the chosen entity")
		assert.Equal(t, "running passed running passed running passed running passed running passed", states(a.told))
	})
	t.Run("both headers and nothing else of ours", func(t *testing.T) {
		_, _, server := scenario{}.play(t)
		header := server.LastHeader(paycortest.AtAPI)
		assert.Equal(t, "000000000000000000000000000000b1", header.Get("Ocp-Apim-Subscription-Key"))
		assert.Contains(t, header.Get("Authorization"), "Bearer ")
		assert.Equal(t, "paycorcred", header.Get("User-Agent"))
		for name := range header {
			assert.Contains(t, []string{"Authorization", "Ocp-Apim-Subscription-Key", "User-Agent", "Accept", "Accept-Encoding", "Connection"}, name)
		}
		for _, request := range server.Requests() {
			assert.Equal(t, "header", request.KeyFrom, "the key stays out of addresses")
		}
	})
	t.Run("entities to choose from", func(t *testing.T) {
		verdict, _, _ := scenario{draft: func(d *paycor.Draft) { d.LegalEntityID = "" }}.play(t)
		assert.Equal(t, []verdicts.LegalEntity{
			{ID: 501123, TenantID: 678556, Name: "Sunrise Bakery LLC"}, {ID: 501124, TenantID: 678556, Name: "Sunrise Bakery Cafés LLC"},
		}, verdict.Entities, "nobody knows them by number")
	})
	t.Run("the wait", func(t *testing.T) {
		fault := paycortest.Fault{Kind: paycortest.RateLimit, Place: paycortest.AtAPI, Delay: 17 * time.Second}
		verdict, a, _ := scenario{fault: fault}.play(t)
		assert.Equal(t, 17, verdict.RetryAfter)
		assert.Equal(t, "Wait 17 seconds, then verify again.", verdict.Remedy)
		assert.Equal(t, "running passed running passed running passed running open skipped", states(a.told))
	})
	t.Run("what support asks for", func(t *testing.T) {
		for _, casing := range []paycortest.Casing{paycortest.CamelCase, paycortest.PascalCase} {
			verdict, _, server := scenario{
				draft:  func(d *paycor.Draft) { d.LegalEntityID = "999999" },
				change: func(d *paycortest.Details) { d.Casing = casing },
			}.play(t)
			requests := server.Requests()
			assert.Equal(t, requests[len(requests)-1].CorrelationID, verdict.CorrelationID, casing)
			assert.Equal(t, "Not Found: Legal Entity ID 999999 does not exist or is not in a valid state.", verdict.Detail, casing)
		}
	})
	t.Run("the gateway's activity", func(t *testing.T) {
		verdict, _, server := scenario{fault: paycortest.Fault{Kind: paycortest.ServerError, Place: paycortest.AtToken}}.play(t)
		assert.Equal(t, server.Requests()[0].CorrelationID, verdict.CorrelationID)
	})
}

func TestNothingIsSent(t *testing.T) {
	t.Run("when values look swapped", func(t *testing.T) {
		server := paycortest.Start(t, paycortest.Config{})
		draft := draftOf(server.Lookup(paycortest.SunriseBakery).Details())
		draft.ClientID, draft.ClientSecret = draft.ClientSecret.Reveal(), paycor.NewSecret(draft.ClientID)
		report := paycor.Check(draft, paycor.Rules{Environments: []paycor.Environment{environment(server.URL)}})
		require.NotEmpty(t, report.Swapped())
		a := newAsker(upstream.Config{})
		verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(server.URL), Draft: draft, Swapped: report.Swapped()})
		want{verdicts.OutcomeRejected, "looks_swapped", clientField, saysSwapped, failsFormat}.check(t, verdict)
		assert.Zero(t, server.Counts().Requests)
	})
	for name, address := range map[string]string{
		"http beyond this machine": "http://apis.example.invalid", "no address": "", "no host": "https://",
		"no address at all": "::::", "another scheme": "ftp://127.0.0.1", "a user": "https://me:secret@127.0.0.1",
		"host like this machine": "http://127.0.0.1.example.invalid", "a query": "https://127.0.0.1/?a=b",
	} {
		t.Run("where the environment has "+name, func(t *testing.T) {
			a := newAsker(upstream.Config{Transport: transportFunc(func(*http.Request) (*http.Response, error) {
				t.Error("something was sent")
				return nil, errors.New("unused")
			})})
			verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(address), Draft: sampleDraft()})
			want{verdicts.OutcomeUnreachable, "environment_unusable", noField, saysNoEnvironment, failsFormat}.check(t, verdict)
			_, err := a.client.Get(t.Context(), upstream.Call{Environment: environment(address), Path: "/v1"})
			failure, ok := upstream.AsFailure(err)
			require.True(t, ok)
			assert.Equal(t, verdicts.CodeEnvironmentUnusable, failure.Code)
		})
	}
}
