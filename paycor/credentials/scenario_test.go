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

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

var update = flag.Bool("update", false, "write the README's table anew")

// scenario is one thing that goes wrong, with all that a person is told of it.
// The README's table is made of these.
type scenario struct {
	name      string
	app       string // of the simulator; SunriseBakery when empty
	fault     paycortest.Fault
	arrange   func(*stage)
	draft     func(*paycor.Draft)
	between   http.HandlerFunc // answers in Paycor's place, at the place below
	at        string           // part of the path that it answers for; empty for all
	act       func(*stage) verdicts.Verdict
	impatient bool // for what never answers
	code      verdicts.Code
	fields    named  // where they are other than the code's usual ones
	remedy    string // where it is another than the code's usual one
}

type named []fields.Field

// stage is where a scenario is played: the whole server with a real store, and
// the simulator behind a door that can answer in its place.
type stage struct {
	*rig
	t       *testing.T
	app     *paycortest.Application
	service api.Service
	draft   paycor.Draft
	refresh string
}

func (s scenario) play(t *testing.T) verdicts.Verdict {
	t.Helper()
	config := upstream.Config{RetryPause: -1}
	if s.impatient {
		config.CallTimeout = 900 * time.Millisecond
	}
	r := &rig{paycor: paycortest.Start(t, paycortest.Config{})}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if s.between != nil && strings.Contains(request.URL.Path, s.at) {
			s.between(w, request)
			return
		}
		r.paycor.ServeHTTP(w, request)
	}))
	t.Cleanup(door.Close)
	transport := upstream.NewTransport()
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
		LastFlush: patience,
		Store:     opened, Verify: client.Verify, TokenClient: tokens.NewClient(client),
		Environments: []paycor.Environment{
			{Name: "simulator", Title: "Simulator", APIURL: door.URL, AuthorizeURL: r.paycor.URL + "/AppActivation/Authorize"},
			{Name: "nowhere", APIURL: "https://nowhere.invalid"}, {Name: "untrusted", APIURL: secure.URL},
			{Name: "closed", APIURL: closed.URL}, {Name: "plain", APIURL: "http://apis.example.invalid"},
		},
	})
	require.NoError(t, err)

	if s.app == "" {
		s.app = paycortest.SunriseBakery
	}
	p := &stage{rig: r, t: t, app: r.paycor.Lookup(s.app), service: r.As(browser("b1")), draft: r.sample(s.app)}
	if s.draft != nil {
		s.draft(&p.draft)
	}
	if s.impatient { // the simulator's first token takes as long as it takes to make a signing key
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

// saved is the draft, saved and not verified.
func (p *stage) saved() paycor.Credential {
	saved, err := p.service.Create(p.t.Context(), p.draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(p.t, err)
	return saved.Credential
}

// activated is the draft, saved and activated, with a token that has to be
// renewed.
func (p *stage) activated() paycor.Credential {
	p.draft.Grant, p.draft.Scope = paycor.GrantAuthorizationCode, p.app.Details().Scopes[0].ID
	p.refresh = p.app.IssueRefreshToken()
	activated, err := p.service.Activate(p.t.Context(), p.saved().ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.refresh)}, nil)
	require.NoError(p.t, err)
	require.Equal(p.t, paycor.StateVerified, activated.State)
	expire(p.t, p.store, p.Backend, activated.ID)
	return activated
}

// verifyAgain asks about a credential that was activated before things went
// wrong.
func verifyAgain(wrong func(*stage)) func(*stage) verdicts.Verdict {
	return func(p *stage) verdicts.Verdict {
		activated := p.activated()
		wrong(p)
		verdict, err := p.service.Verify(p.t.Context(), activated.ID, nil)
		require.NoError(p.t, err)
		return verdict
	}
}

// activate brings a refusal, or something to be traded for tokens.
func activate(with func(*stage, paycor.Credential) paycor.ActivationAnswer) func(*stage) verdicts.Verdict {
	return func(p *stage) verdicts.Verdict {
		p.draft.Scope = p.app.Details().Scopes[0].ID
		saved := p.saved()
		answer := with(p, saved)
		id := saved.ID
		_, err := p.service.Activate(p.t.Context(), id, answer, nil)
		return verdictOf(p.t, err)
	}
}

