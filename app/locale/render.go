//go:build !js

package locale

import "sync"

// rendering protects current on a server.
var rendering sync.RWMutex

// Render calls render with c as the catalogue of the page, on a server. Pages in
// English render side by side; a page in another language has current to itself.
func Render(c *Catalogue, render func()) {
	if c == English {
		rendering.RLock()
		defer rendering.RUnlock()
		render()
		return
	}
	rendering.Lock()
	defer rendering.Unlock()
	current = c
	defer func() { current = English }()
	render()
}
