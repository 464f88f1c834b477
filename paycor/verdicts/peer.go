package verdicts

import "slices"

// MayBelongToPeer reports whether the verdict would be the same for values that
// belong to another environment.
func (v Verdict) MayBelongToPeer() bool {
	return slices.Contains([]Code{CodeKeyRejected, CodeKeyInactive, CodeKeyMissing, CodeClientRejected, CodeTokenRefused}, v.Code)
}
