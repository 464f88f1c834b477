package docs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// served maps links to files outside of the manual to the server's addresses.
var served = map[string]string{"../openapi.yaml": "/api/v1/openapi.yaml", "alerts.yaml": "/docs/alerts.yaml", "dashboard.json": "/docs/dashboard.json"}

// render renders a page. Raw HTML in the source is omitted.
func render(name, source string) (Page, error) {
	links := &linkRewriter{}
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithAutoHeadingID(), parser.WithASTTransformers(util.Prioritized(links, 100))),
	)
	data := []byte(source)
	context := parser.NewContext(parser.WithIDs(headingIDs{}))
	document := markdown.Parser().Parse(text.NewReader(data), parser.WithContext(context))
	if len(links.unknown) > 0 {
		return Page{}, fmt.Errorf("links that the server cannot serve: %s", strings.Join(links.unknown, ", "))
	}
	title := pageTitle(document, data)
	if title == "" {
		return Page{}, errors.New("the page has no heading of level 1")
	}
	var html bytes.Buffer
	if err := markdown.Renderer().Render(&html, data, document); err != nil {
		return Page{}, err
	}
	return Page{name, title, html.Bytes()}, nil
}

// pageTitle returns the text of the first heading of level 1.
func pageTitle(document ast.Node, source []byte) (title string) {
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if heading, ok := node.(*ast.Heading); ok && entering && heading.Level == 1 {
			title = plainText(heading, source)
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return title
}

func plainText(node ast.Node, source []byte) string {
	var text strings.Builder
	_ = ast.Walk(node, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if leaf, ok := node.(*ast.Text); ok && entering {
			text.Write(leaf.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return text.String()
}

// linkRewriter turns links between sources into addresses of the server.
type linkRewriter struct{ unknown []string }

// Transform implements parser.ASTTransformer.
func (l *linkRewriter) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := node.(*ast.Link); ok && entering {
			address, ok := rewrite(string(link.Destination))
			if !ok {
				l.unknown = append(l.unknown, string(link.Destination))
			}
			link.Destination = []byte(address)
		}
		return ast.WalkContinue, nil
	})
}

// rewrite returns the server's address for a link, or false if there is none.
func rewrite(link string) (address string, ok bool) {
	file, fragment, hasFragment := strings.Cut(link, "#")
	if hasFragment {
		fragment = "#" + fragment
	}
	switch name, isPage := strings.CutSuffix(file, ".md"); {
	case file == "" || strings.HasPrefix(link, "https://"):
		return link, true
	case served[file] != "":
		return served[file] + fragment, true
	case isPage && !strings.Contains(name, "/"):
		return Address(name) + fragment, true
	}
	return link, false
}

// Address returns the server's address of a page.
func Address(name string) string {
	if name == "index" {
		return "/docs"
	}
	return "/docs/" + name
}

// headingIDs generates the same anchors as GitHub and GitLab, so that links to a
// heading work there and here: lowercase, spaces become hyphens, punctuation
// except hyphens and underscores is dropped.
type headingIDs map[string]int

// Generate implements parser.IDs.
func (ids headingIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(string(value)))
	n := ids[id]
	ids[id]++
	if n > 0 {
		return fmt.Appendf(nil, "%s-%d", id, n)
	}
	return []byte(id)
}

// Put implements parser.IDs.
func (ids headingIDs) Put(value []byte) { ids[string(value)]++ }
