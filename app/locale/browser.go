//go:build js

package locale

// English is empty in the browser: the page's program carries no sentences. It
// loads the catalogue of its language from the server, which is complete.
var English = &Catalogue{tag: "en"}

// ByTag returns the catalogue of the page if it has that tag. The browser has
// no other.
func ByTag(tag string) (*Catalogue, bool) { return current, current.tag == tag }

// Render calls render. A browser shows one language.
func Render(_ *Catalogue, render func()) { render() }
