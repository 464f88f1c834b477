package upstream_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

var (
	noField     []fields.Field
	keyField    = []fields.Field{fields.SubscriptionKey}
	clientField = []fields.Field{fields.ClientID, fields.ClientSecret}
	scopeField  = []fields.Field{fields.Scope}
	entityField = []fields.Field{fields.LegalEntityID}
)

// The steps reached. An outage leaves the last one unknown instead of failed.
const (
	allPassed   = "passed passed passed passed passed"
	failsFormat = "failed skipped skipped skipped skipped"
	failsKey    = "passed failed skipped skipped skipped"
	failsToken  = "passed passed failed skipped skipped"
	failsList   = "passed passed passed failed skipped"
	failsEntity = "passed passed passed passed failed"
)

// want is the expected result of a scenario.
type want struct {
	outcome verdicts.Outcome
	code    verdicts.Code
	fields  []fields.Field
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
	assert.Equal(t, w.code.Verdict().Message, verdict.Message)
	steps := w.steps
	if !w.outcome.Conclusive() { // no entered value is to blame
		steps = strings.ReplaceAll(steps, "failed", "open")
	}
	if w.outcome == verdicts.OutcomeNeedsActivation { // and no value is wrong
		steps = strings.ReplaceAll(steps, "failed", "needs_activation")
	}
	assert.Equal(t, steps, states(verdict.Steps))
}