// consented goes to Paycor and comes back with a code.
func (p *stage) consented(saved paycor.Credential) paycor.ActivationAnswer {
	begun, err := p.service.StartActivation(p.t.Context(), saved.ID, activationHome)
	require.NoError(p.t, err)
	return (&house{paycor: p.paycor}).consent(p.t, begun, paycortest.Allow)
}

// answers is an http.HandlerFunc that says one thing.
func says(status int, contentType, body string, headers ...string) http.HandlerFunc {
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
	change := func(to func(*paycortest.Details)) func(*stage) { return func(p *stage) { p.app.Change(to) } }
	return []scenario{
		{name: "All values are right", code: "verified"},
		{name: "Right to read the legal entity's name missing, but the activation covers it", app: paycortest.OldMillFoods, code: "verified"},
		{name: "Legal Entity ID in the Client ID", draft: func(d *paycor.Draft) { d.ClientID = "501124" }, code: "looks_swapped", fields: named{"client_id"}},
		{name: "Subscription key in the Client Secret", draft: func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret("000000000000000000000000000000c1") }, code: "looks_swapped", fields: named{"client_secret"}},
		{name: "Client ID and Client Secret changed places", draft: func(d *paycor.Draft) {
			d.ClientID, d.ClientSecret = d.ClientSecret.Reveal(), paycor.NewSecret(d.ClientID)
		}, code: "looks_swapped", fields: named{"client_id", "client_secret"}},

		{name: "Key mistyped", draft: key("0000000000000000000000000000beef"), code: "subscription_key_rejected"},
		{name: "Key of the other environment", draft: key("000000000000000000000000000000e1"), code: "subscription_key_rejected"},
		{name: "Key of an inactive subscription, in the gateway's usual words", arrange: change(func(d *paycortest.Details) { d.KeysInactive = true }), code: "subscription_key_rejected"},
		{name: "Key refused by the API only", fault: at(paycortest.InvalidKey, bound), code: "subscription_key_rejected"},
		{name: "Key of an inactive subscription, said so", between: says(401, asJSON, `{"statusCode":401,"message":"Access denied: the subscription is suspended."}`), code: "subscription_key_inactive"},
		{name: "Key lost on the way", between: says(401, asJSON, `{"statusCode":401,"message":"Access denied due to missing subscription key."}`), code: "subscription_key_missing"},

		{name: "Client ID wrong", draft: func(d *paycor.Draft) { d.ClientID = "00000000000000000fff" }, code: "client_rejected"},
		{name: "Client Secret wrong", draft: func(d *paycor.Draft) {
			d.ClientSecret = paycor.NewSecret("simulator/secret+of/nobody/at+all/00000001")
		}, code: "client_rejected"},
		{name: "Client refused with 401 and no word", between: says(401, "", ""), at: tokenPath, code: "client_rejected"},
		{name: "Token refused with 400 and no word", between: says(400, "", ""), at: tokenPath, code: "token_refused"},
		{name: "Grant not allowed", app: paycortest.HarborLogistics, code: "grant_not_allowed"},
		{name: "Grant not supported", app: paycortest.HarborLogistics, arrange: change(func(d *paycortest.Details) { d.GrantRefusal = "unsupported_grant_type" }), code: "grant_not_allowed"},
		{name: "Works by activation, and was never activated", draft: func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode }, code: "activation_needed"},
		{name: "Works by activation, and its key is wrong", draft: func(d *paycor.Draft) {
			d.Grant, d.SubscriptionKey = paycor.GrantAuthorizationCode, paycor.NewSecret("0000000000000000000000000000beef")
		}, code: "subscription_key_rejected"},
		{name: "Scope ID unknown", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" }, code: "scope_unknown"},
		{name: "Scope ID of an older version", draft: func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000beef" },
			between: says(400, asJSON, `{"error":"invalid_scope","error_description":"The scope belongs to a superseded version."}`), at: tokenPath, code: "scope_outdated"},
		{name: "Scope ID wanted, and none was entered", fault: at(paycortest.ScopeUnknown, ""), code: "scope_needed"},

		{name: "Activation not allowed by the person", app: paycortest.HarborLogistics, code: "activation_denied", act: activate(func(_ *stage, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret("x"), CodeVerifier: paycor.NewSecret("y"), RedirectURI: activationHome, Refusal: "access_denied"}
		})},
		{name: "Activation ended by Paycor's page", app: paycortest.HarborLogistics, code: "activation_failed", act: activate(func(_ *stage, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret("x"), CodeVerifier: paycor.NewSecret("y"), RedirectURI: activationHome, Refusal: "invalid_request"}
		})},
		{name: "Activation of another session, or finished already", app: paycortest.HarborLogistics, code: "activation_expired", act: activate(func(_ *stage, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{State: paycor.NewSecret("nobody-knows-this-state"), Code: paycor.NewSecret("x")}
		})},
		{name: "Authorization code expired", app: paycortest.HarborLogistics, code: "code_expired",
			between: says(400, asJSON, `{"error":"invalid_grant","error_description":"The authorization code has expired."}`), at: tokenPath,
			act: activate(func(p *stage, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Authorization code refused without saying why", app: paycortest.HarborLogistics, code: "code_refused", act: activate(func(p *stage, saved paycor.Credential) paycor.ActivationAnswer {
			answer := p.consented(saved)
			p.paycor.AddFault(paycortest.Fault{Kind: paycortest.CodeExpired})
			return answer
		})},
		{name: "Authorization code unknown or used", app: paycortest.HarborLogistics, code: "code_refused", act: activate(func(_ *stage, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{Code: paycor.NewSecret(strings.Repeat("ab", 32)), CodeVerifier: paycor.NewSecret(strings.Repeat("v", 43)), RedirectURI: activationHome}
		})},
		{name: "Code verifier of another code", app: paycortest.HarborLogistics, code: "verifier_mismatch",
			between: says(400, asJSON, `{"error":"invalid_grant","error_description":"code_verifier does not match"}`), at: tokenPath,
			act: activate(func(p *stage, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Redirect address not approved", app: paycortest.HarborLogistics, code: "redirect_not_approved",
			between: says(400, asJSON, `{"error":"invalid_grant","error_description":"redirect_uri mismatch"}`), at: tokenPath,
			act: activate(func(p *stage, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Code gives no refresh token", app: paycortest.HarborLogistics, code: "no_refresh_token",
			between: says(200, asJSON, `{"access_token":"a.b.c","token_type":"Bearer"}`), at: tokenPath,
			act: activate(func(p *stage, saved paycor.Credential) paycor.ActivationAnswer { return p.consented(saved) })},
		{name: "Pasted refresh token used up", app: paycortest.HarborLogistics, code: "refresh_token_used", act: activate(func(_ *stage, _ paycor.Credential) paycor.ActivationAnswer {
			return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(strings.Repeat("cd", 32))}
		})},
		{name: "Answer to a pasted refresh token lost", app: paycortest.HarborLogistics, code: "refresh_lost", act: activate(func(p *stage, _ paycor.Credential) paycor.ActivationAnswer {
			p.paycor.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
			return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.app.IssueRefreshToken())}
		})},
		{name: "Refresh refused with 400 and no word", app: paycortest.HarborLogistics, code: "refresh_refused", between: says(400, "", ""), at: tokenPath,
			act: activate(func(p *stage, _ paycor.Credential) paycor.ActivationAnswer {
				return paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(p.app.IssueRefreshToken())}
			})},
		{name: "Refresh token used by another program", app: paycortest.HarborLogistics, code: "refresh_token_used",
			act: verifyAgain(func(p *stage) { p.paycor.AddFault(paycortest.Fault{Kind: paycortest.RefreshUsed}) })},
		{name: "Answer to the last refresh lost", app: paycortest.HarborLogistics, code: "refresh_lost", act: func(p *stage) verdicts.Verdict {
			return verifyAgain(func(p *stage) {
				p.paycor.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer, Count: 1})
				_, err := p.TokenSource().Token(p.t.Context(), keyOf(p.only().ID))
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
		{name: "Right missing, and no list of legal entities", app: paycortest.OldMillFoods, between: says(404, asJSON, `{"title":"Not Found","detail":"no","correlationId":"9b1f"}`), at: listPath, code: "right_missing"},
		{name: "Application not of type Standard", app: paycortest.CedarPrint, code: "application_refused"},

		{name: "Quota used up", fault: at(paycortest.Quota, token), code: "quota", remedy: "Wait 84 minutes, then verify again."},
		{name: "Quota used up, noticed at the API", fault: at(paycortest.Quota, bound), code: "quota", remedy: "Wait 84 minutes, then verify again."},
		{name: "Rate limit", fault: at(paycortest.RateLimit, token), code: "rate_limited", remedy: "Wait 17 seconds, then verify again."},
		{name: "Rate limit, at the API", fault: at(paycortest.RateLimit, bound), code: "rate_limited", remedy: "Wait 17 seconds, then verify again."},
		{name: "Rate limit, without saying how long", between: says(429, "", ""), code: "rate_limited"},
		{name: "Rate limit inside a success", between: says(200, asJSON, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 9 seconds."}`), at: listPath,
			code: "rate_limited", remedy: "Wait 9 seconds, then verify again."},

		{name: "DNS knows no such name", draft: in("nowhere"), code: "dns"},
		{name: "Certificate not trusted", draft: in("untrusted"), code: "tls"},
		{name: "Connection refused", draft: in("closed"), code: "refused"},
		{name: "Address without https", draft: in("plain"), code: "environment_unusable"},
		{name: "Connection cut, at the token endpoint", fault: at(paycortest.Cut, token), code: "reset"},
		{name: "Connection cut, at the API", fault: at(paycortest.Cut, bound), code: "reset"},
		{name: "No answer, at the token endpoint", fault: at(paycortest.Hang, token), impatient: true, code: "timeout"},
		{name: "No answer, at the API", fault: at(paycortest.Hang, bound), impatient: true, code: "timeout"},
		{name: "Answer too slow to wait for", fault: paycortest.Fault{Kind: paycortest.SlowBody, Delay: time.Minute}, impatient: true, code: "timeout"},
		{name: "A part of the answer", fault: at(paycortest.TruncatedBody, bound), code: "truncated"},
		{name: "Gateway's fault, 500", fault: at(paycortest.ServerError, token), code: "server_error"},
		{name: "Bad gateway, 502", fault: paycortest.Fault{Kind: paycortest.ServerError, Place: bound, Status: 502}, code: "server_error"},
		{name: "Not available, 503", fault: paycortest.Fault{Kind: paycortest.ServerError, Place: token, Status: 503}, code: "server_error"},
		{name: "Paycor's own fault behind the gateway", fault: at(paycortest.PaycorError, ""), code: "server_error"},
		{name: "Gateway timeout, 504", between: says(504, "", ""), code: "timeout"},
		{name: "A proxy's page with 502", fault: at(paycortest.HTMLPage, token), code: "html_page"},
		{name: "A proxy's page with 403", fault: paycortest.Fault{Kind: paycortest.HTMLPage, Place: bound, Status: 403}, code: "html_page"},
		{name: "A page with 401", between: says(401, "text/html", "<!doctype html><title>401</title>"), code: "html_page"},
		{name: "A proxy asks for a sign-in, 407", between: says(407, "", "", "Proxy-Authenticate", "Basic"), code: "blocked"},
		{name: "A firewall's refusal in JSON", between: says(403, asJSON, `{"message":"Blocked by policy: this IP address is not on the allowlist."}`), code: "blocked"},
		{name: "Redirect", fault: at(paycortest.Redirect, token), code: "redirect"},
		{name: "Redirect to a sign-in page, at the API", fault: paycortest.Fault{Kind: paycortest.Redirect, Place: bound, Status: 307}, code: "redirect"},
		{name: "Captive portal", fault: at(paycortest.CaptivePortal, token), code: "captive_portal"},
		{name: "Captive portal, 511", between: says(511, asJSON, `{}`), code: "captive_portal"},
		{name: "No JSON", fault: at(paycortest.NotJSON, bound), code: "not_json"},
		{name: "Nothing in the answer", fault: at(paycortest.EmptyBody, token), code: "empty"},
		{name: "Address where Paycor is not", between: says(404, asJSON, `{"statusCode":404,"message":"Resource not found"}`), code: "route_unknown"},
		{name: "A success without a token", between: says(200, asJSON, `{"token_type":"Bearer"}`), at: tokenPath, code: "unexpected"},
	}
}

// only is the one credential there is.
func (p *stage) only() paycor.Credential {
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
			want := s.told()
			verdict := s.play(t)
			assert.Equal(t, s.code, verdict.Code)
			assert.Equal(t, want.outcome, string(verdict.Outcome))
			assert.Equal(t, []fields.Field(want.fields), verdict.Fields)
			assert.Equal(t, want.message, verdict.Message)
			assert.Equal(t, want.remedy, verdict.Remedy)
			if verdict.Outcome == verdicts.OutcomeUnreachable || verdict.Outcome == verdicts.OutcomeThrottled {
				assert.Empty(t, verdict.Fields, "nobody's values are to blame")
				for _, step := range verdict.Steps {
					assert.NotEqual(t, verdicts.StepFailed, step.State, "%s is no more to blame", step.Name)
				}
			}
		})
	}
}

