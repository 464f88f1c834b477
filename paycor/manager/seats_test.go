package manager_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/manager"
)

// A host names as many people as it likes: together they have half of the
// seats, each of them a quarter.
func TestNoHostTakesAllSeats(t *testing.T) {
	const all = 8
	seats := manager.NewSeats(all)
	person := func(host string, n int) paycor.Caller {
		return paycor.Caller{Kind: paycor.CallerEmbedded, ID: host + "/" + strconv.Itoa(n), Workspace: "default"}
	}
	var leaves []func()
	for n := range all / 2 {
		leave := seats.Take(person("console", n))
		require.NotNil(t, leave)
		leaves = append(leaves, leave)
	}
	assert.Nil(t, seats.Take(person("console", -1)))
	for range all / 4 {
		require.NotNil(t, seats.Take(person("portal", 1)), "others find room")
	}
	assert.Nil(t, seats.Take(person("portal", 1)), "one person has a quarter")
	assert.NotNil(t, seats.Take(person("portal", 2)))
	leaves[0]()
	assert.NotNil(t, seats.Take(person("console", -1)), "who leaves makes room")
}
