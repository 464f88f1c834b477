package usage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/usage"
)

func TestPathTemplates(t *testing.T) {
	for target, template := range map[string]string{
		"":                               "",
		"?a=b":                           "",
		"a/b":                            "",
		"/":                              "/",
		"/v1/legalentity/501123":         "/v1/legalentity/{…}",
		"/V12/LegalEntities":             "/V12/LegalEntities",
		"/v1/employees/?name=Smith/a":    "/v1/employees/",
		"/v1/employees#a/b":              "/v1/employees",
		"/v1/a//b":                       "/v1/a//b",
		"/v123/v/vx/v1a/va1":             "/{…}/v/vx/{…}/{…}",
		"/v1/3f2a9c0e-5b1d-4e7f/person":  "/v1/{…}/person",
		"/v1/first-name/a_b/a.b/a;b":     "/v1/{…}/{…}/{…}/{…}",
		"/v1/%41/ü/[a]/@/`":              "/v1/{…}/{…}/{…}/{…}/{…}",
		"/v1/" + strings.Repeat("a", 40): "/v1/" + strings.Repeat("a", 40),
		"/v1/" + strings.Repeat("a", 41): "/v1/{…}",
		strings.Repeat("/a", 12):         strings.Repeat("/a", 12),
		strings.Repeat("/a", 500):        strings.Repeat("/a", 12) + "/…",
	} {
		assert.Equal(t, template, usage.PathTemplate(target), target)
	}
}
