package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// through calls Paycor through a credential.
func (p *program) through(token, method, id, path string, body any) answer {
	p.t.Helper()
	return p.do(ask{Method: method, Path: "/api/v1/credentials/" + id + "/paycor" + path, Body: body, Header: map[string]string{"Authorization": "Bearer " + token}})
}

const aList = "/v1/legalentities/ActivatedLegalEntityTenantList"

// A program sends a credential's ID and gets Paycor's response. The secrets
// never leave the server.
func TestACallGoesThroughACredential(t *testing.T) {
	t.Parallel()
	p := start(t)
	f := sample(t, paycortest.SunriseBakery)
	saved := p.save(f.body(t), "?verify=false")
	use := p.newToken("--rights", "use")

	got := p.through(use, "GET", saved.ID, "/v1/legalentities/501123/employees", nil)
	require.Equal(t, http.StatusOK, got.Status, "%s", got.Body)
	var page struct {
		Records              []any
		AdditionalResultsURL string `json:"additionalResultsUrl"`
	}
	got.into(t, &page)
	assert.NotEmpty(t, page.Records)
	require.NotEmpty(t, page.AdditionalResultsURL)
	p.api("POST", "/credentials/"+saved.ID+"/verify", nil)
	next := p.through(use, "GET", saved.ID, page.AdditionalResultsURL, nil)
	assert.Less(t, remaining(t, next), remaining(t, got)-2, "a verification counts against the limit, as it does at Paycor")
	assert.Equal(t, http.StatusOK, next.Status, "%s", next.Body)
	assert.NotEqual(t, got.Body, next.Body)

	made := p.through(use, "POST", saved.ID, "/v1/legalentities/501123/employees", body{"firstName": "Ada", "lastName": "Invented"})
	assert.Equal(t, 2, made.Status/100, "%s", made.Body)
	wrong := p.through(use, "GET", saved.ID, "/V1/LegalEntities/501123", nil)
	assert.Equal(t, http.StatusNotFound, wrong.Status, "Paycor's paths are case-sensitive")
	assert.Empty(t, wrong.Header.Get("Paycorcred-Error"), "and that is Paycor's own word")

	_, log, _ := strings.Cut(p.output.String(), "/sign-in?code=") // skip the simulator's samples
	for _, text := range []string{string(got.Body), string(made.Body), log} {
		for _, secret := range []string{f.ClientSecret, f.Key, use} {
			assert.NotContains(t, text, secret)
		}
	}
	for name, values := range got.Header {
		assert.NotContains(t, strings.Join(values, " "), f.Key, name)
	}
}

// remaining returns how many calls a response says are left in the minute.
func remaining(t *testing.T, a answer) (calls int) {
	t.Helper()
	_, err := fmt.Sscanf(a.Header.Get("RateLimit"), `"paycor";r=%d;`, &calls)
	require.NoError(t, err)
	return calls
}

// An open page shows state changes that calls discover, for better and for
// worse.
func TestACallTellsTheTile(t *testing.T) {
	t.Parallel()
	p, app, saved := rotatable(t)
	away := p.save(sample(t, paycortest.SunriseBakery).body(t).with("name", "Café timesheets"), "")
	app.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	p.api("POST", "/credentials/"+away.ID+"/verify", nil)
	app.ClearFaults()
	use := p.newToken("--rights", "use")
	b := open(t, p).signIn()
	b.get("radio", "~Sunrise Bakery Verified")
	b.get("radio", "~Café timesheets Paycor error")
	b.until("calls succeed again", func() bool { return p.through(use, "GET", away.ID, aList, nil).Status == http.StatusOK })
	b.get("radio", "~Café timesheets Verified")

	app.Change(func(d *paycortest.Details) { d.ClientSecret = "invented/secret+that/nobody+entered/000001" })
	app.ExpireTokens()
	require.NotEqual(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status)
	b.get("radio", "~Sunrise Bakery Rejected")
}

func TestWhoMayCallThroughACredential(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	read, stranger, viewer := p.newToken("--rights", "read"), p.newToken("--rights", "use", "--workspace", "elsewhere"), p.newToken("--rights", "view,edit,admin")
	for _, test := range []struct {
		token, method string
		status        int
		code          string
	}{
		{read, "GET", 200, ""},
		{read, "POST", 403, "forbidden"},
		{read, "DELETE", 403, "forbidden"},
		{viewer, "GET", 403, "forbidden"},
		{stranger, "GET", 404, "not_found"},
		{"pcc_unknown", "GET", 401, "unauthorized"},
	} {
		got := p.through(test.token, test.method, saved.ID, aList, nil)
		assert.Equal(t, test.status, got.Status, "%s %s", test.method, got.Body)
		assert.Equal(t, test.code, got.Header.Get("Paycorcred-Error"))
	}
	nobody := p.do(ask{Method: "GET", Path: "/api/v1/credentials/" + saved.ID + "/paycor" + aList, Header: p.session()})
	assert.Equal(t, http.StatusUnauthorized, nobody.Status, "a browser's session opens nothing here")
	assert.EqualValues(t, 1, p.counts()["calls"], "only who may reached Paycor")
}

