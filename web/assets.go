package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"time"

	"paycorcred/app/locale"
	"paycorcred/paycor"
)

// mediaTypes are the media types of static files. The operating system's table
// is not used, because it differs between machines.
var mediaTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".ts":          "text/plain; charset=utf-8",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

// assetHandlers serve the static files.
type assetHandlers struct {
	files  *staticFiles
	others otherBuilds
}

// file serves a static file. Its address changes with its content, so clients
// may cache it forever.
func (h *assetHandlers) file(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	file, build := h.files.byName[name], r.PathValue("set")
	if build != h.files.set {
		file = h.others.file(r.Context(), build, name)
	}
	if file == nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, locale.Match(r.Header.Get("Accept-Language")).Text("error.build-no-file")+"\n")
		return nil
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if name == frameScript { // an over-sandboxed frame has an opaque origin and must still report that
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return file.serve(w, r, name)
}

// favicon serves the icon at the address that browsers try by default.
func (h *assetHandlers) favicon(w http.ResponseWriter, r *http.Request) error {
	const icon = "icons/favicon.svg"
	file := h.files.byName[icon]
	if file == nil {
		return paycor.Errorf(paycor.KindNotFound, "error.build-no-icon")
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return file.serve(w, r, icon)
}

// sdk serves the module that embedding sites load, or its types. Every site may
// read it, which reveals nothing and grants nothing.
func (h *assetHandlers) sdk(name string) publicFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		file := h.files.byName[name]
		if file == nil {
			return notFound(r)
		}
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("Cache-Control", "public, max-age=0, must-revalidate")
		return file.serve(w, r, name)
	}
}

// serve writes the file in the smallest encoding the client accepts.
func (f *staticFile) serve(w http.ResponseWriter, r *http.Request, name string) error {
	media, ok := mediaTypes[path.Ext(name)]
	if !ok {
		media = "application/octet-stream"
	}
	header := w.Header()
	header.Set("Content-Type", media)
	if f.brotli != nil || f.gzip != nil {
		header.Add("Vary", "Accept-Encoding")
	}
	encoding, content := f.negotiate(r.Header.Values("Accept-Encoding"))
	header.Set("ETag", fmt.Sprintf(`"%s-%s"`, f.sum[:16], encoding))
	if content == nil {
		return f.serveUnpacked(w, r)
	}
	if encoding != identity {
		header.Set("Content-Encoding", encoding)
		if r.Header.Get("Range") == "" {
			header.Set("Content-Length", strconv.Itoa(len(content))) // ServeContent omits it with a Content-Encoding
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return nil
}

// serveUnpacked decompresses a file for a client that accepts no compression.
// Such clients are rare, so it does not support range requests.
func (f *staticFile) serveUnpacked(w http.ResponseWriter, r *http.Request) error {
	if notModified(r, w.Header().Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(f.gzip))
	if err != nil {
		return fmt.Errorf("unpacking an embedded file: %w", err)
	}
	w.Header().Set("Content-Length", strconv.FormatInt(f.size, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = io.Copy(w, reader)
	return nil
}
