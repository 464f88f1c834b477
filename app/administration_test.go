package app

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/api"
)

// Each item of the header has a screen of its own, in the program that the server names.
func TestTheHeaderLinksToScreens(t *testing.T) {
	t.Parallel()
	paths := map[string]string{} // by type of screen
	for _, item := range navItems {
		start := startList()
		start.Path = item.path
		p, _, _ := newAnyTestPage(start)
		_, administers := p.content.(administration)
		assert.Equal(t, api.ProgramAt(item.path) == api.ProgramAdministration, administers, item.path)
		name := fmt.Sprintf("%T", p.screen)
		assert.Empty(t, paths[name], "%s and %s show the same screen", item.path, paths[name])
		paths[name] = item.path
	}
}
