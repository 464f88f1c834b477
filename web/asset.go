package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
)

// mediaTypes are the types of what the page is made of. The machine's own
// table is not asked: it differs from one to the next.
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

// asset serves a public file. Its address changes with its content, so it may
// be kept for good.
func (d *door) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	one := d.files.byName[name]
	if one == nil || r.PathValue("set") != d.files.set {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "There is no such file in this build. Load the page again.\n")
		return nil
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if name == frameScript { // a frame that is sandboxed too much has no origin, and is to say so
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	return one.serve(w, r, name)
}

// favicon serves the icon where browsers look for it unasked.
func (d *door) favicon(w http.ResponseWriter, r *http.Request) error {
	const icon = "icons/favicon.svg"
	one := d.files.byName[icon]
	if one == nil {
		return paycor.Errorf(paycor.KindNotFound, "This build has no icon.")
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return one.serve(w, r, icon)
}

// serve sends the file in the smallest form the caller takes.
func (f *file) serve(w http.ResponseWriter, r *http.Request, name string) error {
	media, ok := mediaTypes[path.Ext(name)]
	if !ok {
		media = "application/octet-stream"
	}
	header := w.Header()
	header.Set("Content-Type", media)
	if f.brotli != nil || f.gzip != nil {
		header.Add("Vary", "Accept-Encoding")
	}
	encoding, content := f.form(r.Header.Values("Accept-Encoding"))
	header.Set("ETag", fmt.Sprintf(`"%s-%s"`, f.sum[:16], encoding))
	if content == nil {
		return f.unpack(w, r)
	}
	if encoding != identity {
		header.Set("Content-Encoding", encoding)
		if r.Header.Get("Range") == "" {
			header.Set("Content-Length", strconv.Itoa(len(content))) // ServeContent leaves it out beside an encoding
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return nil
}

// unpack sends a file that is only there compressed to a caller who takes no
// compression. Such callers are rare: no part of it can be asked for.
func (f *file) unpack(w http.ResponseWriter, r *http.Request) error {
	if notModified(r, w.Header().Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.gzip))
	if err != nil {
		return fmt.Errorf("unpacking an embedded file: %w", err)
	}
	w.Header().Set("Content-Length", strconv.FormatInt(f.size, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = io.Copy(w, plain)
	return nil
}

// identity is the encoding that is none.
const identity = "identity"

// form chooses an encoding and returns it with the content in it; no content
// means that the file has to be unpacked.
func (f *file) form(accept []string) (string, []byte) {
	weights := encodings(accept)
	if f.brotli != nil && weights["br"] > 0 && weights["br"] >= weights["gzip"] {
		return "br", f.brotli
	}
	if f.gzip != nil && weights["gzip"] > 0 {
		return "gzip", f.gzip
	}
	return identity, f.plain
}

// encodings returns the weight of br and gzip in Accept-Encoding headers.
func encodings(headers []string) map[string]float64 {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, parameter, weighed := strings.Cut(part, ";")
		weight := 1.0
		if weighed {
			text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q=")
			parsed, err := strconv.ParseFloat(text, 64)
			if !ok || err != nil || !(parsed >= 0 && parsed <= 1) {
				continue
			}
			weight = parsed
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = weight
	}
	for _, name := range []string{"br", "gzip"} {
		if _, named := weights[name]; !named {
			weights[name] = weights["*"]
		}
	}
	return weights
}
