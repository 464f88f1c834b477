package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"paycorcred/app/locale"
	"paycorcred/paycor/api"
	"paycorcred/paycor/message"
)

// shell is the HTML document of every page. The first element of the body must
// be the component's root, because go-app takes over that element. The data
// block has a type that no browser executes. A frame's program is not preloaded: it would
// take the line from the screen that can be used without it.
var shell = template.Must(template.New("shell").Parse(`<!doctype html>
<html lang="{{.Language.Tag}}"{{with .Theme}} data-theme="{{.}}"{{end}}{{if .Frame}} class="embedded"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{{or .Theme "light dark"}}">
<title>{{with .Attention}}({{.}}) {{end}}{{.Title}} · {{.Say "brand"}}</title>
{{- with .Message}}{{with .Refresh}}
<meta http-equiv="refresh" content="0; url={{.}}">
{{- end}}{{end}}
<link id="icon" rel="icon" type="image/svg+xml" href="{{if .Attention}}{{.AttentionIcon}}{{else}}{{.Icon}}{{end}}" data-calm="{{.Icon}}" data-attention="{{.AttentionIcon}}">
<link rel="stylesheet" href="{{.Style}}">
{{- with .Appearance}}
<style id="look">{{.}}</style>
{{- end}}
{{- with .Frame}}
<script defer src="{{.}}"></script>
{{- end}}
{{- with .Program}}
<link id="wasm" rel="{{if $.Frame}}program{{else}}preload{{end}}" as="fetch" crossorigin type="application/wasm" href="{{.Wasm}}">
<link id="sentences" rel="{{if $.Frame}}program{{else}}preload{{end}}" as="fetch" crossorigin type="application/json" href="{{.Sentences}}" data-languages="{{.Languages}}">
<script defer src="{{.Exec}}"></script>
<script defer src="{{.Boot}}"></script>
{{- end}}
</head>
<body>
{{- if .Body}}
{{.Body}}
{{- if .Program}}
<script type="application/json" id="start">{{.Start}}</script>
<noscript><p class="notice">{{.Say "page.noscript"}}</p></noscript>
{{- else}}
<p class="notice" role="alert">{{.Say "page.no-program"}}</p>
{{- end}}
{{- else}}
{{- with .Content}}
{{.}}
{{- end}}
{{- with .Message}}
<main class="words">
<h1>{{$.Title}}</h1>
{{- with .Notice}}
<div class="notice bad" role="alert"><span class="icon icon-rejected" aria-hidden="true"></span><div>
{{- range $i, $sentence := .}}
<p{{if eq $i 0}} class="notice-title"{{end}}>{{$sentence.In $.Language}}</p>
{{- end}}
</div></div>
{{- end}}
{{- range .Text}}
<p>{{.In $.Language}}</p>
{{- end}}
{{- with .Facts}}
<dl class="facts small">
{{- range .}}
<div class="fact"><dt>{{.Term.In $.Language}}</dt><dd>{{.Value.In $.Language}}</dd></div>
{{- end}}
</dl>
{{- end}}
{{- range .Notes}}
<p>{{.In $.Language}}</p>
{{- end}}
{{- with .Post}}
<form method="post" action="{{.Address}}"><button class="button primary">{{.Text.In $.Language}}</button></form>
{{- end}}
{{- if .Help}}
<p>{{$.Say "signin.new-link"}}</p>
<pre><code>paycorcred sign-in --data DIR</code></pre>
<p>{{$.Say "signin.already"}} <a href="/">{{$.Say "signin.open"}}</a></p>
{{- end}}
{{- with .Action}}
<p><a class="button primary" href="{{.Address}}">{{.Text.In $.Language}}</a></p>
{{- end}}
{{- if .SignedInLink}}
<p>{{$.Say "signin.already"}} <a href="/">{{$.Say "signin.open"}}</a></p>
{{- end}}
{{- if .Back}}
<p><a href="/">{{$.Say "signin.back"}}</a></p>
{{- end}}
</main>
{{- end}}
{{- end}}
</body>
</html>
`))

// document is the data of shell. It has a Body with Start, a Message, or Content.
type document struct {
	Title, Icon, Style string
	Language           *locale.Catalogue
	Theme              string // "light" or "dark"; empty if the browser chooses

	Appearance template.CSS // the style sheet of an embedding site's appearance, after Style

	Attention     int    // how many credentials need attention, in the title
	AttentionIcon string // in place of Icon if any does

	Body    template.HTML // a screen of the page's program
	Start   template.JS   // its data
	Program *program      // nil if the build has none
	Frame   string        // address of the script for embedding; empty if not embedded

	Message *textPage
	Content template.HTML // a whole page without a program
}

// Say returns a sentence in the document's language.
func (d document) Say(key string) string { return d.Language.Text(key) }

// program holds the addresses of a page's WebAssembly, of its loader and of its
// sentences.
type program struct {
	Wasm, Exec, Boot, Sentences string
	Languages                   string // tags of the languages there are, with spaces between them
}

