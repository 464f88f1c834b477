package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testDuplicates(t *testing.T, s store.Store) {
	c := fullCredential("a")
	c.Name = "Payroll Import"
	insert(t, s, "w", c, nil)
	insert(t, s, "other", c, nil)
	copied := c
	copied.ID = "b"
	find := func(of paycor.Credential, only ...string) (found []paycor.Duplicate) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.Duplicates("w", of, only); return err })
		return found
	}
	values := paycor.NewDuplicate("a", "Payroll Import", paycor.DuplicateValues)
	sameName := paycor.NewDuplicate("a", "Payroll Import", paycor.DuplicateName)
	with := func(change func(*paycor.Credential)) paycor.Credential {
		changed := copied
		change(&changed)
		return changed
	}
	for name, test := range map[string]struct {
		of   paycor.Credential
		only []string
		want []paycor.Duplicate
	}{
		"both":                  {copied, nil, []paycor.Duplicate{values, sameName}},
		"itself":                {c, nil, nil},
		"another name":          {with(func(c *paycor.Credential) { c.Name = "Time export" }), nil, []paycor.Duplicate{values}},
		"the name in capitals":  {with(func(c *paycor.Credential) { c.Name, c.ClientID = "PAYROLL IMPORT", "x" }), nil, []paycor.Duplicate{sameName}},
		"another client":        {with(func(c *paycor.Credential) { c.Name, c.ClientID = "x", "x" }), nil, nil},
		"another entity":        {with(func(c *paycor.Credential) { c.Name = "x"; c.LegalEntityID++ }), nil, nil},
		"another environment":   {with(func(c *paycor.Credential) { c.Name, c.Environment = "x", "x" }), nil, nil},
		"no entity yet":         {with(func(c *paycor.Credential) { c.Name, c.LegalEntityID = "x", 0 }), nil, nil},
		"no name yet":           {with(func(c *paycor.Credential) { c.Name = "" }), nil, []paycor.Duplicate{values}},
		"not in the allow-list": {copied, []string{"b", "z"}, nil},
		"in the allow-list":     {copied, []string{"a"}, []paycor.Duplicate{values, sameName}},
	} {
		assert.Equal(t, test.want, find(test.of, test.only...), name)
	}
	for i := range 20 {
		many := c
		many.ID = fmt.Sprintf("many-%02d", i)
		insert(t, s, "w", many, nil)
	}
	assert.Less(t, len(find(copied)), 20, "only a few are returned")
}
