// Package hosttoken decides whether a site that embeds the page may: it reads the
// public keys of a host, be they pasted or behind an address, and judges the
// tokens that the host's server signs. Judge stops at the first thing that is
// wrong; Examine says all of it, for the developer of a host.
//
// Signatures and keys are go-jose's matter, which is told the algorithms to
// take. Whether a token was used before is not decided here: that needs the
// store. The package may import paycor, nothing else of ours.
package hosttoken
