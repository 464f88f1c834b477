package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// compressPages compresses the pages that are rendered for a request, which are a fifth of
// their size then. Files are compressed when they are built, and responses of Paycor are
// passed on as they came.
//
// A page that is compressed reveals a secret in it to whom can have text of their own beside
// it again and again (BREACH). Pages have no such secret: a session's handle, in the page of
// a frame, is another one in each response.
func compressPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepted := r.Method != http.MethodHead && encodings(r.Header.Values("Accept-Encoding"))["gzip"] > 0
		next.ServeHTTP(&pageWriter{ResponseWriter: w, accepted: accepted}, r)
	})
}

// pageWriter compresses a page.
type pageWriter struct {
	http.ResponseWriter
	accepted    bool // the client accepts gzip
	compressing bool // the response is a page that is compressed
}

// WriteHeader announces the compression.
func (w *pageWriter) WriteHeader(status int) {
	header := w.Header()
	if status >= http.StatusOK && isRendered(header) {
		header.Add("Vary", "Accept-Encoding")
		if w.accepted && (status < 300 || status >= 400) { // the page of a redirection is a line that no one reads
			w.compressing = true
			header.Set("Content-Encoding", "gzip")
			if tag := header.Get("ETag"); strings.HasPrefix(tag, `"`) {
				header.Set("ETag", "W/"+tag) // not the same bytes in each encoding
			}
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// isRendered reports whether a response is a page that was rendered for the request. Files
// have a length or are compressed; a response of Paycor's has Via.
func isRendered(header http.Header) bool {
	return strings.HasPrefix(header.Get("Content-Type"), "text/html") &&
		header.Get("Via") == "" && header.Get("Content-Encoding") == "" && header.Get("Content-Length") == ""
}

// Write compresses a page, which is written at once.
func (w *pageWriter) Write(b []byte) (int, error) {
	if !w.compressing {
		return w.ResponseWriter.Write(b)
	}
	var packed bytes.Buffer
	packer := packers.Get().(*gzip.Writer)
	defer packers.Put(packer)
	packer.Reset(&packed)
	_, _ = packer.Write(b) // a buffer takes everything
	_ = packer.Close()
	if _, err := w.ResponseWriter.Write(packed.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Unwrap supports http.ResponseController.
func (w *pageWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// packers are the writers that are not in use. Each has tables of a megabyte.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
