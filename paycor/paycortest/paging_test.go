package paycortest_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// listPage is a decoded page of a list.
type listPage struct {
	HasMoreResults       bool
	ContinuationToken    string
	AdditionalResultsURL string
	Records              []map[string]any
}

func (c *client) page(path string) listPage {
	c.t.Helper()
	r := c.do("GET", path, c.signIn(), "")
	require.Equal(c.t, 200, r.status, r.body)
	var p listPage
	require.NoError(c.t, json.Unmarshal([]byte(r.body), &p))
	return p
}

func TestPagesByTokenAndByAddress(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.Change(func(d *paycortest.Details) {
		d.Entities[0].Records = map[string]int{"employees": 401, "departments": 200, "worklocations": 0}
	})
	const employees = "/v1/legalentities/501123/employees"
	first := c.page(employees)
	assert.Len(t, first.Records, 200)
	assert.True(t, first.HasMoreResults)
	byToken := c.page(employees + "?continuationToken=" + url.QueryEscape(first.ContinuationToken))
	byAddress := c.page(first.AdditionalResultsURL)
	assert.Equal(t, byToken, byAddress)
	assert.Equal(t, 201.0, byAddress.Records[0]["employeeNumber"])
	last := c.page(byAddress.AdditionalResultsURL)
	assert.Len(t, last.Records, 1)
	assert.False(t, last.HasMoreResults)
	assert.Empty(t, last.ContinuationToken)
	assert.Empty(t, last.AdditionalResultsURL)

	full := c.page(c.page("/v1/legalentities/501123/departments").AdditionalResultsURL)
	assert.Len(t, full.Records, 100)
	assert.False(t, full.HasMoreResults, "a full last page has nothing after it")
	assert.Empty(t, c.page("/v1/legalentities/501123/worklocations").Records)

	for name, token := range map[string]string{"garbage": "!!", "of another list": first.ContinuationToken} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, 400, c.do("GET", "/v1/legalentities/501123/departments?continuationToken="+url.QueryEscape(token), c.signIn(), "").status)
		})
	}
}

func TestSomeListsAreABareArray(t *testing.T) {
	c := start(t, paycortest.Config{})
	for _, list := range []string{"payGroups", "timeofftypes"} {
		var records []map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.do("GET", "/v1/legalentities/501123/"+list, c.signIn(), "").body), &records))
		assert.Len(t, records, 3)
	}
}

func TestNoDataCanBeA400(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.Change(func(d *paycortest.Details) { d.Entities[0].Records = map[string]int{"paydata": 0} })
	r := c.do("GET", "/v1/legalentities/501123/paydata", c.signIn(), "")
	assert.Equal(t, 400, r.status)
	assert.Regexp(t, `^Either Legal Entity ID 501123 is invalid or has no `, r.json(t)["detail"])
}

func TestEveryListNeedsItsOwnRight(t *testing.T) {
	c := start(t, paycortest.Config{})
	paths := map[string]paycortest.Right{
		"": paycortest.ViewLegalEntity, "/employees": paycortest.ViewEmployees, "/departments": paycortest.ViewDepartments,
		"/jobtitles": paycortest.ViewJobTitles, "/paydata": paycortest.ViewPayData, "/payGroups": paycortest.ViewPayGroups,
		"/timeofftypes": paycortest.ViewTimeOffTypes, "/worklocations": paycortest.ViewWorkLocations,
		"/persons": paycortest.ViewPersons, "/earnings": paycortest.ViewEarnings, "/timeoffaccruals": paycortest.ViewTimeOff,
	}
	for _, right := range paths {
		c.app.Change(func(d *paycortest.Details) { d.Scopes[0].Rights = []paycortest.Right{right} })
		header := c.signIn()
		for path, needs := range paths {
			want := 403
			if needs == right {
				want = 200
			}
			assert.Equal(t, want, c.do("GET", "/v1/legalentities/501123"+path, header, "").status, "%s with %s", path, right)
		}
	}
}

func TestWhichEntityWhichAnswer(t *testing.T) {
	c := start(t, paycortest.Config{})
	c.app.Change(func(d *paycortest.Details) {
		d.Entities = append(d.Entities, paycortest.Entity{ID: 600001, Name: "Kept out", TenantID: 1, NotActivated: true})
	})
	header := c.signIn()
	for name, test := range map[string]struct {
		id     string
		status int
	}{
		"covered":                     {"501123", 200},
		"not in the activation":       {"600001", 403},
		"of another application":      {"502240", 403},
		"not there":                   {"999999", 404},
		"not a number":                {"abc", 400},
		"zero":                        {"0", 400},
		"one more than fits an int32": {"2147483648", 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do("GET", "/v1/legalentities/"+test.id, header, "")
			assert.Equal(t, test.status, r.status)
			if test.status != 200 {
				assert.Regexp(t, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, r.json(t)["correlationId"])
			}
		})
	}
	assert.NotContains(t, c.list(header).body, "600001")
}

func TestErrorNamesDriftInCase(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	for casing, names := range map[paycortest.Casing][]string{
		paycortest.CamelCase:  {"correlationId", "title", "detail", "source"},
		paycortest.PascalCase: {"CorrelationId", "Title", "Detail", "Source"},
	} {
		c.app.Change(func(d *paycortest.Details) { d.Casing = casing })
		problem := c.do("GET", "/v1/legalentities/999999", header, "").json(t)
		assert.Len(t, problem, 4)
		for _, name := range names {
			assert.NotEmpty(t, problem[name], name)
		}
	}
	samples := c.server.Samples()
	assert.NotEqual(t, samples[0].Casing, samples[1].Casing, "it alternates from application to application")

	c.app.Change(func(d *paycortest.Details) { d.NotStandard, d.ForbiddenStyle = true, paycortest.StyleEmpty })
	forbidden := c.list(header)
	assert.Equal(t, 403, forbidden.status)
	assert.Empty(t, forbidden.body)
}
