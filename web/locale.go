package web

import (
	"net/http"

	"paycorcred/app/locale"
)

// localeOf returns the language of an answer: the one the address asks for with
// ?lang=, as embedding sites do, or the best of the browser's Accept-Language.
func localeOf(r *http.Request) *locale.Catalogue {
	if c, ok := locale.ByTag(r.URL.Query().Get("lang")); ok {
		return c
	}
	return locale.Match(r.Header.Get("Accept-Language"))
}
