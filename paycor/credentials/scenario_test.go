package credentials_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

var update = flag.Bool("update", false, "write the table of scenarios in the manual")

// scenario is one cause of a verdict, with everything the verdict says. The
// manual's table is generated from these.
type scenario struct {
	name      string
	app       string // of the simulator; SunriseBakery when empty
	fault     paycortest.Fault
	arrange   func(*scenarioRun)
	draft     func(*paycor.Draft)
	intercept http.HandlerFunc // responds instead of Paycor
	at        string           // part of the paths to intercept; empty means all
	act       func(*scenarioRun) verdicts.Verdict
	timesOut  bool // Paycor does not respond
	code      verdicts.Code
	fields    named           // if they differ from the code's usual ones
	remedy    message.Message // if it differs from the code's usual one
}

type named []fields.Field

// scenarioRun is a backend over a real store, and a simulator behind a proxy that
// can answer in its place.
type scenarioRun struct {
	*peerSimulation
	t       *testing.T
	app     *paycortest.Application
	service api.Service
	draft   paycor.Draft
	refresh string
}

func (s scenario) run(t *testing.T) verdicts.Verdict {
	t.Helper()
	config := upstream.Config{RetryPause: -1, TokenPause: -1}
	if s.timesOut {
		config.CallTimeout = 900 * time.Millisecond
	}
	r := &peerSimulation{paycor: paycortest.Start(t, paycortest.Config{})}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if s.intercept != nil && strings.Contains(request.URL.Path, s.at) {
			s.intercept(w, request)
			return
		}
		r.paycor.ServeHTTP(w, request)
	}))
	t.Cleanup(proxy.Close)
	transport := upstream.NewTransport(nil)
	transport.DisableKeepAlives = true
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "nowhere.invalid") {
			return nil, &net.DNSError{Err: "no such host", Name: "nowhere.invalid", IsNotFound: true}
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	config.Transport = transport
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	client := upstream.New(config)
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: directory + "/test.db", KeyFile: directory + "/test.key"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	r.store = opened
	r.Backend, err = backend.New(backend.Config{
		LastFlush: env.Timeout,
		Store:     opened, Verify: client.Verify, TokenClient: tokens.NewClient(client),
		Environments: []paycor.Environment{
			{Name: "simulator", APIURL: proxy.URL, AuthorizeURL: r.paycor.URL + "/AppActivation/Authorize"},
			{Name: "nowhere", APIURL: "https://nowhere.invalid"}, {Name: "untrusted", APIURL: secure.URL},
			{Name: "closed", APIURL: closed.URL}, {Name: "plain", APIURL: "http://apis.example.invalid"},
		},
	})
	require.NoError(t, err)

	if s.app == "" {
		s.app = paycortest.SunriseBakery
	}
	p := &scenarioRun{peerSimulation: r, t: t, app: r.paycor.Lookup(s.app), service: r.As(browser("b1")), draft: r.sample(s.app)}
	if s.draft != nil {
		s.draft(&p.draft)
	}
	if s.timesOut { // the simulator makes a signing key for its first token, which takes long
		_, err := p.service.VerifyDraft(t.Context(), paycor.VerifyRequest{SkipDataAccess: true, Draft: p.draft}, nil)
		require.NoError(t, err)
	}
	if s.arrange != nil {
		s.arrange(p)
	}
	if s.fault.Kind != "" {
		r.paycor.AddFault(s.fault)
	}
	if s.act != nil {
		return s.act(p)
	}
	verdict, err := p.service.VerifyDraft(t.Context(), paycor.VerifyRequest{SkipDataAccess: true, Draft: p.draft}, nil)
	require.NoError(t, err)
	return verdict
}

