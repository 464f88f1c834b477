// Package app is the page: the go-app components of every screen and dialog.
// The server renders them as HTML (Body) and the browser mounts the same
// components (package app/wasm), so both show the same page.
//
// The screens are divided into two programs (api.Program), each the content of a Page:
// NewCredentials and NewAdministration. A program contains what is reachable from its
// constructor, so no file of one names a screen of the other. A Page and what it holds is
// in both.
//
// Components hold state and render it. They access the document through
// dom.Document and the server through api.Service, so that tests can replace
// both.
//
// The programs must stay small, so neither this package nor those below it
// import net/http, html/template or regexp.
package app