// The Client Secret changes at Paycor. The first call whose token is rejected
// returns the reason. A rejected key is recorded as such, and usage counts the
// two separately.
func TestACallIsToldWhatPaycorRefuses(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	use := p.newToken("--rights", "use")
	require.Equal(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status)

	p.addFault(fault{Kind: paycortest.InvalidKey, Place: paycortest.AtAPI})
	got := p.through(use, "GET", saved.ID, aList, nil)
	assert.Equal(t, http.StatusUnauthorized, got.Status)
	assert.Equal(t, "upstream_key", got.Header.Get("Paycorcred-Note"))
	assert.Contains(t, got.Header.Get("Www-Authenticate"), "AzureApiManagementKey", "Paycor's headers stay")
	p.clearFaults()
	p.addFault(fault{Kind: paycortest.Quota, Place: paycortest.AtAPI, DelayMS: 60_000})
	got = p.through(use, "GET", saved.ID, aList, nil)
	assert.Equal(t, http.StatusForbidden, got.Status)
	assert.Equal(t, "upstream_quota", got.Header.Get("Paycorcred-Note"))
	assert.Equal(t, `"paycor";r=0;t=`+got.Header.Get("Retry-After"), got.Header.Get("RateLimit"))
	p.clearFaults()

	p.addFault(fault{Kind: paycortest.TokenNotAccepted})
	p.addFault(fault{Kind: paycortest.WrongClient})
	got = p.through(use, "POST", saved.ID, "/v1/legalentities/501123/employees", body{"firstName": "Ada", "lastName": "Invented"})
	assert.Equal(t, http.StatusConflict, got.Status, "%s", got.Body)
	assert.Equal(t, "client_rejected", got.Header.Get("Paycorcred-Error"))

	var used usage.Usage
	require.Eventually(t, func() bool {
		p.api("GET", "/credentials/"+saved.ID+"/usage", nil).into(t, &used)
		return len(used.Failures) == 3
	}, timeout, 50*time.Millisecond)
	assert.Equal(t, verdicts.CodeClientRejected, used.Failures[0].Code)
	assert.Equal(t, "/v1/legalentities/{…}/employees", used.Failures[0].Path)
	assert.Equal(t, usage.NoteQuota, used.Failures[1].Note)
	assert.Equal(t, usage.NoteKey, used.Failures[2].Note)
	assert.Equal(t, aList, used.Failures[2].Path)
}

// Invariant 3: no POST, PUT, PATCH or DELETE reaches Paycor twice, whatever
// fails on the way.
func TestNoWriteReachesPaycorTwice(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	use := p.newToken("--rights", "use")
	require.Equal(t, http.StatusOK, p.through(use, "GET", saved.ID, aList, nil).Status)
	for _, f := range []fault{
		{Kind: paycortest.ServerError, Status: 500}, {Kind: paycortest.ServerError, Status: 502}, {Kind: paycortest.ServerError, Status: 503},
		{Kind: paycortest.PaycorError}, {Kind: paycortest.LostAnswer, Place: paycortest.AtAPI}, {Kind: paycortest.Cut}, {Kind: paycortest.RateLimit, DelayMS: 1000, Place: paycortest.AtAPI},
		{Kind: paycortest.TokenNotAccepted}, {Kind: paycortest.HTMLPage, Place: paycortest.AtAPI}, {Kind: paycortest.TruncatedBody, Place: paycortest.AtAPI},
	} {
		if f.Place == "" && f.Kind != paycortest.PaycorError && f.Kind != paycortest.TokenNotAccepted {
			f.Place = paycortest.AtAPI
		}
		p.addFault(f)
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			path := "/v1/employees/00000000-0000-0000-0000-000000000001"
			if method == "POST" {
				path = "/v1/legalentities/501123/employees"
			}
			before := p.counts()["calls"].(float64)
			_, _ = p.try(t.Context(), ask{Method: method, Path: "/api/v1/credentials/" + saved.ID + "/paycor" + path,
				Header: map[string]string{"Authorization": "Bearer " + use}, Body: body{"firstName": "Ada", "lastName": "Invented"}})
			assert.LessOrEqual(t, p.counts()["calls"].(float64)-before, 1.0, "%s with %s", method, f.Kind)
		}
		p.clearFaults()
	}
}