// saved saves the draft without verifying it.
func (p *scenarioRun) saved() paycor.Credential {
	saved, err := p.service.Create(p.t.Context(), p.draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(p.t, err)
	return saved.Credential
}

// activated saves and activates the draft, with a token that is due for renewal.
func (p *scenarioRun) activated() paycor.Credential {
	p.draft.Grant, p.draft.Scope = paycor.GrantAuthorizationCode, p.app.Details().Scopes[0].ID
	p.refresh = p.app.IssueRefreshToken()
	activated, err := p.service.Activate(p.t.Context(), p.saved().ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.refresh)}, nil)
	require.NoError(p.t, err)
	require.Equal(p.t, paycor.StateVerified, activated.State)
	env.ExpireToken(p.t, p.store, activated.ID)
	p.TokenSource().Forget(env.TokenKey(activated.Credential))
	return activated.Credential
}

// verifyActivated verifies an activated credential after a change for the worse.
func verifyActivated(change func(*scenarioRun)) func(*scenarioRun) verdicts.Verdict {
	return func(p *scenarioRun) verdicts.Verdict {
		activated := p.activated()
		change(p)
		verdict, err := p.service.Verify(p.t.Context(), activated.ID, nil)
		require.NoError(p.t, err)
		return verdict
	}
}

// replace replaces values of a credential that works.
func replace(patch paycor.Patch) func(*scenarioRun) verdicts.Verdict {
	return func(p *scenarioRun) verdicts.Verdict {
		_, err := p.service.Update(p.t.Context(), p.saved().ID, patch, paycor.UpdateOptions{})
		return verdictOf(p.t, err)
	}
}

// activate finishes an activation.
func activate(with func(*scenarioRun, paycor.Credential) paycor.ActivationAnswer) func(*scenarioRun) verdicts.Verdict {
	return func(p *scenarioRun) verdicts.Verdict {
		p.draft.Scope = p.app.Details().Scopes[0].ID
		saved := p.saved()
		answer := with(p, saved)
		id := saved.ID
		_, err := p.service.Activate(p.t.Context(), id, answer, nil)
		return verdictOf(p.t, err)
	}
}

// consented returns the result for a person who consents at Paycor.
func (p *scenarioRun) consented(saved paycor.Credential) paycor.ActivationAnswer {
	return p.decided(saved, paycortest.Allow)
}

// decided returns the result for a person who decides at Paycor.
func (p *scenarioRun) decided(saved paycor.Credential, decision paycortest.Decision) paycor.ActivationAnswer {
	activation, err := p.service.StartActivation(p.t.Context(), saved.ID, env.RedirectURI)
	require.NoError(p.t, err)
	return consent(p.t, p.paycor, opened(p.t, p, browser("b1"), activation), decision)
}

