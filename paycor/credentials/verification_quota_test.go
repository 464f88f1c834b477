package credentials_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/quota"
)

// A site names as many people as it likes: together they get half of the slots,
// each of them a quarter, and their workspace three quarters.
func TestNoSiteTakesAllVerificationSlots(t *testing.T) {
	t.Parallel()
	const all = 8 // 6 of them for one workspace
	slots := credentials.NewVerificationQuota(all)
	person := func(host string, n int) paycor.Caller {
		return paycor.Caller{Kind: paycor.CallerEmbedded, ID: host + "/" + strconv.Itoa(n), Workspace: "default"}
	}
	var releases []func()
	for n := range all / 2 {
		release := slots.Acquire(quota.PrincipalsOf(person("console", n))...)
		require.NotNil(t, release)
		releases = append(releases, release)
	}
	assert.Nil(t, slots.Acquire(quota.PrincipalsOf(person("console", -1))...))
	for range all / 4 {
		require.NotNil(t, slots.Acquire(quota.PrincipalsOf(person("portal", 1))...), "another site has its own quota")
	}
	assert.Nil(t, slots.Acquire(quota.PrincipalsOf(person("third", 1))...), "the workspace has used up its quota")
	elsewhere := paycor.Caller{Kind: paycor.CallerPerson, ID: "bob", Workspace: "other"}
	assert.NotNil(t, slots.Acquire(quota.PrincipalsOf(elsewhere)...), "another workspace has its own quota")
	releases[0]()
	assert.NotNil(t, slots.Acquire(quota.PrincipalsOf(person("console", -1))...), "a released slot is free again")
}
