//go:build !js

package locale

import (
	_ "embed"
	"strconv"
	"strings"
)

// The page's sentences, those the page and the server share, and the server's own.
var (
	//go:embed en.json
	englishPage string
	//go:embed en.domain.json
	englishDomain string
	//go:embed en.server.json
	englishServer string

	//go:embed es.json
	spanishPage string
	//go:embed es.domain.json
	spanishDomain string
	//go:embed es.server.json
	spanishServer string
)

// English is the catalogue that has every sentence.
var English = mustParse("en", englishPage, englishDomain, englishServer)

// catalogues are the available languages, English first. To add a language,
// embed its three files above and add it here. The pseudo-locale comes last: no
// browser asks for it.
var catalogues = []*Catalogue{English, mustParse("es", spanishPage, spanishDomain, spanishServer), pseudo(English)}

// serverOnly has the keys that never reach a browser's program.
var serverOnly = mustParse("en", englishServer)

func mustParse(tag string, texts ...string) *Catalogue {
	c, err := Parse(tag, texts...)
	if err != nil {
		panic(err)
	}
	return c
}

// Catalogues returns all catalogues, English first.
func Catalogues() []*Catalogue { return append([]*Catalogue(nil), catalogues...) }

// ByTag returns the catalogue for a BCP 47 tag. A tag with a region or script
// that has no catalogue of its own, such as "en-GB", gets that of its language.
func ByTag(tag string) (*Catalogue, bool) {
	for tag != "" {
		for _, c := range catalogues {
			if strings.EqualFold(c.tag, tag) {
				return c, true
			}
		}
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			break
		}
		tag = tag[:cut]
	}
	return nil, false
}

// Match returns the best catalogue for an Accept-Language header, or English.
func Match(acceptLanguage string) *Catalogue {
	best, weight := English, 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, parameter, weighted := strings.Cut(part, ";")
		q := 1.0
		if weighted {
			var err error
			value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
			if q, err = strconv.ParseFloat(value, 64); !ok || err != nil {
				continue
			}
		}
		if c, ok := ByTag(strings.TrimSpace(tag)); ok && q > weight && q <= 1 {
			best, weight = c, q
		}
	}
	return best
}