// respond returns a handler with one response.
func respond(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func scenarios() []scenario {
	const token, bound = paycortest.AtToken, paycortest.AtAPI
	const tokenPath, listPath, asJSON = "/sts/", "TenantList", "application/json"
	at := func(kind paycortest.Kind, place paycortest.Place) paycortest.Fault {
		return paycortest.Fault{Kind: kind, Place: place}
	}
	key := func(value string) func(*paycor.Draft) {
		return func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret(value) }
	}
	entity := func(id paycor.TypedID) func(*paycor.Draft) { return func(d *paycor.Draft) { d.LegalEntityID = id } }
	in := func(environment string) func(*paycor.Draft) {
		return func(d *paycor.Draft) { d.Environment = environment }
	}
	change := func(to func(*paycortest.Details)) func(*scenarioRun) {
		return func(p *scenarioRun) { p.app.Change(to) }
	}
	return []scenario{
		{name: "All values are right", code: "verified"},
		{name: "Right to read the legal entity's name missing, but the activation covers it", app: paycortest.OldMillFoods, code: "verified"},
		{name: "Every read denied", act: func(p *scenarioRun) verdicts.Verdict {
			p.app.Change(func(d *paycortest.Details) { d.Scopes[0].Rights = []paycortest.Right{} })
			verdict, err := p.service.VerifyDraft(p.t.Context(), paycor.VerifyRequest{Draft: p.draft}, nil)
			require.NoError(p.t, err)
			return verdict
		}, code: "verified_without_access"},
		{name: "Token not accepted at first, and accepted a moment later", fault: paycortest.Fault{Kind: paycortest.TokenNotAccepted, Count: 1}, code: "verified"},
		{name: "Legal Entity ID in the Client ID", draft: func(d *paycor.Draft) { d.ClientID = "501124" }, code: "looks_swapped", fields: named{"client_id"}},
		{name: "Subscription key in the Client Secret", draft: func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret("000000000000000000000000000000c1") }, code: "looks_swapped", fields: named{"client_secret"}},
		{name: "Client ID and Client Secret changed places", draft: func(d *paycor.Draft) {
			d.ClientID, d.ClientSecret = d.ClientSecret.Reveal(), paycor.NewSecret(d.ClientID)
		}, code: "looks_swapped", fields: named{"client_id", "client_secret"}},

		{name: "Key mistyped", draft: key("0000000000000000000000000000beef"), code: "subscription_key_rejected"},
		{name: "Key of the other environment", draft: key("000000000000000000000000000000e1"), code: "subscription_key_rejected"},
		{name: "Key of an inactive subscription, in the gateway's usual words", arrange: change(func(d *paycortest.Details) { d.KeysInactive = true }), code: "subscription_key_rejected"},
		{name: "Key refused by the API only", fault: at(paycortest.InvalidKey, bound), code: "subscription_key_rejected"},
		{name: "Key of an inactive subscription, said so", intercept: respond(401, asJSON, `{"statusCode":401,"message":"Access denied: the subscription is suspended."}`), code: "subscription_key_inactive"},
		{name: "Key lost on the way", intercept: respond(401, asJSON, `{"statusCode":401,"message":"Access denied due to missing subscription key."}`), code: "subscription_key_missing"},

		{name: "Client ID wrong", draft: func(d *paycor.Draft) { d.ClientID = "00000000000000000fff" }, code: "client_rejected"},
		{name: "Client Secret wrong", draft: func(d *paycor.Draft) {
			d.ClientSecret = paycor.NewSecret("simulator/secret+of/nobody/at+all/00000001")
		}, code: "client_rejected"},
		{name: "Client refused with 401 and no word", intercept: respond(401, "", ""), at: tokenPath, code: "client_rejected"},
		{name: "New Client Secret wrong, the saved one works", act: replace(paycor.Patch{ClientSecret: ptr(paycor.NewSecret("invented/secret+of/nobody/0000000000000001"))}), code: "client_secret_rejected"},
		{name: "Token refused with 400 and no word", intercept: respond(400, "", ""), at: tokenPath, code: "token_refused"},
		{name: "Grant not allowed", app: paycortest.HarborLogistics, code: "grant_not_allowed"},
		{name: "Grant not supported", app: paycortest.HarborLogistics, arrange: change(func(d *paycortest.Details) { d.GrantRefusal = "unsupported_grant_type" }), code: "grant_not_allowed"},
		{name: "Works by activation, and was never activated", draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode }, code: "activation_needed"},
		{name: "Works by activation, and its key is wrong", draft: func(d *paycor.Draft) {
			d.Grant, d.SubscriptionKey = paycor.GrantAuthorizationCode, paycor.NewSecret("0000000000000000000000000000beef")
		}, code: "subscription_key_rejected"},
		{name: "Scope ID unknown", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" }, code: "scope_unknown"},
		{name: "Scope ID of an older version", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" },
			intercept: respond(400, asJSON, `{"error":"invalid_scope","error_description":"The scope belongs to a superseded version."}`), at: tokenPath, code: "scope_outdated"},
		{name: "Scope ID wanted, and none was entered", fault: at(paycortest.ScopeUnknown, ""), code: "scope_needed"},

		{name: "Activation not allowed by the person", app: paycortest.HarborLogistics, code: "activation_denied", act: activate(func(_ *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret("x"), CodeVerifier: paycor.NewSecret("y"), RedirectURI: env.RedirectURI, Refusal: "access_denied"}
		})},
		{name: "Activation ended by Paycor's page", app: paycortest.HarborLogistics, code: "activation_failed", act: activate(func(_ *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret("x"), CodeVerifier: paycor.NewSecret("y"), RedirectURI: env.RedirectURI, Refusal: "invalid_request"}
		})},
		{name: "Activation for another company, and the previous one works", app: paycortest.HarborLogistics, code: "activation_elsewhere", act: func(p *scenarioRun) verdicts.Verdict {
			_, err := p.service.Activate(p.t.Context(), "", p.decided(p.activated(), paycortest.AllowElsewhere), nil)
			return verdictOf(p.t, err)
		}},
		{name: "Activation of another session, or finished already", app: paycortest.HarborLogistics, code: "activation_expired", act: activate(func(_ *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{State: paycor.NewSecret("nobody-knows-this-state"), Code: paycor.NewSecret("x")}
		})},
		{name: "Authorization code expired", app: paycortest.HarborLogistics, code: "code_expired",
			intercept: respond(400, asJSON, `{"error":"invalid_grant","error_description":"The authorization code has expired."}`), at: tokenPath,
			act: activate(func(p *scenarioRun, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Authorization code refused without saying why", app: paycortest.HarborLogistics, code: "code_refused", act: activate(func(p *scenarioRun, saved paycor.Credential) paycor.ActivationAnswer {
			answer := p.consented(saved)
			p.paycor.AddFault(paycortest.Fault{Kind: paycortest.CodeExpired})
			return answer
		})},
		{name: "Authorization code unknown or used", app: paycortest.HarborLogistics, code: "code_refused", act: activate(func(_ *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret(strings.Repeat("ab", 32)), CodeVerifier: paycor.NewSecret(strings.Repeat("v", 43)), RedirectURI: env.RedirectURI}
		})},
		{name: "Code verifier of another code", app: paycortest.HarborLogistics, code: "verifier_mismatch",
			intercept: respond(400, asJSON, `{"error":"invalid_grant","error_description":"code_verifier does not match"}`), at: tokenPath,
			act: activate(func(p *scenarioRun, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Redirect address not approved", app: paycortest.HarborLogistics, code: "redirect_not_approved",
			intercept: respond(400, asJSON, `{"error":"invalid_grant","error_description":"redirect_uri mismatch"}`), at: tokenPath,
			act: activate(func(p *scenarioRun, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Code gives no refresh token", app: paycortest.HarborLogistics, code: "no_refresh_token",
			intercept: respond(200, asJSON, `{"access_token":"a.b.c","token_type":"Bearer"}`), at: tokenPath,
			act: activate(func(p *scenarioRun, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Pasted refresh token used up", app: paycortest.HarborLogistics, code: "refresh_token_used", act: activate(func(_ *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(strings.Repeat("cd", 32))}
		})},
		{name: "Answer to a pasted refresh token lost", app: paycortest.HarborLogistics, code: "refresh_lost", act: activate(func(p *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
			p.paycor.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
			return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.app.IssueRefreshToken())}
		})},
		{name: "Refresh refused with 400 and no word", app: paycortest.HarborLogistics, code: "refresh_refused", intercept: respond(400, "", ""), at: tokenPath,
			act: activate(func(p *scenarioRun, _ paycor.Credential) paycor.ActivationAnswer {
				return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.app.IssueRefreshToken())}
			})},
		{name: "Refresh token used by another program", app: paycortest.HarborLogistics, code: "refresh_token_used",
			act: verifyActivated(func(p *scenarioRun) { p.paycor.AddFault(paycortest.Fault{Kind: paycortest.RefreshUsed}) })},
		{name: "Answer to the last refresh lost", app: paycortest.HarborLogistics, code: "refresh_lost", act: func(p *scenarioRun) verdicts.Verdict {
			return verifyActivated(func(p *scenarioRun) {
				p.paycor.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer, Count: 1})
				_, err := p.TokenSource().Token(p.t.Context(), env.TokenKey(p.only()))
				require.Error(p.t, err)
			})(p)
		}},

		{name: "Token not accepted", fault: at(paycortest.TokenNotAccepted, ""), code: "token_not_accepted"},
		{name: "Token expired at once", fault: at(paycortest.TokenExpired, ""), code: "token_not_accepted"},
		{name: "Legal entity not in the activation", draft: entity("502240"), code: "entity_not_activated"},
		{name: "Legal entity missing from the list and forbidden", fault: at(paycortest.EntityNotActivated, ""), code: "entity_not_activated"},
		{name: "Legal entity not found", draft: entity("999999"), code: "entity_not_found"},
		{name: "Legal entity listed, and not found", fault: at(paycortest.EntityNotFound, ""), code: "entity_not_found"},
		{name: "Legal entity has left Paycor", app: paycortest.SummitDental, code: "entity_left"},
		{name: "Legal Entity ID not entered", draft: entity(""), code: "legal_entity_needed"},
		{name: "Right missing, and no list of legal entities", app: paycortest.OldMillFoods, intercept: respond(404, asJSON, `{"title":"Not Found","detail":"no","correlationId":"9b1f"}`), at: listPath, code: "right_missing"},
		{name: "Application not of type Standard", app: paycortest.CedarPrint, code: "application_refused"},

		{name: "Quota used up", fault: at(paycortest.Quota, token), code: "quota", remedy: message.Count("verdict.wait.minutes", 84)},
		{name: "Quota used up, noticed at the API", fault: at(paycortest.Quota, bound), code: "quota", remedy: message.Count("verdict.wait.minutes", 84)},
		{name: "Rate limit", fault: at(paycortest.RateLimit, token), code: "rate_limited", remedy: message.Count("verdict.wait.seconds", 17)},
		{name: "Rate limit, at the API", fault: at(paycortest.RateLimit, bound), code: "rate_limited", remedy: message.Count("verdict.wait.seconds", 17)},
		{name: "Rate limit, without saying how long", intercept: respond(429, "", ""), code: "rate_limited"},
		{name: "Rate limit inside a success", intercept: respond(200, asJSON, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 9 seconds."}`), at: listPath,
			code: "rate_limited", remedy: message.Count("verdict.wait.seconds", 9)},

		{name: "DNS knows no such name", draft: in("nowhere"), code: "dns"},
		{name: "Certificate not trusted", draft: in("untrusted"), code: "tls"},
		{name: "Connection refused", draft: in("closed"), code: "refused"},
		{name: "Address without https", draft: in("plain"), code: "environment_unusable"},
		{name: "Connection cut, at the token endpoint", fault: at(paycortest.Cut, token), code: "reset"},
		{name: "Connection cut, at the API", fault: at(paycortest.Cut, bound), code: "reset"},
		{name: "No answer, at the token endpoint", fault: at(paycortest.Hang, token), timesOut: true, code: "timeout"},
		{name: "No answer, at the API", fault: at(paycortest.Hang, bound), timesOut: true, code: "timeout"},
		{name: "Answer too slow to wait for", fault: paycortest.Fault{Kind: paycortest.SlowBody, Delay: time.Minute}, timesOut: true, code: "timeout"},
		{name: "A part of the answer", fault: at(paycortest.TruncatedBody, bound), code: "truncated"},
		{name: "Gateway's fault, 500", fault: at(paycortest.ServerError, token), code: "server_error"},
		{name: "Bad gateway, 502", fault: paycortest.Fault{Kind: paycortest.ServerError, Place: bound, Status: 502}, code: "server_error"},
		{name: "Not available, 503", fault: paycortest.Fault{Kind: paycortest.ServerError, Place: token, Status: 503}, code: "server_error"},
		{name: "Paycor's own fault behind the gateway", fault: at(paycortest.PaycorError, ""), code: "server_error"},
		{name: "An error inside a success", fault: at(paycortest.ErrorInSuccess, ""), code: "server_error"},
		{name: "Gateway timeout, 504", intercept: respond(504, "", ""), code: "timeout"},
		{name: "A proxy's page with 502", fault: at(paycortest.HTMLPage, token), code: "html_page"},
		{name: "A proxy's page with 403", fault: paycortest.Fault{Kind: paycortest.HTMLPage, Place: bound, Status: 403}, code: "html_page"},
		{name: "A page with 401", intercept: respond(401, "text/html", "<!doctype html><title>401</title>"), code: "html_page"},
		{name: "A proxy asks for a sign-in, 407", intercept: respond(407, "", "", "Proxy-Authenticate", "Basic"), code: "blocked"},
		{name: "A firewall's refusal in JSON", intercept: respond(403, asJSON, `{"message":"Blocked by policy: this IP address is not on the allowlist."}`), code: "blocked"},
		{name: "Redirect", fault: at(paycortest.Redirect, token), code: "redirect"},
		{name: "Redirect to a sign-in page, at the API", fault: paycortest.Fault{Kind: paycortest.Redirect, Place: bound, Status: 307}, code: "redirect"},
		{name: "Captive portal", fault: at(paycortest.CaptivePortal, token), code: "captive_portal"},
		{name: "Captive portal, 511", intercept: respond(511, asJSON, `{}`), code: "captive_portal"},
		{name: "No JSON", fault: at(paycortest.NotJSON, bound), code: "not_json"},
		{name: "Nothing in the answer", fault: at(paycortest.EmptyBody, token), code: "empty"},
		{name: "Address where Paycor is not", intercept: respond(404, asJSON, `{"statusCode":404,"message":"Resource not found"}`), code: "route_unknown"},
		{name: "A success without a token", intercept: respond(200, asJSON, `{"token_type":"Bearer"}`), at: tokenPath, code: "unexpected"},
	}
}

