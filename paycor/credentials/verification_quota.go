package credentials

import (
	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

// newVerificationQuota bounds the verifications under way: all of them, because each holds
// memory and a connection, and those of one party, so that nobody who asks a
// Paycor that hangs keeps everybody else from asking. A caller has a quarter of
// them, a site that embeds the page half, a workspace three quarters; and half
// the server itself, which asks on nobody's request in particular.
func newVerificationQuota(all int) *quota.Quota {
	return quota.New(all, func(party quota.Principal) int {
		switch {
		case party.Kind == quota.KindWorkspace:
			return max(1, all*3/4)
		case party.Kind == quota.KindHost, party.CallerKind == paycor.CallerServer:
			return max(1, all/2)
		}
		return max(1, all/4)
	})
}
