package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"paycorcred/app/locale"
	"paycorcred/paycor/api"
)

// shell is the document around every page. The first element of the body has
// to be the component's root, because go-app takes that one over. The data
// block is no script: no policy lets it run, and none has to.
var shell = template.Must(template.New("shell").Parse(`<!doctype html>
<html lang="{{.Locale}}"{{if .Frame}} class="embedded"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Title}} · {{.Product}}</title>
{{- with .Words}}{{with .Refresh}}
<meta http-equiv="refresh" content="0; url={{.}}">
{{- end}}{{end}}
<link rel="icon" type="image/svg+xml" href="{{.Icon}}">
<link rel="stylesheet" href="{{.Style}}">
{{- with .Frame}}
<script defer src="{{.}}"></script>
{{- end}}
{{- with .Program}}
<link id="wasm" rel="preload" as="fetch" crossorigin type="application/wasm" href="{{.Wasm}}">
<link id="sentences" rel="preload" as="fetch" crossorigin type="application/json" href="{{.Sentences}}">
<script defer src="{{.Exec}}"></script>
<script defer src="{{.Boot}}"></script>
{{- end}}
</head>
<body>
{{- if .Body}}
{{.Body}}
{{- if .Program}}
<script type="application/json" id="start">{{.Start}}</script>
<noscript><p class="notice">JavaScript is switched off in this browser. The page can be read, but credentials can only be added and changed with JavaScript. Switch it on for this address and load the page again.</p></noscript>
{{- else}}
<p class="notice" role="alert">This server was built without the page's program, so the page can be read but not used. Build it with: make build</p>
{{- end}}
{{- else}}
{{- with .Inner}}
{{.}}
{{- end}}
{{- with .Words}}
<main class="words">
<h1>{{.Title}}</h1>
{{- range .Text}}
<p>{{.}}</p>
{{- end}}
{{- if .Help}}
<p>To get a new link, run this on the server's machine, with the data directory the server uses:</p>
<pre><code>paycorcred sign-in --data DIR</code></pre>
<p>Signed in already? <a href="/">Open the credentials</a>.</p>
{{- end}}
{{- with .Go}}
<p><a class="button primary" href="{{.Address}}">{{.Text}}</a></p>
{{- end}}
{{- if .Already}}
<p>Signed in already? <a href="/">Open the credentials</a>.</p>
{{- end}}
{{- if .Back}}
<p><a href="/">Back to the credentials</a></p>
{{- end}}
</main>
{{- end}}
{{- end}}
</body>
</html>
`))

// document fills the shell: either a page with Body and Start, or Words.
type document struct {
	Title, Product, Icon, Style string
	Locale                      string // BCP 47 tag of the page's language
	Program                     *program
	Body                        template.HTML
	Start                       template.JS
	Words                       *words
	Inner                       template.HTML // a whole page without a program
	Frame                       string        // address of what an embedded page needs first; empty where it is none
}

// program is where the page's program is, and the sentences it shows.
type program struct{ Wasm, Exec, Boot, Sentences string }

// words is a page that only says something.
type words struct {
	Title string
	Text  []string // paragraphs
	Help  bool     // how to come by a sign-in link
	Back  bool     // a way to the credentials

	Go      *way // what to do next
	Already bool // a way to the credentials for who is signed in

	Refresh string // an address of ours to go on to at once; empty stays
}

func (d *door) document(title string) document {
	return document{Locale: locale.English.Tag(), Title: title, Product: product, Icon: d.files.address("icons/favicon.svg"), Style: d.files.address("app.css")}
}

// way is a link to what somebody does next.
type way struct{ Address, Text string }

// writeShell answers with a page of the program's.
func (d *door) writeShell(w http.ResponseWriter, status int, title string, start api.Start) error {
	data, err := json.Marshal(start) // escapes <, >, & and the line separators: nothing in it ends the block
	if err != nil {
		return fmt.Errorf("encoding the page's data: %w", err)
	}
	page := d.document(title)
	if start.Locale != "" {
		page.Locale = start.Locale
	}
	page.Body = template.HTML(d.Body(start)) //nolint:gosec // Body escapes what it is given
	page.Start = template.JS(data)           //nolint:gosec // escaped above
	sentences := sentencesName(page.Locale)
	if d.files.has("app.wasm") && d.files.has("wasm_exec.js") && d.files.has(sentences) {
		page.Program = &program{d.files.address("app.wasm"), d.files.address("wasm_exec.js"), d.files.address("boot.js"), d.files.address(sentences)}
	}
	if start.Embed != nil {
		page.Frame = d.files.address(frameScript)
	}
	return writeDocument(w, status, page)
}

// writeWords answers with a page that only says something.
func (d *door) writeWords(w http.ResponseWriter, status int, say words) error {
	page := d.document(say.Title)
	page.Words = &say
	return writeDocument(w, status, page)
}

func writeDocument(w http.ResponseWriter, status int, page document) error {
	var html bytes.Buffer
	if err := shell.Execute(&html, page); err != nil {
		return fmt.Errorf("building the page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes())
	return nil
}
