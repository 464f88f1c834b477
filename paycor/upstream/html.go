package upstream

import (
	"bytes"
	"slices"
)

// pageStarts are the beginnings of a web page in lower case.
var pageStarts = [][]byte{[]byte("<!doctype html"), []byte("<html"), []byte("<head"), []byte("<body"), []byte("<title"), []byte("<h1"), []byte("<script"), []byte("<center"), []byte("<form")}

// isHTML goes by the body and not by its Content-Type: a JSON answer was seen
// labeled text/html, and a page labeled application/json. An error page or the
// sign-in page of a network has one of the page's own elements near its start,
// after comments or a declaration perhaps.
func isHTML(body []byte) bool {
	if len(body) == 0 || body[0] != '<' {
		return false
	}
	start := bytes.ToLower(body[:min(len(body), 4096)])
	return slices.ContainsFunc(pageStarts, func(element []byte) bool { return bytes.Contains(start, element) })
}
