package web

import (
	"net/http"

	"paycorcred/app/locale"
)

// localeOf returns the catalogue for a response: the language of ?lang=, which
// embedding sites use, or else the best match of Accept-Language.
func localeOf(r *http.Request) *locale.Catalogue {
	if c, ok := locale.ByTag(r.URL.Query().Get("lang")); ok {
		return c
	}
	return locale.Match(r.Header.Get("Accept-Language"))
}
