package upstream_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// verifier verifies drafts as package credentials does, and records the results
// and the log.
type verifier struct {
	client *upstream.Client
	steps  []verdicts.Step
	log    *testkit.Log
}

func newVerifier(config upstream.Config) *verifier {
	a := &verifier{log: &testkit.Log{}}
	config.Logger = slog.New(slog.NewTextHandler(a.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	config.RetryPause, config.TokenPause = -1, -1
	if config.Transport == nil {
		transport := upstream.NewTransport(nil)
		transport.DisableKeepAlives = true // every test has its own server
		config.Transport = transport
	}
	a.client = upstream.New(config)
	return a
}

func (a *verifier) verify(t *testing.T, question upstream.VerifyRequest) verdicts.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	verdict, err := a.ask(ctx, question)
	require.NoError(t, err)
	return verdict
}

func (a *verifier) ask(ctx context.Context, question upstream.VerifyRequest) (verdicts.Verdict, error) {
	exchanger := tokens.NewClient(a.client)
	return a.client.Verify(ctx, question, func(ctx context.Context) (paycor.Secret, error) {
		token, err := exchanger.Exchange(ctx, tokens.ApplicationFromDraft(question.Environment, question.Draft))
		return token.Access, err
	}, func(step verdicts.Step) { a.steps = append(a.steps, step) })
}

func environment(address string) paycor.Environment {
	return paycor.Environment{Name: "test", APIURL: address}
}

// draftOf returns what a person types for the application.
func draftOf(details paycortest.Details) paycor.Draft {
	return paycor.Draft{
		Name: details.Name, Environment: "test", Grant: paycor.GrantClientCredentials,
		ClientID: details.ClientID, ClientSecret: paycor.NewSecret(details.ClientSecret),
		SubscriptionKey: paycor.NewSecret(details.PrimaryKey),
		LegalEntityID:   paycor.TypedID(strconv.Itoa(details.Entities[0].ID)),
	}
}

// states returns the steps in short form: "passed passed failed skipped
// skipped".
func states(steps []verdicts.Step) string {
	words := make([]string, len(steps))
	for i, step := range steps {
		words[i] = string(step.State)
	}
	return strings.Join(words, " ")
}

// script is a server in Paycor's place whose responses a test sets.
type script struct {
	token, list, entity http.HandlerFunc
}

func (s script) start(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	return server.URL
}

func (s script) serve(w http.ResponseWriter, r *http.Request) {
	handle := s.entity
	switch r.URL.Path {
	case tokens.TokenPath:
		handle = s.token
	case "/v1/legalentities/ActivatedLegalEntityTenantList":
		handle = s.list
	}
	handle(w, r)
}

// scripted returns a script in which everything works for legal entity 501123.
func scripted() script {
	return script{
		token:  says(200, `{"access_token":"aaaa.bbbb.cccc","token_type":"Bearer","expires_in":1800}`),
		list:   says(200, `{"userLegalEntities":[{"legalEntityId":501123,"tenantId":678556}]}`),
		entity: says(200, `{"id":501123,"name":"Sunrise Bakery LLC","isLost":false,"tenant":{"id":678556}}`),
	}
}

// says responds with a status, a body and headers in pairs.
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func sampleDraft() paycor.Draft {
	return paycor.Draft{
		Name: "Invented", Environment: "test", Grant: paycor.GrantClientCredentials, ClientID: "00000000000000000a01",
		ClientSecret:    paycor.NewSecret("simulator/secret+of/Sunrise+Bakery/0000001"),
		SubscriptionKey: paycor.NewSecret("000000000000000000000000000000b1"),
		LegalEntityID:   "501123",
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// tokenSource is the token source of a sample application.
func tokenSource(a *verifier, server *paycortest.Server) upstream.TokenSource {
	return func(ctx context.Context) (paycor.Secret, error) {
		draft := draftOf(server.Lookup(paycortest.SunriseBakery).Details())
		token, err := tokens.NewClient(a.client).Exchange(ctx, tokens.ApplicationFromDraft(environment(server.URL), draft))
		return token.Access, err
	}
}