// textPage is a page of a few sentences.
type textPage struct {
	Title        message.Message
	Notice       []message.Message // what failed, before anything else
	Text         []message.Message // paragraphs
	Facts        []fact            // a list after them
	Notes        []message.Message // paragraphs after the list
	Help         bool              // explains how to get a sign-in link
	Action       *link             // the next step
	Post         *link             // the next step, which changes something
	SignedInLink bool              // offers the credentials to people who are signed in
	Back         bool              // links to the credentials
	Refresh      string            // address to open at once; empty stays here
}

// fact is a value with its name.
type fact struct{ Term, Value message.Message }

type link struct {
	Address string
	Text    message.Message
}

// frameScript connects an embedded page with its embedding site.
const frameScript = "embed/frame.js"

// pageRenderer renders HTML pages.
type pageRenderer struct {
	files *staticFiles
	body  func(api.Start) string // renders the root element and escapes its input
}

func (p *pageRenderer) document(r *http.Request, c *locale.Catalogue, title string) document {
	var theme string
	if chosen := infoOf(r).theme; chosen != api.ThemeSystem {
		theme = string(chosen)
	}
	return document{
		Language: c, Title: title, Icon: p.files.address("icons/favicon.svg"), AttentionIcon: p.files.address("icons/favicon-attention.svg"),
		Style: p.files.address("app.css"), Theme: theme,
	}
}

// writeScreen writes a screen of the page's program.
func (p *pageRenderer) writeScreen(w http.ResponseWriter, r *http.Request, status int, title string, start api.Start) error {
	return p.writeStyledScreen(w, r, status, title, start, "")
}

// writeStyledScreen writes a screen with another style sheet after the page's own.
func (p *pageRenderer) writeStyledScreen(w http.ResponseWriter, r *http.Request, status int, title string, start api.Start, style string) error {
	page, err := p.screen(r, title, start, start)
	if err != nil {
		return err
	}
	page.Appearance = template.CSS(style) //nolint:gosec // written from checked values
	return writeDocument(w, status, page)
}

// writeSession writes the screen of a session that begins in a frame.
func (p *pageRenderer) writeSession(w http.ResponseWriter, r *http.Request, response exchangeResponse) error {
	page, err := p.screen(r, localeOf(r).Text("authenticate"), response.Start, response)
	if err != nil {
		return err
	}
	return writeDocument(w, http.StatusOK, page)
}

// screen returns the document of a screen that begins with start. data is what the document
// says about it for scripts.
func (p *pageRenderer) screen(r *http.Request, title string, start api.Start, data any) (document, error) {
	encoded, err := json.Marshal(data) // escapes <, >, & and line separators, so that nothing ends the data block
	if err != nil {
		return document{}, fmt.Errorf("encoding the page's data: %w", err)
	}
	language, known := locale.ByTag(start.Locale)
	if !known {
		language = locale.English
	}
	page := p.document(r, language, title)
	page.Body = template.HTML(p.body(start)) //nolint:gosec // body escapes its input
	page.Start = template.JS(encoded)        //nolint:gosec // escaped above
	sentences := sentencesName(language.Tag())
	wasm := api.ProgramAt(start.Path).File()
	if p.files.has(wasm) && p.files.has("wasm_exec.js") && p.files.has(sentences) {
		page.Program = &program{p.files.address(wasm), p.files.address("wasm_exec.js"), p.files.address("boot.js"), p.files.address(sentences), languages()}
	}
	if start.List.Counts != nil {
		page.Attention = start.List.Counts.NeedsAttention
	}
	if start.Embed != nil {
		page.Frame = p.files.address(frameScript)
	}
	return page, nil
}

// writeText writes a page of a few sentences.
func (p *pageRenderer) writeText(w http.ResponseWriter, r *http.Request, status int, text textPage) error {
	language := languageOf(w)
	page := p.document(r, language, text.Title.In(language))
	page.Message = &text
	return writeDocument(w, status, page)
}

// writeHTML writes a page without a program.
func (p *pageRenderer) writeHTML(w http.ResponseWriter, r *http.Request, status int, title string, content template.HTML) error {
	page := p.document(r, languageOf(w), title)
	page.Content = content
	return writeDocument(w, status, page)
}

// renderTemplate returns the output of a template as HTML.
func renderTemplate(t *template.Template, data any) (template.HTML, error) {
	var html bytes.Buffer
	if err := t.Execute(&html, data); err != nil {
		return "", fmt.Errorf("rendering %s: %w", t.Name(), err)
	}
	return template.HTML(html.String()), nil //nolint:gosec // the template escapes
}

func writeDocument(w http.ResponseWriter, status int, page document) error {
	var html bytes.Buffer
	if err := shell.Execute(&html, page); err != nil {
		return fmt.Errorf("rendering the page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes())
	return nil
}
