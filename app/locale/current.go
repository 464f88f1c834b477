package locale

// The page shows one language at a time, so its components take their sentences
// from a package variable. A server, which renders pages in several languages, sets
// it with Render.
var current = English

// Current returns the catalogue that components render with.
func Current() *Catalogue { return current }

// Use makes c the catalogue of the page, in a browser.
func Use(c *Catalogue) { current = c }
