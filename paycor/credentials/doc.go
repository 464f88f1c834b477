// Package credentials saves, verifies, activates and rotates credentials, and
// provides what a call to Paycor through one needs.
//
// A [Service] has no caller; [Service.As] binds it to one. Each action is
// authorized first (package rights), written in one transaction with its audit
// entry (package audit/trail), and then published to open pages (package events).
//
// # Verification
//
// Package upstream asks Paycor and returns a verdict. A save succeeds whatever
// the verdict is, and stores it with the credential. A verdict is stored only if
// the values it is about have not changed meanwhile.
//
// # Tokens
//
// Package tokens exchanges and refreshes access tokens over the store that this
// package implements. The store leases the right to exchange to one process at a
// time and commits a rotated refresh token before anybody uses the access token
// that came with it.
//
// # Rotation
//
// A rotation replaces a secret without downtime. It stores the new secret beside
// the current one as pending, tests it, and promotes it in the transaction that
// stores the verdict; the previous secret is kept for a rollback. A server that
// crashes at any step loses neither secret, and testing again finishes the
// rotation.
package credentials
