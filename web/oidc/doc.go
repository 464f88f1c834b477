// Package oidc signs people in with an OpenID Connect provider: authorization
// code with PKCE, state and nonce, keys that rotate, sign-out at the provider
// and by the provider. What a person may do follows from rules over the claims
// that the provider gives (Rule).
//
// The protocol's own work is done by go-oidc and x/oauth2. The package knows
// nothing of cookies and pages: those are the door's (package web). It imports
// paycor, nothing else of ours.
package oidc