// only returns the only credential.
func (p *scenarioRun) only() paycor.Credential {
	page, err := p.service.Credentials(p.t.Context(), paycor.Query{})
	require.NoError(p.t, err)
	require.Len(p.t, page.Credentials, 1)
	return page.Credentials[0]
}

func TestScenarios(t *testing.T) {
	all := scenarios()
	require.GreaterOrEqual(t, len(all), 60)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			want := s.expected()
			verdict := s.run(t)
			assert.Equal(t, s.code, verdict.Code)
			assert.Equal(t, want.outcome, string(verdict.Outcome))
			assert.Equal(t, []fields.Field(want.fields), verdict.Fields)
			assert.Equal(t, want.message, verdict.Message)
			assert.Equal(t, want.remedy, verdict.Remedy)
			if verdict.Outcome == verdicts.OutcomeUnreachable || verdict.Outcome == verdicts.OutcomeThrottled {
				assert.Empty(t, verdict.Fields, "no value is to blame")
				for _, step := range verdict.Steps {
					assert.NotEqual(t, verdicts.StepFailed, step.State, "step %s is not to blame", step.Name)
				}
			}
		})
	}
}

func TestEveryCodeHasAScenario(t *testing.T) {
	for _, code := range verdicts.Codes() {
		assert.True(t, slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.code == code }), code)
		assert.Contains(t, expectations, code)
	}
}

