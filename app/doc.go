// Package app is the page: the go-app components that a person sees, from the
// Authenticate screen to the Add New Credential overlay. The server renders
// them once as HTML (Body), the browser mounts the same ones (package wasm
// beneath this one), so there is one source of what the page looks like.
//
// The components hold state and render it; whatever touches the document goes
// through Surface and whatever asks the server goes through api.Service, so
// that both can be stood in for in tests.
//
// The package imports go-app, paycor and the standard library without
// net/http, html/template and regexp, because each of them makes the browser's
// program much larger. It never imports a package beneath paycor.
package app
