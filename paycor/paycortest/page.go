package paycortest

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed pages.html
var pagesHTML string

//go:embed style.css
var styleCSS []byte

// render writes a page. The pages have no scripts. formTarget is an additional
// origin that a form may redirect to.
func render(w http.ResponseWriter, status int, formTarget, name string, data any) {
	pages, err := template.New("pages").Parse(pagesHTML)
	if err != nil { // a test renders every page
		panic(fmt.Sprintf("paycortest: reading pages.html: %v", err))
	}
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, data); err != nil {
		panic(fmt.Sprintf("paycortest: rendering %s: %v", name, err))
	}
	policy := "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	if formTarget != "" {
		policy += " " + formTarget
	}
	secure(w, "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes())
}

// secure sets the headers of every control response.
func secure(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}
