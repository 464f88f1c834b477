// Package hosttoken verifies the tokens by which an embedding site
// authenticates its users: JWTs signed by the site's server, with keys that are
// registered as a JWKS or fetched from a URL. Verify stops at the first failed
// check; Diagnose reports every check, for the developer of a site.
//
// Signatures are verified by go-jose, limited to three asymmetric algorithms,
// so a token cannot choose "none" or use a public key as a shared secret. This
// package does not detect replayed tokens, because that needs the store.
package hosttoken
