// Package docs renders the manual to HTML at build time.
//
// The sources are the Markdown files beside this one, readable on a forge as they
// are. web/pack writes the rendered pages to web/static/docs, which the server
// embeds and serves at /docs. Links between pages are relative ("operating.md")
// and become addresses of the server ("/docs/operating"). Two comments in the
// sources are replaced by generated text: "<!-- openapi -->" by the API reference
// and "<!-- verification-codes -->" by the list of codes.
//
// The package is for the build only, so that the server does not link a Markdown
// parser.
package docs

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sources are the pages in Markdown.
//
//go:embed *.md alerts.yaml dashboard.json
var sources embed.FS

// files are what the manual offers to download.
var files = []string{"alerts.yaml", "dashboard.json"}

// order is the order of the pages in the navigation. Pages that are not listed
// come last, by name.
var order = []string{"index", "using", "verification", "scenarios", "programs", "api", "embedding", "problems", "operating", "notifications", "sign-in", "security", "performance", "scaling"}

// Page is a rendered page.
type Page struct {
	Name  string // of the source, without ".md"
	Title string // its first heading, as plain text
	HTML  []byte // the body, without a document around it
}

// Render renders all pages in the order of the navigation.
func Render() ([]Page, error) {
	names, err := fs.Glob(sources, "*.md")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := position(a) - position(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	pages := make([]Page, 0, len(names))
	for _, file := range names {
		source, err := sources.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text, err := expand(string(source))
		if err != nil {
			return nil, fmt.Errorf("generating parts of %s: %w", file, err)
		}
		page, err := render(strings.TrimSuffix(file, ".md"), text)
		if err != nil {
			return nil, fmt.Errorf("rendering %s: %w", file, err)
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// position returns the place of a page in the navigation.
func position(file string) int {
	if i := slices.Index(order, strings.TrimSuffix(file, ".md")); i >= 0 {
		return i
	}
	return len(order)
}

// expand replaces the comments that mark generated text.
func expand(text string) (string, error) {
	for comment, generate := range map[string]func() (string, error){
		"<!-- openapi -->": apiReference, "<!-- verification-codes -->": verificationCodes,
	} {
		if !strings.Contains(text, comment) {
			continue
		}
		generated, err := generate()
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, comment, generated)
	}
	for _, marker := range []string{"<!-- scenarios:begin -->\n", "<!-- scenarios:end -->\n"} {
		text = strings.ReplaceAll(text, marker, "") // for the test that writes what is between them
	}
	return text, nil
}

// Entry is a page in the list that Write writes for the server.
type Entry struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Write renders all pages into a directory: NAME.html for each page, and
// pages.json with their names and titles in order. It removes other HTML files.
func Write(directory string) error {
	pages, err := Render()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	outdated, err := filepath.Glob(filepath.Join(directory, "*.html"))
	if err != nil {
		return err
	}
	for _, path := range outdated {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for _, name := range files {
		content, err := sources.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(directory, name), content, 0o644)
		}
		if err != nil {
			return err
		}
	}
	entries := make([]Entry, len(pages))
	for i, page := range pages {
		entries[i] = Entry{page.Name, page.Title}
		if err := os.WriteFile(filepath.Join(directory, page.Name+".html"), page.HTML, 0o644); err != nil {
			return err
		}
	}
	list, err := json.MarshalIndent(entries, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "pages.json"), append(list, '\n'), 0o644)
}
