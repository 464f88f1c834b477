package paycortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

func TestListenRefusesWhatIsBeyondThisMachine(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "localhost:0"} {
		listener, err := paycortest.Listen(t.Context(), address)
		require.NoError(t, err, address)
		assert.NoError(t, listener.Close())
	}
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "simulator.invalid:0", "127.0.0.1", ""} {
		_, err := paycortest.Listen(t.Context(), address)
		assert.Error(t, err, address)
	}
}

func TestAnApplicationNeedsANameOfItsOwn(t *testing.T) {
	sim := paycortest.New(paycortest.Config{})
	for _, name := range []string{"", "all"} {
		assert.Panics(t, func() { sim.Application(paycortest.Details{Name: name}) }, name)
	}
	before := sim.Lookup(paycortest.SunriseBakery)
	after := sim.Application(paycortest.Details{Name: paycortest.SunriseBakery})
	assert.Same(t, after, sim.Lookup(paycortest.SunriseBakery))
	assert.NotSame(t, before, after, "the same name replaces")
	assert.Nil(t, sim.Lookup("nobody"))
}
