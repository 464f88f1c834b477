// Package app is the page: the go-app components of every screen and dialog. The
// server renders them as HTML (Body) and the browser mounts the same ones (package
// app/wasm), so there is one source of what the page looks like.
//
// Components hold state and render it. They touch the document through dom.Document
// and ask the server through api.Service, so that tests can replace both.
//
// The program must stay small, so neither this package nor those below it import
// net/http, html/template or regexp.
package app
