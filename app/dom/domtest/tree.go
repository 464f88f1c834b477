package domtest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Tree is rendered HTML, parsed as a browser does.
type Tree struct{ *html.Node }

func Parse(t *testing.T, markup string) Tree {
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
	return Tree{roots[0]}
}

// all returns the elements that match, in document order.
func (n Tree) All(match func(Tree) bool) []Tree {
	var found []Tree
	for node := range n.Descendants() {
		if child := (Tree{node}); node.Type == html.ElementNode && match(child) {
			found = append(found, child)
		}
	}
	return found
}

func (n Tree) Tags(tag string) []Tree { return n.All(func(c Tree) bool { return c.Data == tag }) }

func (n Tree) ID(t *testing.T, id string) Tree {
	t.Helper()
	found := n.All(func(c Tree) bool { return c.Attribute("id") == id })
	require.Len(t, found, 1, "elements with the id %s", id)
	return found[0]
}

func (n Tree) Has(id string) bool {
	return len(n.All(func(c Tree) bool { return c.Attribute("id") == id })) > 0
}

// Shows reports whether an element is not hidden, alone or with what contains it.
func (n Tree) Shows(t *testing.T, id string) bool {
	t.Helper()
	for node := n.ID(t, id).Node; node != nil; node = node.Parent {
		if _, hidden := (Tree{node}).Lookup("hidden"); hidden {
			return false
		}
	}
	return true
}

func (n Tree) Attribute(name string) string {
	value, _ := n.Lookup(name)
	return value
}

func (n Tree) Lookup(name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// text returns the visible text, with white space collapsed.
func (n Tree) Text() string {
	var words []string
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			words = append(words, strings.Fields(node.Data)...)
		}
	}
	return strings.Join(words, " ")
}

// shape returns the tree's elements and attribute names without values. It must
// not depend on the data.
func (n Tree) Shape() string {
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
