package dom_test

import (
	"testing"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom"
	"paycorcred/app/dom/domtest"
)

func TestAttributeKeepsEveryValueInside(t *testing.T) {
	for name, value := range domtest.Hostile {
		t.Run(name, func(t *testing.T) {
			root := domtest.Parse(t, goapp.HTMLString(dom.El("div", dom.Attr("title", value), dom.El("b", "after"))))
			assert.Equal(t, domtest.AsRead(value), root.Attribute("title"))
			assert.Len(t, root.Attr, 1)
			assert.Len(t, root.Tags("b"), 1)
		})
	}
}

func TestBooleanAttributesAreLeftOutWhenFalse(t *testing.T) {
	for _, name := range []string{"checked", "selected"} {
		_, there := domtest.Parse(t, goapp.HTMLString(dom.El("input", dom.Property(name, false)))).Lookup(name)
		assert.False(t, there, name)
		_, there = domtest.Parse(t, goapp.HTMLString(dom.El("input", dom.Property(name, true)))).Lookup(name)
		assert.True(t, there, name)
	}
	_, there := domtest.Parse(t, goapp.HTMLString(dom.El("div", dom.Flag("hidden", false)))).Lookup("hidden")
	assert.False(t, there)
	assert.Equal(t, "true", domtest.Parse(t, goapp.HTMLString(dom.El("div", dom.Attr("aria-busy", "true")))).Attribute("aria-busy"))
}

func FuzzAttribute(f *testing.F) {
	for _, value := range domtest.Hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		root := domtest.Parse(t, goapp.HTMLString(dom.El("p", dom.Attr("title", value), dom.El("input", dom.Attr("value", value)), dom.El("span", "x"+value))))
		if value == "" {
			return
		}
		require.Equal(t, domtest.AsRead(value), root.Attribute("title"))
		require.Len(t, root.Tags("input"), 1)
		require.Len(t, root.All(func(domtest.Tree) bool { return true }), 2)
	})
}
