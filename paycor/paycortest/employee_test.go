package paycortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/paycortest"
)

func TestWritesAreEchoedAndCounted(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	header.Set("Content-Type", "application/json")
	one := "/v1/employees/" + paycortest.EmployeeID(501123, 1)
	for i, test := range []struct {
		method, path, body, echo string
		status                   int
	}{
		{"POST", "/v1/legalentities/501123/employees", `{"firstName":"A"}`, `"echo":{"firstName":"A"}`, 201},
		{"PUT", one, `{"firstName":"B"}`, `"echo":{"firstName":"B"}`, 200},
		{"PATCH", one, `not JSON`, `"echo":"not JSON"`, 200},
		{"DELETE", one, ``, `"echo":""`, 200},
	} {
		t.Run(test.method, func(t *testing.T) {
			r := c.do(test.method, test.path, header.Clone(), test.body)
			assert.Equal(t, test.status, r.status, r.body)
			assert.Contains(t, r.body, test.echo)
			assert.Equal(t, i+1, c.server.Counts().Writes)
			assert.Equal(t, i+1, c.app.Counts().Writes)
		})
	}
	read := c.do("GET", one, header, "")
	assert.Equal(t, 1.0, read.json(t)["employeeNumber"])
	assert.Equal(t, 4, c.server.Counts().Writes, "reading is no write")
}

func TestAWriteThatIsRefusedIsNotCounted(t *testing.T) {
	c := start(t, paycortest.Config{})
	header := c.signIn()
	for _, id := range []string{"nothing", "0007a583", paycortest.EmployeeID(501123, 0), paycortest.EmployeeID(501123, 4), paycortest.EmployeeID(999999, 1)} {
		assert.Equal(t, 404, c.do("PUT", "/v1/employees/"+id, header, "{}").status, id)
		assert.Equal(t, 404, c.do("GET", "/v1/employees/"+id, header, "").status, id)
	}
	c.app.Change(func(d *paycortest.Details) { d.Scopes[0].Rights = []paycortest.Right{paycortest.ViewEmployees} })
	header = c.signIn()
	assert.Equal(t, 403, c.do("POST", "/v1/legalentities/501123/employees", header, "{}").status)
	assert.Equal(t, 403, c.do("DELETE", "/v1/employees/"+paycortest.EmployeeID(501123, 1), header, "").status)
	assert.Zero(t, c.server.Counts().Writes)
}
