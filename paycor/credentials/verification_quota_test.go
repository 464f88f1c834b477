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

// A host names as many people as it likes: together they have half of the
// seats, each of them a quarter, and their workspace three.
func TestNoHostTakesAllSeats(t *testing.T) {
	const all = 8 // of which the workspace may have 6
	seats := credentials.NewSeats(all)
	person := func(host string, n int) paycor.Caller {
		return paycor.Caller{Kind: paycor.CallerEmbedded, ID: host + "/" + strconv.Itoa(n), Workspace: "default"}
	}
	var leaves []func()
	for n := range all / 2 {
		leave := seats.Acquire(quota.PrincipalsOf(person("console", n))...)
		require.NotNil(t, leave)
		leaves = append(leaves, leave)
	}
	assert.Nil(t, seats.Acquire(quota.PrincipalsOf(person("console", -1))...))
	for range all / 4 {
		require.NotNil(t, seats.Acquire(quota.PrincipalsOf(person("portal", 1))...), "others find room")
	}
	assert.Nil(t, seats.Acquire(quota.PrincipalsOf(person("third", 1))...), "the workspace has all that it may")
	elsewhere := paycor.Caller{Kind: paycor.CallerPerson, ID: "bob", Workspace: "other"}
	assert.NotNil(t, seats.Acquire(quota.PrincipalsOf(elsewhere)...), "another workspace finds room")
	leaves[0]()
	assert.NotNil(t, seats.Acquire(quota.PrincipalsOf(person("console", -1))...), "who leaves makes room")
}