func TestEveryCodeHasAScenario(t *testing.T) {
	for _, code := range verdicts.Codes() {
		assert.True(t, slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.code == code }), code)
		assert.Contains(t, sentences, code)
	}
}

// told is what the person is told, letter for letter.
func (s scenario) told() sentence {
	told := sentences[s.code]
	if s.fields != nil {
		told.fields = s.fields
	}
	if s.remedy != "" {
		told.remedy = s.remedy
	}
	if told.fields == nil {
		told.fields = named{}
	}
	return told
}

// The README's table is made of the scenarios, so that the two never differ.
func TestTheREADMEShowsTheScenarios(t *testing.T) {
	const path, begin, end = "../../README.md", "<!-- scenarios:begin -->\n", "<!-- scenarios:end -->"
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
	assert.Equal(t, scenarioTable(), table, "run: go test ./paycor/credentials -run README -update")
}

func scenarioTable() string {
	var b strings.Builder
	b.WriteString("| what is the matter | outcome | blames | code | what the page says |\n|---|---|---|---|---|\n")
	for _, s := range scenarios() {
		told := s.told()
		labels := make([]string, len(told.fields))
		for i, field := range told.fields {
			labels[i] = field.Label()
		}
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s |\n", s.name, told.outcome, strings.Join(labels, " or "), s.code, strings.TrimSpace(told.message+" "+told.remedy))
	}
	return b.String()
}

