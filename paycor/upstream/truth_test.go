package upstream_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// A credential works and can read nothing: that is neither a rejection nor a plain
// success.
func TestVerifiedWithoutAccess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rights []paycortest.Right
		code   verdicts.Code
		mostly bool
	}{
		{"nothing", []paycortest.Right{}, verdicts.CodeVerifiedNoAccess, true},
		{"the legal entity only", []paycortest.Right{paycortest.ViewLegalEntity}, verdicts.CodeVerified, true},
		{"one list", []paycortest.Right{paycortest.ViewEmployees}, verdicts.CodeVerified, true},
		{"everything", paycortest.AllRights(), verdicts.CodeVerified, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := paycortest.Start(t, paycortest.Config{})
			app := server.Lookup(paycortest.SunriseBakery)
			app.Change(func(d *paycortest.Details) { d.Scopes[0].Rights = c.rights })
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{
				Environment: environment(server.URL), Draft: draftOf(app.Details()), DataAccess: true,
			})
			assert.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)
			assert.Equal(t, c.code, verdict.Code)
			assert.Equal(t, c.code.Verdict().Message, verdict.Message)
			assert.Equal(t, c.code.Verdict().Remedy, verdict.Remedy)
			assert.Empty(t, verdict.Fields)
			require.NotNil(t, verdict.DataAccess)
			assert.Equal(t, c.mostly, verdict.DataAccess.MostlyDenied())
			if c.code == verdicts.CodeVerifiedNoAccess {
				assert.Len(t, verdict.DataAccess.Groups, 4)
				for _, group := range verdict.DataAccess.Groups {
					assert.Equal(t, verdicts.ReadableNo, group.Readable, group.Group)
				}
			}
		})
	}
	t.Run("not while a list could not be checked", func(t *testing.T) {
		server := paycortest.Start(t, paycortest.Config{RatePerMinute: 5})
		app := server.Lookup(paycortest.SunriseBakery)
		app.Change(func(d *paycortest.Details) { d.Scopes[0].Rights = []paycortest.Right{} })
		verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{
			Environment: environment(server.URL), Draft: draftOf(app.Details()), DataAccess: true,
		})
		assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	})
}

// A list that answers 200 with the body of an error was not read.
func TestAnErrorInsideASuccessIsNoSuccess(t *testing.T) {
	t.Parallel()
	holds, alive := scripted().list, scripted().entity
	for name, body := range map[string]string{
		"as specified":  `{"correlationId":"9b1f","title":"Failed","detail":"no","source":"Paycor Public API"}`,
		"in PascalCase": `{"CorrelationId":"9b1f","Title":"Failed","Detail":"no","Source":"Paycor Public API"}`,
		"without words": `{"Title":"Failed","CorrelationId":"9b1f"}`,
	} {
		t.Run(name, func(t *testing.T) {
			for step, s := range map[verdicts.StepName]script{
				verdicts.StepEntities:    {token: scripted().token, list: says(200, body), entity: alive},
				verdicts.StepLegalEntity: {token: scripted().token, list: holds, entity: says(200, body)},
			} {
				verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
				assert.Equal(t, verdicts.CodeServerError, verdict.Code, step)
				assert.Empty(t, verdict.Fields, step)
				assert.Equal(t, "9b1f", verdict.CorrelationID, step)
				assert.Contains(t, verdict.Steps, verdicts.Step{Name: step, State: verdicts.StepOpen})
			}
			access := upstream.New(upstream.Config{}).DataAccess(t.Context(), upstream.Call{Environment: environment(script{entity: says(200, body)}.start(t))}, 501123)
			_, _, unknown := access.Counts()
			assert.Len(t, verdicts.ListNames(), unknown)
		})
	}
}

// Paycor may reject a new token for a moment. A second rejection counts.
func TestABlank401IsAskedAgainOnce(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"list", "entity"} {
		for blanks, code := range map[int]verdicts.Code{0: verdicts.CodeVerified, 1: verdicts.CodeVerified, 2: verdicts.CodeTokenNotAccepted} {
			left := blanks
			flaky := func(answer http.HandlerFunc) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					if left--; left >= 0 {
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					answer(w, r)
				}
			}
			s := scripted()
			if place == "list" {
				s.list = flaky(s.list)
			} else {
				s.entity = flaky(s.entity)
			}
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.Equal(t, code, verdict.Code, "%s, %d blank answers", place, blanks)
		}
	}
}

// Invariant 6: whatever outage or limit meets a verification, at whatever call, no
// field is blamed and no step fails.
func TestNoOutageBlamesAField(t *testing.T) {
	t.Parallel()
	outages := map[string]http.HandlerFunc{}
	for _, status := range []int{408, 429, 500, 502, 503, 504, 511} {
		for name, body := range map[string]string{
			"empty": ``, "text": `Client ID, Client Secret, Legal Entity ID`, "page": `<html>invalid client</html>`,
			"gateway": `{"statusCode":500,"message":"Internal server error"}`,
			"paycor":  `{"correlationId":"9b1f","title":"Failed","detail":"Either Legal Entity ID 501123 is invalid"}`,
			"oauth":   `{"error":"server_error","error_description":"client_id"}`,
		} {
			outages[http.StatusText(status)+", "+name] = says(status, body)
		}
	}
	outages["quota"] = says(403, `{"statusCode":403,"message":"Out of call volume quota."}`)
	outages["sign-in page"] = says(200, `<html>Sign in</html>`)
	outages["moved"] = says(302, ``, "Location", "https://elsewhere.example/")
	outages["error in a success"] = says(200, `{"correlationId":"9b1f","title":"Failed","detail":"no"}`)
	outages["half"] = says(200, `{"userLegalEntities":[{"legal`)
	outages["nothing"] = says(200, ``)
	outages["gone"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, answer := range outages {
		for place, set := range map[string]func(*script){
			"token":  func(s *script) { s.token = answer },
			"list":   func(s *script) { s.list = answer },
			"entity": func(s *script) { s.entity = answer },
		} {
			if place == "token" && name == "error in a success" {
				continue // there, the wording tells whose error it is
			}
			s := scripted()
			set(&s)
			verdict := newVerifier(upstream.Config{}).verify(t, upstream.VerifyRequest{Environment: environment(s.start(t)), Draft: sampleDraft()})
			assert.False(t, verdict.Outcome.Conclusive(), "%s at %s: %s", name, place, verdict.Code)
			assert.NotEqual(t, verdicts.OutageNone, verdict.Outage(), "%s at %s", name, place)
			assert.Empty(t, verdict.Fields, "%s at %s", name, place)
			for _, step := range verdict.Steps {
				assert.NotContains(t, []verdicts.StepState{verdicts.StepFailed, verdicts.StepPending}, step.State, "%s at %s: %s", name, place, step.Name)
			}
		}
	}
}
