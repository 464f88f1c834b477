package paycor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestPaycorsOwnTwoAreAPairAtTheirOwnAddressesOnly(t *testing.T) {
	own := paycor.Environments()
	other, found := paycor.PeerOf(own, "production")
	assert.True(t, found)
	assert.Equal(t, "sandbox", other.Name)
	other, found = paycor.PeerOf(own, "sandbox")
	assert.True(t, found)
	assert.Equal(t, "production", other.Name)

	replaced, err := paycor.ParseEnvironment("production=https://elsewhere.example")
	require.NoError(t, err)
	environments := []paycor.Environment{replaced, own[1]}
	for _, name := range []string{"production", "sandbox", "nowhere"} {
		_, found = paycor.PeerOf(environments, name)
		assert.False(t, found, name)
	}
	require.NoError(t, paycor.PairEnvironments(environments, " production = sandbox "))
	_, found = paycor.PeerOf(environments, "sandbox")
	assert.True(t, found, "the operator may pair them")
}

func TestPair(t *testing.T) {
	for _, wrong := range []string{"", "production", "production=", "production=nowhere", "production=production", "=sandbox"} {
		assert.Error(t, paycor.PairEnvironments(paycor.Environments(), wrong), wrong)
	}
	environments := append(paycor.Environments(), paycor.Environment{Name: "lab"})
	require.NoError(t, paycor.PairEnvironments(environments, "production=lab"))
	other, found := paycor.PeerOf(environments, "lab")
	assert.True(t, found)
	assert.Equal(t, "production", other.Name)
	_, found = paycor.PeerOf(environments, "sandbox")
	assert.False(t, found, "it lost its other half")
}
