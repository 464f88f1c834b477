package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

func TestASignInEndsTheOneBeforeItOnRecord(t *testing.T) {
	b := newBench(t)
	first, _, err := b.OpenSession(t.Context(), vouched())
	require.NoError(t, err)
	again := vouched()
	again.Replaces = first
	_, _, err = b.OpenSession(t.Context(), again)
	require.NoError(t, err)
	_, err = b.CallerBySession(t.Context(), first)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	trail := b.trail(t)
	require.Len(t, trail, 3)
	assert.Equal(t, []audit.Action{audit.ActionSignIn, audit.ActionSessionEnd, audit.ActionSignIn}, []audit.Action{trail[0].Action, trail[1].Action, trail[2].Action})
	assert.Equal(t, "replaced "+trail[2].Detail, trail[1].Detail)

	again.Replaces = paycor.NewSecret("planted")
	_, _, err = b.OpenSession(t.Context(), again)
	assert.NoError(t, err, "what is no session is passed over")
}