// expected returns what the verdict says.
func (s scenario) expected() expectation {
	expected := expectations[s.code]
	expected.message, expected.remedy = s.code.Verdict().Message, s.code.Verdict().Remedy
	if s.fields != nil {
		expected.fields = s.fields
	}
	if !s.remedy.IsZero() {
		expected.remedy = s.remedy
	}
	if expected.fields == nil {
		expected.fields = named{}
	}
	return expected
}

// The manual's table is generated from the scenarios, so the two cannot differ.
func TestTheManualShowsTheScenarios(t *testing.T) {
	const path, begin, end = "../../web/docs/scenarios.md", "<!-- scenarios:begin -->\n", "<!-- scenarios:end -->"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	table, after, found := strings.Cut(rest, end)
	require.True(t, found)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+scenarioTable()+end+after), 0o644))
		return
	}
	assert.Equal(t, scenarioTable(), table, "run: go test ./paycor/credentials -run TestTheManualShowsTheScenarios -update")
}

func scenarioTable() string {
	var b strings.Builder
	b.WriteString("| situation | outcome | blames | code | what the page says |\n|---|---|---|---|---|\n")
	for _, s := range scenarios() {
		expected := s.expected()
		labels := make([]string, len(expected.fields))
		for i, field := range expected.fields {
			labels[i] = field.Label().In(locale.English)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s |\n", s.name, expected.outcome, strings.Join(labels, " or "), s.code, strings.TrimSpace(expected.message.In(locale.English)+" "+expected.remedy.In(locale.English)))
	}
	return b.String()
}

type expectation struct {
	outcome string
	fields  named
	message message.Message
	remedy  message.Message
}

// expectations are the outcome and the fields of each code. The catalog has the
// sentences.
var expectations = map[verdicts.Code]expectation{
	"verified":                  {outcome: "verified"},
	"verified_without_access":   {outcome: "verified"},
	"looks_swapped":             {outcome: "rejected"},
	"subscription_key_rejected": {outcome: "rejected", fields: named{"subscription_key"}},
	"subscription_key_inactive": {outcome: "rejected", fields: named{"subscription_key"}},
	"subscription_key_missing":  {outcome: "rejected", fields: named{"subscription_key"}},
	"client_rejected":           {outcome: "rejected", fields: named{"client_id", "client_secret"}},
	"client_secret_rejected":    {outcome: "rejected", fields: named{"client_secret"}},
	"token_refused":             {outcome: "rejected", fields: named{"client_id", "client_secret"}},
	"grant_not_allowed":         {outcome: "needs_activation"},
	"activation_needed":         {outcome: "needs_activation"},
	"scope_unknown":             {outcome: "rejected", fields: named{"scope"}},
	"scope_outdated":            {outcome: "rejected", fields: named{"scope"}},
	"scope_needed":              {outcome: "rejected", fields: named{"scope"}},
	"token_not_accepted":        {outcome: "rejected"},
	"entity_not_activated":      {outcome: "rejected", fields: named{"legal_entity_id"}},
	"entity_not_found":          {outcome: "rejected", fields: named{"legal_entity_id"}},
	"entity_left":               {outcome: "rejected", fields: named{"legal_entity_id"}},
	"legal_entity_needed":       {outcome: "rejected", fields: named{"legal_entity_id"}},
	"right_missing":             {outcome: "rejected"},
	"application_refused":       {outcome: "rejected"},
	"refresh_token_used":        {outcome: "needs_activation"},
	"refresh_lost":              {outcome: "needs_activation"},
	"refresh_refused":           {outcome: "needs_activation"},
	"code_refused":              {outcome: "needs_activation"},
	"code_expired":              {outcome: "needs_activation"},
	"verifier_mismatch":         {outcome: "needs_activation"},
	"redirect_not_approved":     {outcome: "needs_activation"},
	"no_refresh_token":          {outcome: "needs_activation"},
	"activation_denied":         {outcome: "needs_activation"},
	"activation_failed":         {outcome: "needs_activation"},
	"activation_elsewhere":      {outcome: "needs_activation"},
	"activation_expired":        {outcome: "needs_activation"},
	"quota":                     {outcome: "throttled"},
	"rate_limited":              {outcome: "throttled"},
	"dns":                       {outcome: "unreachable"},
	"tls":                       {outcome: "unreachable"},
	"refused":                   {outcome: "unreachable"},
	"blocked":                   {outcome: "unreachable"},
	"reset":                     {outcome: "unreachable"},
	"timeout":                   {outcome: "unreachable"},
	"server_error":              {outcome: "unreachable"},
	"html_page":                 {outcome: "unreachable"},
	"captive_portal":            {outcome: "unreachable"},
	"redirect":                  {outcome: "unreachable"},
	"not_json":                  {outcome: "unreachable"},
	"truncated":                 {outcome: "unreachable"},
	"empty":                     {outcome: "unreachable"},
	"route_unknown":             {outcome: "unreachable"},
	"environment_unusable":      {outcome: "unreachable"},
	"unexpected":                {outcome: "unreachable"},
}
