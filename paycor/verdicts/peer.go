package verdicts

import "slices"

// MayBelongToPeer reports whether values of another environment would get the same
// verdict.
func (v Verdict) MayBelongToPeer() bool {
	return slices.Contains([]Code{CodeKeyRejected, CodeKeyInactive, CodeKeyMissing, CodeClientRejected, CodeTokenRefused}, v.Code)
}
