package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// tree is rendered HTML, parsed as a browser does.
type tree struct{ *html.Node }

func parse(t *testing.T, markup string) tree {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	require.NoError(t, err)
	var roots []*html.Node
	for _, node := range nodes {
		if node.Type != html.TextNode || strings.TrimSpace(node.Data) != "" {
			roots = append(roots, node)
		}
	}
	require.Len(t, roots, 1, "the page is one element")
	return tree{roots[0]}
}

func render(t *testing.T, p *Page) tree {
	t.Helper()
	return parse(t, goapp.HTMLString(p))
}

// all returns the elements that match, in the order of the document.
func (n tree) all(match func(tree) bool) []tree {
	var found []tree
	for node := range n.Descendants() {
		if child := (tree{node}); node.Type == html.ElementNode && match(child) {
			found = append(found, child)
		}
	}
	return found
}

func (n tree) tags(tag string) []tree { return n.all(func(c tree) bool { return c.Data == tag }) }

func (n tree) id(t *testing.T, id string) tree {
	t.Helper()
	found := n.all(func(c tree) bool { return c.attr("id") == id })
	require.Len(t, found, 1, "elements with the id %s", id)
	return found[0]
}

func (n tree) has(id string) bool {
	return len(n.all(func(c tree) bool { return c.attr("id") == id })) > 0
}

func (n tree) attr(name string) string {
	value, _ := n.find(name)
	return value
}

func (n tree) find(name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text is what is read, with single blanks.
func (n tree) text() string {
	var words []string
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			words = append(words, strings.Fields(node.Data)...)
		}
	}
	return strings.Join(words, " ")
}

// shape is the tree's elements and attribute names, without any value of
// data: what must not change whatever the data is.
func (n tree) shape() string {
	var shape strings.Builder
	var walk func(*html.Node)
	walk = func(node *html.Node) {
		if node.Type == html.ElementNode {
			shape.WriteString("<" + node.Data)
			names := map[string]bool{}
			for _, a := range node.Attr {
				names[a.Key] = true
			}
			for _, name := range []string{"id", "class", "href", "title", "value", "for", "onclick", "onerror", "src", "style"} {
				if names[name] {
					shape.WriteString(" " + name)
				}
			}
			shape.WriteString(">")
		}
		for child := node.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(n.Node)
	return shape.String()
}
