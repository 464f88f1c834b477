//go:build js

package locale

// English is empty in the browser: the page's program carries no sentences. It
// loads the catalogue of its language from the server, which is complete.
var English = &Catalogue{tag: "en"}

// ByTag finds nothing: the page has loaded the one catalogue that it needs.
func ByTag(string) (*Catalogue, bool) { return nil, false }
