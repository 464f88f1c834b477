package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/quota"
	"time"
)

// What the tests may see of the inside.
const (
	MaxBody               = maxBody
	MaxStreams            = maxStreams
	MaxStreamsOfCaller    = maxStreamsOfCaller
	MaxStreamsOfHost      = maxStreamsOfHost
	MaxStreamsOfWorkspace = maxStreamsOfWorkspace
)

// DecodeDraft decodes a body as a create does.
func DecodeDraft(data []byte, strict bool) (paycor.Draft, bool, error) {
	var draft paycor.Draft
	var accept bool
	err := decode(data, draftTargets(&draft).with("accept_warnings", &accept), strict)
	return draft, accept, err
}

// NewStreams counts event streams.
func NewStreams() *quota.Quota { return newStreams() }

// Patterns lists the registered routes.
func Patterns() []string {
	var patterns []string
	for _, route := range (&door{}).routes() {
		patterns = append(patterns, route.pattern)
	}
	return patterns
}

// Assets serves the files of a file system, and AssetAddress says where.
type Assets struct{ door door }

// OpenAssets reads static of a file system.
func OpenAssets(system fs.FS) (*Assets, error) {
	files, err := openFiles(system)
	return &Assets{door{files: files}}, err
}

// Address returns where a file is found.
func (a *Assets) Address(name string) string { return a.door.files.address(name) }

// Has reports whether a file can be served.
func (a *Assets) Has(name string) bool { return a.door.files.has(name) }

// Handler serves the files alone.
func (a *Assets) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{set}/{name...}", a.door.open(a.door.asset))
	return mux
}

// Embedded is what the server carries.
var Embedded fs.FS = embedded

// Shell renders a page of a build that has the page's program.
func Shell(title string, start api.Start, body string) (string, error) {
	return shellOf(title, start, body, "app.wasm", "wasm_exec.js", "boot.js", "app.css", "locale/en.json")
}

// ShellWithoutProgram renders a page of a build that does not.
func ShellWithoutProgram(title string, start api.Start, body string) (string, error) {
	return shellOf(title, start, body, "boot.js", "app.css")
}

func shellOf(title string, start api.Start, body string, names ...string) (string, error) {
	known := &files{set: "0123456789abcdef", byName: map[string]*file{}}
	for _, name := range names {
		known.byName[name] = &file{}
	}
	d := &door{Config: Config{Body: func(api.Start) string { return body }}, files: known}
	recorder := httptest.NewRecorder()
	err := d.writeShell(recorder, http.StatusOK, title, start)
	return recorder.Body.String(), err
}

// SoundEntry reports what is wrong with an entry of the table of rights that
// says nothing, and with one that asks for a right.
func SoundEntry(right paycor.Right) (empty, asking error) {
	return access{}.sound("GET /somewhere"), needs(right).sound("GET /somewhere")
}

// SetCertificateClock lets a test pass the time.
func SetCertificateClock(c *Certificates, clock func() time.Time) { c.clock = clock }