type sentence struct {
	outcome string
	fields  named
	message string
	remedy  string
}

// sentences are what a person reads, letter for letter.
var sentences = map[verdicts.Code]sentence{
	"verified": {"verified", nil,
		"Paycor accepts this credential.",
		""},
	"looks_swapped": {"rejected", nil,
		"A value looks as if it belonged into another field, so nothing was sent to Paycor.",
		"Compare each value with its own line under Security Connections in Paycor's developer portal, then verify again."},
	"subscription_key_rejected": {"rejected", named{"subscription_key"},
		"Paycor's gateway refuses the APIM Subscription Key: it is mistyped, its subscription is inactive, or it belongs to the other environment.",
		"Check the Environment, and copy the key again from the application's Security Connections in that environment's developer portal of Paycor."},
	"subscription_key_inactive": {"rejected", named{"subscription_key"},
		"Paycor's gateway says that the subscription of this APIM Subscription Key is not active.",
		"Have the subscription made active again in Paycor's developer portal, or copy the key of an active one from the application's Security Connections."},
	"subscription_key_missing": {"rejected", named{"subscription_key"},
		"Paycor's gateway says that no APIM Subscription Key came with the request.",
		"Copy the key again from Security Connections in Paycor's developer portal; if it is in place, ask whoever runs your network whether a proxy removes the header Ocp-Apim-Subscription-Key."},
	"client_rejected": {"rejected", named{"client_id", "client_secret"},
		"Paycor does not accept the Client ID together with the Client Secret.",
		"Copy both again from the same application's Security Connections in Paycor's developer portal."},
	"token_refused": {"rejected", named{"client_id", "client_secret"},
		"Paycor gave no token and did not say why; most often the Client ID or the Client Secret is wrong.",
		"Copy both again from the application's Security Connections in Paycor's developer portal; if they are right, have the application activated."},
	"grant_not_allowed": {"needs_activation", nil,
		"Paycor gives this application a token only after somebody has activated it.",
		"Activate it: a Company, HR or Payroll administrator has to allow it once in Paycor."},
	"activation_needed": {"needs_activation", nil,
		"This credential works by activation, and nobody has activated it yet.",
		"Activate it: a Company, HR or Payroll administrator has to allow it once in Paycor."},
	"scope_unknown": {"rejected", named{"scope"},
		"Paycor does not know this Scope ID for the application.",
		"Copy the Scope ID again from the application's General tab in Paycor's developer portal: each saved change of Data Access makes a new one, and the application has to be activated again for it."},
	"scope_outdated": {"rejected", named{"scope"},
		"This Scope ID belongs to an older version of the application: each saved change of Data Access makes a new one.",
		"Copy the newest Scope ID from the application's General tab in Paycor's developer portal, then activate the application again: an activation holds only for the version it was made for."},
	"scope_needed": {"rejected", named{"scope"},
		"Paycor gives this application a token only for a Scope ID, and none was entered.",
		"Copy the Scope ID from the application's General tab in Paycor's developer portal."},
	"token_not_accepted": {"rejected", nil,
		"Paycor gave a token and then did not accept it.",
		"Check that Client ID, Client Secret and APIM Subscription Key all come from the same application's Security Connections in Paycor's developer portal, then verify again."},
	"entity_not_activated": {"rejected", named{"legal_entity_id"},
		"The keys work, but they do not cover this Legal Entity ID.",
		"Choose a legal entity that the application covers, or have the application activated for this one; the ID stands in Paycor's company settings."},
	"entity_not_found": {"rejected", named{"legal_entity_id"},
		"The keys work, but Paycor knows no legal entity with this ID that could be used.",
		"Look the Legal Entity ID up in Paycor's company settings."},
	"entity_left": {"rejected", named{"legal_entity_id"},
		"The keys work, but this legal entity has left Paycor.",
		"Look up in Paycor's company settings the Legal Entity ID that is in use now."},
	"legal_entity_needed": {"rejected", named{"legal_entity_id"},
		"The keys work; only the Legal Entity ID is still open.",
		"Choose a legal entity that the application covers, or look the ID up in Paycor's company settings."},
	"right_missing": {"rejected", nil,
		"The keys work, but the application has no right to read the legal entity.",
		"Under Data Access of the application in Paycor's developer portal, choose View Legal Entity Basic Information in the group Legal Entities, save, and have the application activated again."},
	"application_refused": {"rejected", nil,
		"Paycor gave a token, but refuses every call of this application.",
		"Check in Paycor's developer portal that the application is of type Standard and that rights are chosen under Data Access, then have it activated again."},
	"refresh_token_used": {"needs_activation", nil,
		"Paycor no longer takes the refresh token: it was used by another program, withdrawn, or has expired.",
		"Activate the application in Paycor again, and let no other program use the same activation."},
	"refresh_lost": {"needs_activation", nil,
		"The answer to the last token refresh was lost on its way from Paycor, and Paycor gives each refresh token only once.",
		"Activate the application in Paycor again; nothing is wrong with the values that are saved here."},
	"refresh_refused": {"needs_activation", nil,
		"Paycor did not renew the token and did not say why; most often the refresh token has been used up.",
		"Verify again in a minute; if it stays so, activate the application in Paycor again."},
	"code_refused": {"needs_activation", nil,
		"Paycor does not take this authorization code: it was used already, is too old, or belongs to another application.",
		"Begin the activation in Paycor anew, and use the new code at once."},
	"code_expired": {"needs_activation", nil,
		"The authorization code is too old: Paycor takes one for a few minutes only.",
		"Begin the activation in Paycor anew, and use the new code at once."},
	"verifier_mismatch": {"needs_activation", nil,
		"The code verifier does not belong to this authorization code.",
		"Begin the activation in Paycor anew, and copy the code verifier before you press Initiate there."},
	"redirect_not_approved": {"needs_activation", nil,
		"The redirect address is not the one that this authorization code was made for.",
		"Compare the redirect address, letter for letter, with Approved Return OAuth URL under Security Connections in Paycor's developer portal, then begin the activation anew."},
	"no_refresh_token": {"needs_activation", nil,
		"Paycor gave a token but no refresh token with it, so the activation would end within the hour.",
		"Check in Paycor's developer portal that the application may use refresh tokens, then begin the activation anew."},
	"activation_denied": {"needs_activation", nil,
		"The activation was not allowed on Paycor's page.",
		"Have a Company, HR or Payroll administrator begin the activation anew and allow it on Paycor's page."},
	"activation_failed": {"needs_activation", nil,
		"Paycor's page ended the activation without allowing it.",
		"Check in Paycor's developer portal that the application is of type Standard and that Scope ID and Approved Return OAuth URL are right, then begin the activation anew."},
	"activation_expired": {"needs_activation", nil,
		"This activation was begun in another session or too long ago, or it is finished already.",
		"Begin the activation in Paycor anew, in this browser, and finish it within ten minutes."},
	"quota": {"throttled", nil,
		"The APIM Subscription Key has used up its quota of calls at Paycor.",
		"Wait until the quota is renewed, then verify again."},
	"rate_limited": {"throttled", nil,
		"Paycor takes no more calls with this APIM Subscription Key for a moment.",
		"Wait a minute, then verify again."},
	"dns": {"unreachable", nil,
		"The name of Paycor's server was not found in the network.",
		"Check the DNS of the machine this program runs on, and the environment's address, then verify again."},
	"tls": {"unreachable", nil,
		"No secure connection to Paycor came about: the certificate is not trusted or the two sides did not agree.",
		"Check the clock and the trusted certificates of the machine this program runs on, and whether a proxy opens secure connections, then verify again."},
	"refused": {"unreachable", nil,
		"No connection to Paycor could be opened.",
		"Check the network, proxy and firewall of the machine this program runs on, then verify again."},
	"blocked": {"unreachable", nil,
		"A proxy or firewall between this machine and Paycor turned the request away.",
		"Ask whoever runs your network to let this program through to Paycor, or to put the proxy's sign-in into HTTPS_PROXY, then verify again."},
	"reset": {"unreachable", nil,
		"The connection to Paycor broke off before an answer came.",
		"Verify again in a minute; if it stays so, check the network and firewall of the machine this program runs on."},
	"timeout": {"unreachable", nil,
		"Paycor did not answer in time.",
		"Verify again in a few minutes."},
	"server_error": {"unreachable", nil,
		"Paycor reports a fault of its own.",
		"Verify again in a few minutes; if it stays so, ask Paycor's support."},
	"html_page": {"unreachable", nil,
		"A web page came back instead of Paycor's answer, most likely from a proxy or firewall in between.",
		"Ask whoever runs your network to let this program through to Paycor, then verify again."},
	"captive_portal": {"unreachable", nil,
		"A web page came back as if it were Paycor's answer, most likely the sign-in page of your network.",
		"Sign in to the network on the machine this program runs on, then verify again."},
	"redirect": {"unreachable", nil,
		"The request was sent on to another address instead of being answered.",
		"Check the environment's address and whether the network has a sign-in page, then verify again."},
	"not_json": {"unreachable", nil,
		"The answer could not be read: it is not in Paycor's form.",
		"Verify again in a few minutes; if it stays so, check whether a proxy changes Paycor's answers."},
	"truncated": {"unreachable", nil,
		"Only a part of Paycor's answer arrived.",
		"Verify again in a minute; if it stays so, check whether a proxy cuts Paycor's answers."},
	"empty": {"unreachable", nil,
		"An answer came, but there is nothing in it.",
		"Verify again in a few minutes; if it stays so, check whether a proxy changes Paycor's answers."},
	"route_unknown": {"unreachable", nil,
		"The environment's address is not one where Paycor can be asked.",
		"Check the environment's address with whoever runs this program, then verify again."},
	"environment_unusable": {"unreachable", nil,
		"There is no usable address for this environment, so nothing was sent: it has to begin with https:// and name a server.",
		"Ask whoever runs this program to correct the environment's address, then verify again."},
	"unexpected": {"unreachable", nil,
		"Paycor's answer is none that this program understands.",
		"Verify again in a few minutes; if it stays so, ask Paycor's support."},
}
