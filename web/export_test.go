package web

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing/fstest"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/quota"
)

const (
	MaxBody                = maxBody
	MaxStreams             = maxStreams
	MaxStreamsPerCaller    = maxStreamsPerCaller
	MaxStreamsPerHost      = maxStreamsPerHost
	MaxStreamsPerWorkspace = maxStreamsPerWorkspace
)

// NewWithDocs is New with a manual from any file system.
func NewWithDocs(config Config, manual fs.FS) (http.Handler, error) {
	return newHandler(config, embedded, manual)
}

// NewWithPrograms is New for a build with the page's programs, whether or not this is one.
func NewWithPrograms(config Config) (http.Handler, error) {
	static, err := withPrograms()
	if err != nil {
		return nil, err
	}
	return newHandler(config, static, embeddedDocs)
}

// withPrograms returns the embedded static files and those that a build adds.
var withPrograms = sync.OnceValues(func() (fs.FS, error) {
	files := fstest.MapFS{}
	for _, name := range []string{api.ProgramCredentials.File(), api.ProgramAdministration.File(), "wasm_exec.js"} {
		files["static/"+name] = &fstest.MapFile{Data: []byte("a stand-in")}
	}
	err := fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(embedded, name)
		files[name] = &fstest.MapFile{Data: content}
		return err
	})
	return files, err
})

// DecodeDraft decodes a body like POST /credentials.
func DecodeDraft(data []byte, strict bool) (paycor.Draft, bool, error) {
	var draft paycor.Draft
	var accept bool
	err := decode(data, draftTargets(&draft).with("accept_warnings", &accept), strict)
	return draft, accept, err
}

// ProblemStatuses is the HTTP status of every kind of error.
var ProblemStatuses = statuses

// NewStreamQuota returns the limits on event streams.
func NewStreamQuota() *quota.Quota { return newStreamQuota() }

// Patterns lists the registered routes.
func Patterns() []string {
	var patterns []string
	for _, route := range (&server{}).routes() {
		patterns = append(patterns, route.pattern)
	}
	return patterns
}

// Assets serves the files of a file system.
type Assets struct{ server *server }

// OpenAssets reads the directory static of a file system.
func OpenAssets(system fs.FS) (*Assets, error) {
	files, err := openStaticFiles(system)
	return &Assets{newServer(Config{}, files)}, err
}

// OpenSharedAssets is OpenAssets of a server that is one of several.
func OpenSharedAssets(system fs.FS, shared PageFiles) (*Assets, error) {
	files, err := openStaticFiles(system)
	if err != nil {
		return nil, err
	}
	a := &Assets{newServer(Config{PageFiles: shared, Logger: slog.New(slog.DiscardHandler)}, files)}
	a.server.assets.others.publish(files)
	return a, nil
}

// Address returns the path of a file.
func (a *Assets) Address(name string) string { return a.server.files.address(name) }

// Has reports whether there is a file.
func (a *Assets) Has(name string) bool { return a.server.files.has(name) }

// Handler serves the files.
func (a *Assets) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{set}/{name...}", a.server.public(a.server.assets.file))
	return mux
}

// Embedded are the embedded static files.
var Embedded fs.FS = embedded

// Shell renders a screen of a build with the page's program.
func Shell(title string, start api.Start, body string) (string, error) {
	return shellOf(title, start, body, "credentials.wasm", "administration.wasm", "wasm_exec.js", "boot.js", "app.css", "locale/en.json")
}

// ShellWithoutProgram renders a screen of a build without it.
func ShellWithoutProgram(title string, start api.Start, body string) (string, error) {
	return shellOf(title, start, body, "boot.js", "app.css")
}

func shellOf(title string, start api.Start, body string, names ...string) (string, error) {
	files := &staticFiles{set: "0123456789abcdef", byName: map[string]*staticFile{}}
	for _, name := range names {
		files.byName[name] = &staticFile{}
	}
	pages := pageRenderer{files: files, body: func(api.Start) string { return body }}
	recorder, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	request = request.WithContext(withRequestInfo(request.Context(), &requestInfo{theme: api.ThemeSystem}))
	err := pages.writeScreen(recorder, request, http.StatusOK, title, start)
	return recorder.Body.String(), err
}

// ValidatePolicies validates the zero policy and one that requires a right.
func ValidatePolicies(right paycor.Right) (zero, requiring error) {
	return routePolicy{}.validate("GET /somewhere"), requires(right).validate("GET /somewhere")
}

// SetCertificateClock replaces the clock.
func SetCertificateClock(c *Certificates, clock func() time.Time) { c.clock = clock }

// CompressPages is compressPages.
var CompressPages = compressPages

// ForwardedClient returns the client's address of a request from peer.
func ForwardedClient(peer string, header http.Header, trusted ...netip.Prefix) string {
	return newHostPolicy(nil, trusted, true).clientIP(&http.Request{RemoteAddr: peer + ":1", Header: header})
}
