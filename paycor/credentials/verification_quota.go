package credentials

import (
	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

// newVerificationQuota limits concurrent verifications: all of them, because
// each takes memory and a connection, and each principal's, so that a hung
// Paycor cannot let one caller starve the others. A caller gets a quarter of the
// slots, an embedding site half, a workspace three quarters, and the server
// itself half.
func newVerificationQuota(total int) *quota.Quota {
	return quota.New(total, func(principal quota.Principal) int {
		switch {
		case principal.Kind == quota.KindWorkspace:
			return max(1, total*3/4)
		case principal.Kind == quota.KindHost, principal.CallerKind == paycor.CallerServer:
			return max(1, total/2)
		}
		return max(1, total/4)
	})
}
