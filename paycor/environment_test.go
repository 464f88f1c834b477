package paycor_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestEnvironments(t *testing.T) {
	environments := paycor.Environments()
	require.Len(t, environments, 2)
	assert.Equal(t, "production", environments[0].Name)
	assert.Equal(t, "sandbox", environments[1].Name)
	for _, environment := range environments {
		for _, address := range []string{environment.APIURL, environment.AuthorizeURL, environment.PortalURL} {
			parsed, err := url.Parse(address)
			require.NoError(t, err)
			assert.Equal(t, "https", parsed.Scheme)
			assert.NotEqual(t, byte('/'), address[len(address)-1])
		}
	}
	environments[0].APIURL = "changed"
	assert.NotEqual(t, "changed", paycor.Environments()[0].APIURL, "callers share one list")
}
