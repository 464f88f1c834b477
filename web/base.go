package web

import (
	"net/http"
	"strings"
)

// belowBase serves requests below the path of the public URL, such as /creds, with the
// handlers for the root. A proxy in front may pass the path on or strip it: a path without
// the base is served as it is.
//
// Handlers know nothing of it. Local addresses that they write, as HTML or in Location, get
// the base here; those in JSON come from addressOf. Calls to Paycor are not HTML of ours.
func (s *server) belowBase(next http.Handler) http.Handler {
	if s.base == "" {
		return next
	}
	addresses := addressesBelow(s.base)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == s.base {
			target := s.base + "/"
			if r.URL.RawQuery != "" {
				target += "?" + r.URL.RawQuery
			}
			http.Redirect(w, r, target, http.StatusPermanentRedirect)
			return
		}
		if strings.HasPrefix(r.URL.Path, s.base+"/") && strings.HasPrefix(r.RequestURI, s.base+"/") {
			below := r.Clone(r.Context())
			below.URL.Path, below.URL.RawPath = r.URL.Path[len(s.base):], strings.TrimPrefix(r.URL.RawPath, s.base)
			below.RequestURI = r.RequestURI[len(s.base):]
			r = below
		}
		next.ServeHTTP(&basedWriter{ResponseWriter: w, base: s.base, addresses: addresses}, r)
	})
}

// addressesBelow replaces the local addresses in HTML. In text and in JSON quotes are
// escaped, so that only attributes match.
func addressesBelow(base string) *strings.Replacer {
	return strings.NewReplacer(
		`<html `, `<html data-base="`+base+`" `, ` href="/`, ` href="`+base+`/`, ` src="/`, ` src="`+base+`/`, ` action="/`, ` action="`+base+`/`,
		` content="0; url=/`, ` content="0; url=`+base+`/`)
}

// basedWriter adds the base to the local addresses in a response.
type basedWriter struct {
	http.ResponseWriter
	base      string
	addresses *strings.Replacer
}

// WriteHeader adds the base to Location.
func (w *basedWriter) WriteHeader(status int) {
	header := w.Header()
	if location := header.Get("Location"); strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") {
		header.Set("Location", w.base+location)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write adds the base to the addresses in a page, which is written at once.
func (w *basedWriter) Write(b []byte) (int, error) {
	header := w.Header()
	if !strings.HasPrefix(header.Get("Content-Type"), "text/html") || header.Get("Via") != "" { // a response of Paycor's has Via
		return w.ResponseWriter.Write(b)
	}
	if _, err := w.ResponseWriter.Write([]byte(w.addresses.Replace(string(b)))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Unwrap supports http.ResponseController.
func (w *basedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
