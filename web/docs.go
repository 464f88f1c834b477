package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"paycorcred/app/locale"
)

// docsRoot is the address of the manual.
const docsRoot = "/docs"

// embeddedDocs is the manual as web/pack renders it. Without a build it is empty.
//
//go:embed all:static/docs
var embeddedDocs embed.FS

// docsPage is a page of the manual.
type docsPage struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	html  template.HTML
}

// address returns the page's address.
func (p docsPage) address() string {
	if p.Name == "index" {
		return docsRoot
	}
	return docsRoot + "/" + p.Name
}

// openDocs reads the manual from a file system: pages.json lists the pages in the
// order of the navigation, NAME.html has their bodies.
func openDocs(system fs.FS) ([]docsPage, error) {
	list, err := fs.ReadFile(system, "static/docs/pages.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var pages []docsPage
	if err := json.Unmarshal(list, &pages); err != nil {
		return nil, fmt.Errorf("reading the list of the manual's pages: %w", err)
	}
	for i := range pages {
		html, err := fs.ReadFile(system, "static/docs/"+pages[i].Name+".html")
		if err != nil {
			return nil, err
		}
		pages[i].html = template.HTML(html) //nolint:gosec // rendered from our own Markdown, without raw HTML
	}
	return pages, nil
}

// docsFiles are the files that the manual offers, with their media types: alerting rules
// for Prometheus and a dashboard for Grafana.
var docsFiles = map[string]string{"alerts.yaml": "application/yaml", "dashboard.json": "application/json"}

// openDocsFiles reads those files from the manual. There are none without a build.
func openDocsFiles(system fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	for name := range docsFiles {
		content, err := fs.ReadFile(system, "static/docs/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}

// docsHandlers serve the manual. It is public: it contains nothing about this
// server's data.
type docsHandlers struct {
	pages  []docsPage
	files  map[string][]byte // of docsFiles, by name
	render *pageRenderer
}

var docsTemplate = template.Must(template.New("docs").Parse(`<header class="docs-head"><a href="/">{{.Home}}</a></header>
<div class="docs">
<nav class="docs-pages" aria-label="{{.Contents}}">
<ul>
{{- range .Pages}}
<li><a href="{{.Address}}"{{if .Current}} aria-current="page"{{end}}>{{.Title}}</a></li>
{{- end}}
</ul>
</nav>
<main class="docs-text">
{{.Body}}</main>
</div>
`))

// docsLink is an entry of the navigation.
type docsLink struct {
	Address, Title string
	Current        bool
}

// page serves a page of the manual. It has no script, and it is in English.
func (h *docsHandlers) page(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("page")
	if name == "" {
		name = "index"
	} else if name == "index" {
		return notFound(r) // it has one address only
	}
	if content, is := h.files[name]; is {
		w.Header().Set("Content-Type", docsFiles[name])
		_, _ = w.Write(content)
		return nil
	}
	var current *docsPage
	var links []docsLink
	for i := range h.pages {
		page := &h.pages[i]
		if page.Name == name {
			current = page
		}
		links = append(links, docsLink{page.address(), page.Title, page.Name == name})
	}
	if current == nil {
		return notFound(r)
	}
	html, err := renderTemplate(docsTemplate, map[string]any{
		"Home": locale.English.Text("signin.back"), "Contents": locale.English.Text("docs.contents"), "Pages": links, "Body": current.html,
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(html))
	etag := `"` + hex.EncodeToString(sum[:8]) + h.render.files.set + string(infoOf(r).theme) + `"` // the document around it has the set's addresses
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", "no-cache")
	if notModified(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return h.render.writeHTML(w, r, http.StatusOK, current.Title, html)
}
