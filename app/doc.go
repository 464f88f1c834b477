// Package app is the page: the go-app components of every screen and dialog.
// The server renders them as HTML (Body) and the browser mounts the same
// components (package app/wasm), so both show the same page.
//
// Components hold state and render it. They access the document through
// dom.Document and the server through api.Service, so that tests can replace
// both.
//
// The program must stay small, so neither this package nor those below it
// import net/http, html/template or regexp.
package app