// scenario is a fault in the simulator.
type scenario struct {
	name   string
	app    string // SunriseBakery if empty
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
		{name: "all right", want: want{verified, "verified", noField, allPassed}},
		{name: "secondary key", draft: func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret("000000000000000000000000000000c1") },
			want: want{verified, "verified", noField, allPassed}},
		{name: "known scope", draft: func(d *paycor.Draft) { d.Scope = "000000000000000000000000000000d1" },
			want: want{verified, "verified", noField, allPassed}},
		{name: "right to read the name missing", app: paycortest.OldMillFoods,
			want: want{verified, "verified", noField, "passed passed passed passed warned"}},

		{name: "wrong key", draft: func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret("0000000000000000000000000000beef") },
			want: want{rejected, "subscription_key_rejected", keyField, failsKey}},
		{name: "subscription inactive", change: func(d *paycortest.Details) { d.KeysInactive = true },
			want: want{rejected, "subscription_key_rejected", keyField, failsKey}},
		{name: "key refused by the API only", fault: at(paycortest.InvalidKey, paycortest.AtAPI),
			want: want{rejected, "subscription_key_rejected", keyField, failsList}},
		{name: "wrong client id", draft: func(d *paycor.Draft) { d.ClientID = "00000000000000000fff" },
			want: want{rejected, "client_rejected", clientField, failsToken}},
		{name: "wrong client secret", draft: func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret("simulator/secret+of/nobody/at+all/00000001") },
			want: want{rejected, "client_rejected", clientField, failsToken}},
		{name: "grant not allowed", app: paycortest.HarborLogistics,
			want: want{activation, "grant_not_allowed", noField, failsToken}},
		{name: "grant not supported", app: paycortest.HarborLogistics, change: func(d *paycortest.Details) { d.GrantRefusal = "unsupported_grant_type" },
			want: want{activation, "grant_not_allowed", noField, failsToken}},
		{name: "grant is activation", draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{activation, "activation_needed", noField, failsToken}},
		{name: "grant is activation, wrong key", draft: func(d *paycor.Draft) {
			d.Grant, d.SubscriptionKey = paycor.GrantAuthorizationCode, paycor.NewSecret("0000000000000000000000000000beef")
		}, want: want{rejected, "subscription_key_rejected", keyField, failsKey}},
		{name: "grant is activation, rate limit", fault: at(paycortest.RateLimit, ""), draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{throttled, "rate_limited", noField, failsToken}},
		{name: "grant is activation, Paycor hidden", fault: at(paycortest.CaptivePortal, ""), draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
			want: want{unreachable, "captive_portal", noField, failsKey}},
		{name: "unknown scope", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" },
			want: want{rejected, "scope_unknown", scopeField, failsToken}},
		{name: "scope wanted", fault: at(paycortest.ScopeUnknown, ""),
			want: want{rejected, "scope_needed", scopeField, failsToken}},
		{name: "token not accepted", fault: at(paycortest.TokenNotAccepted, ""),
			want: want{rejected, "token_not_accepted", noField, failsList}},
		{name: "token expired", fault: at(paycortest.TokenExpired, ""),
			want: want{rejected, "token_not_accepted", noField, failsList}},

		{name: "entity not activated", draft: otherID,
			want: want{rejected, "entity_not_activated", entityField, failsEntity}},
		{name: "entity hidden from the list", fault: at(paycortest.EntityNotActivated, ""),
			want: want{rejected, "entity_not_activated", entityField, failsEntity}},
		{name: "entity not found", draft: func(d *paycor.Draft) { d.LegalEntityID = "999999" },
			want: want{rejected, "entity_not_found", entityField, failsEntity}},
		{name: "listed entity not found", fault: at(paycortest.EntityNotFound, ""),
			want: want{rejected, "entity_not_found", entityField, failsEntity}},
		{name: "entity has left", app: paycortest.SummitDental,
			want: want{rejected, "entity_left", entityField, failsEntity}},
		{name: "no entity typed", draft: func(d *paycor.Draft) { d.LegalEntityID = "" },
			want: want{rejected, "legal_entity_needed", entityField, failsEntity}},
		{name: "application not standard", app: paycortest.CedarPrint,
			want: want{rejected, "application_refused", noField, failsList}},
		{name: "application not standard, no entity typed", app: paycortest.CedarPrint, draft: func(d *paycor.Draft) { d.LegalEntityID = "" },
			want: want{rejected, "application_refused", noField, failsList}},

		{name: "Paycor's own fault", fault: at(paycortest.PaycorError, ""),
			want: want{unreachable, "server_error", noField, failsList}},
		{name: "Paycor's error inside a success", fault: at(paycortest.ErrorInSuccess, ""),
			want: want{unreachable, "server_error", noField, failsList}},
		{name: "token not accepted at first", fault: paycortest.Fault{Kind: paycortest.TokenNotAccepted, Count: 1},
			want: want{verified, "verified", noField, allPassed}},
		{name: "every read denied", fault: at(paycortest.RightMissing, ""),
			want: want{verified, "verified", noField, "passed passed passed passed warned"}},
		{name: "lost answer", fault: at(paycortest.LostAnswer, paycortest.AtToken),
			want: want{unreachable, "reset", noField, failsKey}},
	}
	for _, way := range []struct {
		kind    paycortest.Kind
		fault   paycortest.Fault
		outcome verdicts.Outcome
		code    verdicts.Code
		step    string // of the token request
	}{
		{paycortest.Quota, paycortest.Fault{}, throttled, "quota", failsToken},
		{paycortest.RateLimit, paycortest.Fault{}, throttled, "rate_limited", failsToken},
		{"server_error 500", paycortest.Fault{Kind: paycortest.ServerError}, unreachable, "server_error", failsKey},
		{"server_error 502", paycortest.Fault{Kind: paycortest.ServerError, Status: 502}, unreachable, "server_error", failsKey},
		{"server_error 503", paycortest.Fault{Kind: paycortest.ServerError, Status: 503}, unreachable, "server_error", failsKey},
		{paycortest.Hang, paycortest.Fault{}, unreachable, "timeout", failsKey},
		{"slow beyond the limit", paycortest.Fault{Kind: paycortest.Slow, Delay: time.Minute}, unreachable, "timeout", failsKey},
		{"slow body", paycortest.Fault{Kind: paycortest.SlowBody, Delay: time.Minute}, unreachable, "timeout", failsKey},
		{paycortest.Cut, paycortest.Fault{}, unreachable, "reset", failsKey},
		{paycortest.TruncatedBody, paycortest.Fault{}, unreachable, "truncated", failsKey},
		{paycortest.HTMLPage, paycortest.Fault{}, unreachable, "html_page", failsKey},
		{"html page 403", paycortest.Fault{Kind: paycortest.HTMLPage, Status: 403}, unreachable, "html_page", failsKey},
		{paycortest.NotJSON, paycortest.Fault{}, unreachable, "not_json", failsKey},
		{paycortest.EmptyBody, paycortest.Fault{}, unreachable, "empty", failsKey},
		{paycortest.Redirect, paycortest.Fault{}, unreachable, "redirect", failsKey},
		{"redirect 307", paycortest.Fault{Kind: paycortest.Redirect, Status: 307}, unreachable, "redirect", failsKey},
		{paycortest.CaptivePortal, paycortest.Fault{}, unreachable, "captive_portal", failsKey},
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
				want: want{way.outcome, way.code, noField, steps},
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

func (s scenario) play(t *testing.T) (verdicts.Verdict, *verifier, *paycortest.Server) {
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
	if limit > 0 { // the simulator creates a signing key for its first token, which takes long
		newVerifier(upstream.Config{}).verify(t, question)
	}
	if s.fault.Kind != "" {
		server.AddFault(s.fault)
	}
	a := newVerifier(upstream.Config{CallTimeout: limit})
	return a.verify(t, question), a, server
}

// limitFor returns a short limit only for tests of the limit itself.
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
		assert.Equal(t, message.Count("step.note.entities", 2), verdict.Steps[3].Note)
		assert.Equal(t, message.Text("Sunrise Bakery LLC"), verdict.Steps[4].Note)
		assert.Empty(t, verdict.Remedy)
		assert.False(t, verdict.CheckedAt.IsZero())
		assert.Equal(t, time.UTC, verdict.CheckedAt.Location())
		assert.Equal(t, 3, server.Counts().Requests, "token, list and the chosen entity")
		assert.Equal(t, "running passed running passed running passed running passed running passed", states(a.steps))
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
		assert.Equal(t, message.Count("verdict.wait.seconds", 17), verdict.Remedy)
		assert.Equal(t, "running passed running passed running passed running open skipped", states(a.steps))
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
		a := newVerifier(upstream.Config{})
		verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(server.URL), Draft: draft, Swapped: report.Swapped()})
		want{verdicts.OutcomeRejected, "looks_swapped", clientField, failsFormat}.check(t, verdict)
		assert.Zero(t, server.Counts().Requests)
	})
	for name, address := range map[string]string{
		"http beyond this machine": "http://apis.example.invalid", "no address": "", "no host": "https://",
		"no address at all": "::::", "another scheme": "ftp://127.0.0.1", "a user": "https://me:secret@127.0.0.1",
		"host like this machine": "http://127.0.0.1.example.invalid", "a query": "https://127.0.0.1/?a=b",
	} {
		t.Run("where the environment has "+name, func(t *testing.T) {
			a := newVerifier(upstream.Config{Transport: transportFunc(func(*http.Request) (*http.Response, error) {
				t.Error("something was sent")
				return nil, errors.New("unused")
			})})
			verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(address), Draft: sampleDraft()})
			want{verdicts.OutcomeUnreachable, "environment_unusable", noField, failsFormat}.check(t, verdict)
			_, err := a.client.Get(t.Context(), upstream.Call{Environment: environment(address), Path: "/v1"})
			failure, ok := upstream.AsFailure(err)
			require.True(t, ok)
			assert.Equal(t, verdicts.CodeEnvironmentUnusable, failure.Code)
		})
	}
}
