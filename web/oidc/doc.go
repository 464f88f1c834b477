// Package oidc signs people in with an OpenID Connect provider: authorization code
// flow with PKCE, state and nonce, key rotation, RP-initiated logout and
// back-channel logout. Rules map the provider's claims to rights (Rule).
//
// go-oidc and x/oauth2 implement the protocol. Cookies and pages belong to
// package web.
package oidc
