package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
)

// BenchmarkAccess measures what a call costs whose credentials are not in memory, as with
// very many credentials.
func BenchmarkAccess(b *testing.B) {
	s := env.Simulate(b, paycortest.SunriseBakery)
	key := paycor.CredentialKey{Workspace: "default", Credential: s.Create(b).ID}
	for b.Loop() {
		_, err := credentials.Access(b.Context(), s.Service, key)
		require.NoError(b, err)
	}
}
