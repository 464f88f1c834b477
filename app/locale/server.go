//go:build !js

package locale

import (
	_ "embed"
)

var (
	//go:embed en.server.json
	englishServerJSON string

	//go:embed es.domain.json
	spanishDomainJSON string

	//go:embed es.server.json
	spanishServerJSON string
)

// serverCatalogues returns the languages besides English that the server has
// compiled in. The browser fetches them.
func serverCatalogues() []*Catalogue {
	return []*Catalogue{mustParse("es", spanishDomainJSON, spanishServerJSON)}
}
