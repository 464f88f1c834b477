package upstream_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// echoes are ways in which a server may repeat a request.
var echoes = map[string]func(string) string{
	"as it came":      func(s string) string { return s },
	"URL-encoded":     url.QueryEscape,
	"path-escaped":    url.PathEscape,
	"in base64":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"in URL base64":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"in hex":          func(s string) string { return hex.EncodeToString([]byte(s)) },
	"in capitals":     strings.ToUpper,
	"with \\/":        func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
	"as JSON in JSON": func(s string) string { text, _ := json.Marshal(s); return string(text) },
	"behind its name": func(s string) string {
		return "client:" + base64.StdEncoding.EncodeToString([]byte("00000000000000000a01:"+s))
	},
}

// shapes are the forms of an error message around a text.
var shapes = map[string]func(status int, text string) (contentType, body string){
	"oauth":  object("error", "error_description"),
	"paycor": object("Title", "Detail", "CorrelationId", "Source"),
	"gateway": func(status int, text string) (string, string) {
		body, _ := json.Marshal(map[string]any{"statusCode": status, "message": text, "activityId": text})
		return "application/json", string(body)
	},
	"unknown": object("whatever"),
	"text":    func(_ int, text string) (string, string) { return "text/plain", text },
	"html":    func(_ int, text string) (string, string) { return "text/html", "<html><title>" + text + "</title>" },
}

func object(names ...string) func(int, string) (string, string) {
	return func(_ int, text string) (string, string) {
		values := map[string]string{}
		for _, name := range names {
			values[name] = text
		}
		body, _ := json.Marshal(values)
		return "application/json", string(body)
	}
}

// personalToken is a JWT with personal data, like Paycor's.
func personalToken() string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"RS256"}`) + "." +
		part(`{"name":"`+paycortest.PersonName+`","email":"`+paycortest.PersonEmail+`","ip":"`+paycortest.PersonIP+`","client_id":"x"}`) +
		"." + part("an invented signature of some length")
}

func TestNoSecretComesOutWhateverIsEchoed(t *testing.T) {
	draft, token := sampleDraft(), personalToken()
	secrets := []string{draft.ClientSecret.Reveal(), draft.SubscriptionKey.Reveal(), token,
		strings.Split(token, ".")[1], paycortest.PersonName, paycortest.PersonEmail, paycortest.PersonIP, "Imogen"}
	for shapeName, shape := range shapes {
		for echoName, echo := range echoes {
			t.Run(shapeName+" "+echoName, func(t *testing.T) {
				var out strings.Builder
				for _, status := range []int{200, 400, 401, 403, 500} {
					repeat := func(w http.ResponseWriter, r *http.Request) {
						_ = r.ParseForm()
						parts := []string{r.PostForm.Get("client_secret"), r.Header.Get("Ocp-Apim-Subscription-Key"), r.Header.Get("Authorization")}
						if r.Header.Get("Authorization") != "" {
							parts = append(parts, token, paycortest.PersonName, paycortest.PersonEmail, paycortest.PersonIP)
						}
						for i := range parts {
							parts[i] = echo(parts[i])
						}
						contentType, body := shape(status, "got "+strings.Join(parts, " and "))
						w.Header().Set("Content-Type", contentType)
						w.Header().Set("X-Correlation-Id", parts[1])
						w.WriteHeader(status)
						_, _ = io.WriteString(w, body)
					}
					for _, place := range []string{"token", "list", "entity"} {
						s := scripted()
						s.token = says(200, `{"access_token":"`+token+`"}`)
						switch place {
						case "token":
							s.token = repeat
						case "list":
							s.list, s.entity = repeat, repeat
						case "entity":
							s.entity = repeat
						}
						a := newVerifier(upstream.Config{})
						server := environment(s.start(t))
						verdict := a.verify(t, upstream.VerifyRequest{Environment: server, Draft: draft})
						fmt.Fprintln(&out, asJSON(t, verdict), asJSON(t, a.steps), a.log.String())
						_, err := a.client.Get(t.Context(), upstream.Call{
							Environment: server, Path: "/v1/x", Token: paycor.NewSecret(token), SubscriptionKey: draft.SubscriptionKey,
						})
						fmt.Fprintf(&out, "%v %+v\n", err, err)
					}
				}
				all := strings.ToLower(out.String())
				for _, secret := range secrets {
					for name, encode := range echoes {
						assert.False(t, strings.Contains(all, strings.ToLower(encode(secret))), "%q %s", secret, name)
					}
				}
			})
		}
	}
}

// The API may repeat the Client Secret, which Paycor knows, even if the call
// itself does not contain it.
func TestTheClientSecretComesOutOfNoCall(t *testing.T) {
	draft := sampleDraft()
	secret := draft.ClientSecret.Reveal()
	for name, answer := range map[string]func(*script){
		"as a company's name": func(s *script) {
			s.entity = says(200, asJSON(t, map[string]any{"id": 501123, "name": "Acme " + secret}))
		},
		"as an error": func(s *script) {
			s.list = says(500, asJSON(t, map[string]any{"title": "Failed", "detail": "got " + secret}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := scripted()
			answer(&s)
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: draft})
			assert.NotContains(t, asJSON(t, verdict), secret)
			assert.Contains(t, asJSON(t, verdict), "[secret]", "the rest is said")
		})
	}
}

func TestCutEchoShowsNoHalfSecret(t *testing.T) {
	secret := sampleDraft().ClientSecret.Reveal()
	s := scripted()
	s.token = says(400, "the secret was "+secret[:20], "Content-Type", "text/plain")
	a := newVerifier(upstream.Config{MaxBody: 35})
	verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
	assert.NotContains(t, asJSON(t, verdict)+a.log.String(), secret[:10])
}

func TestKeyInTheQueryIsNotLogged(t *testing.T) {
	key := sampleDraft().SubscriptionKey.Reveal()
	var asked atomic.Int32
	s := scripted()
	s.token = func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Query().Get("subscription-key") == key {
			panic(http.ErrAbortHandler) // the transport's error contains this address
		}
		says(401, `{"statusCode":401,"message":"Access denied due to missing subscription key."}`)(w, r)
	}
	a := newVerifier(upstream.Config{})
	address := s.start(t)
	verdict := a.verify(t, upstream.VerifyRequest{Environment: environment(address), Draft: sampleDraft()})
	require.EqualValues(t, 2, asked.Load())
	assert.Equal(t, verdicts.CodeReset, verdict.Code)
	_, err := tokens.NewClient(a.client).Exchange(t.Context(), tokens.ApplicationFromDraft(environment(address), sampleDraft()))
	for _, out := range []string{asJSON(t, verdict), a.log.String(), fmt.Sprintf("%v %+v %#v", err, err, err)} {
		assert.NotContains(t, out, key)
		assert.NotContains(t, out, "subscription-key")
	}
}
