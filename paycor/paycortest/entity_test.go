package paycortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

func TestEverySampleBehavesAsItsNoteSays(t *testing.T) {
	c := start(t, paycortest.Config{})
	use := func(name string) { c.app = c.server.Lookup(name) }

	use(paycortest.SunriseBakery)
	good := c.signIn()
	assert.JSONEq(t, `{"userLegalEntities":[{"legalEntityId":501123,"tenantId":678556},{"legalEntityId":501124,"tenantId":678556}]}`, c.list(good).body)
	entity := c.do("GET", "/v1/legalentities/501123", good, "")
	require.Equal(t, 200, entity.status)
	assert.Equal(t, false, entity.json(t)["isLost"])
	assert.Equal(t, 678556.0, entity.json(t)["tenant"].(map[string]any)["id"])

	use(paycortest.HarborLogistics)
	assert.Equal(t, "unauthorized_client", c.token().json(t)["error"])
	assert.Equal(t, 200, c.token("grant_type", "refresh_token", "refresh_token", c.app.IssueRefreshToken()).status)

	use(paycortest.OldMillFoods)
	right := c.signIn()
	assert.Equal(t, 200, c.list(right).status)
	assert.Equal(t, 403, c.do("GET", "/v1/legalentities/503377", right, "").status)
	assert.Equal(t, 200, c.do("GET", "/v1/legalentities/503377/employees", right, "").status)

	use(paycortest.SummitDental)
	lost := c.signIn()
	assert.Equal(t, true, c.do("GET", "/v1/legalentities/504418", lost, "").json(t)["isLost"])
	assert.Equal(t, 404, c.do("GET", "/v1/legalentities/504418/employees", lost, "").status)

	use(paycortest.CedarPrint)
	assert.Equal(t, 403, c.list(c.signIn()).status)
}
