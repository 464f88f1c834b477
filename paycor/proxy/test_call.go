package proxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// TestCall reads from Paycor for a person and returns the response as data, because no
// browser may take Paycor's content for a page of this server's. Limits, counts and retries
// are those of Serve. w and r are the request of the page; if the response is not Paycor's,
// TestCall calls fail and returns nothing.
func (p *Proxy) TestCall(w http.ResponseWriter, r *http.Request, caller paycor.Caller, credential, target string, fail ErrorHandler) api.TestResponse {
	read := (&http.Request{
		Method: http.MethodGet, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Accept": {"application/json"}}, Body: http.NoBody,
	}).WithContext(r.Context())
	writer := &testWriter{page: w, header: http.Header{}}
	c := p.newCall(writer, read, caller, credential, target)
	broken := breaksOff(func() { c.run(func(_ http.ResponseWriter, _ *http.Request, err error) int { return fail(w, r, err) }) })
	response := api.TestResponse{
		Status: writer.status, Note: c.record.Note, CorrelationID: c.record.CorrelationID, Took: c.record.Took.Milliseconds(), Bytes: writer.size, Broken: broken,
	}
	if text, is := writer.text(); is && c.route != nil {
		response.Content = indented(c.redactor().Remove(text))
	}
	return response
}

// breaksOff reports whether the response of a call breaks off.
func breaksOff(run func()) (broken bool) {
	defer func() {
		if reason := recover(); reason != nil {
			if err, is := reason.(error); !is || !errors.Is(err, http.ErrAbortHandler) {
				panic(reason)
			}
			broken = true
		}
	}()
	run()
	return false
}

// indented indents text that is JSON, unless that makes it many times longer.
func indented(text string) string {
	var b bytes.Buffer
	if indentation(text) > maxIndentation || json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// maxIndentation is how much white space indented adds at most, in bytes. An array within
// an array within an array could add a thousand times its own length.
const maxIndentation = 4 * api.MaxTestContent

// indentation returns about how much white space it takes to indent JSON.
func indentation(text string) (spaces int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			spaces += 2*depth + 1
		case c == ']' || c == '}':
			depth--
			spaces += 2*depth + 1
		case c == ',':
			spaces += 2*depth + 1
		}
	}
	return spaces
}

// testWriter keeps the start of a response.
type testWriter struct {
	page   http.ResponseWriter // of the page's request, which waits
	header http.Header
	status int
	kept   []byte
	size   int64
}

func (w *testWriter) Header() http.Header    { return w.header }
func (w *testWriter) WriteHeader(status int) { w.status = status }

func (w *testWriter) Write(content []byte) (int, error) {
	w.size += int64(len(content))
	w.kept = append(w.kept, content[:min(len(content), api.MaxTestContent-len(w.kept))]...)
	return len(content), nil
}

// Flush does nothing: the page gets the response when it is complete.
func (w *testWriter) Flush() {}

// SetReadDeadline and SetWriteDeadline are for http.ResponseController.
func (w *testWriter) SetReadDeadline(at time.Time) error {
	return http.NewResponseController(w.page).SetReadDeadline(at)
}

func (w *testWriter) SetWriteDeadline(at time.Time) error {
	return http.NewResponseController(w.page).SetWriteDeadline(at)
}

// text returns what was kept, if it is text.
func (w *testWriter) text() (string, bool) {
	kept := w.kept
	for cut := 0; int64(len(w.kept)) < w.size && cut < utf8.UTFMax-1 && !utf8.Valid(kept); cut++ { // the end may be within a character
		kept = kept[:len(kept)-1]
	}
	encoding := strings.ToLower(w.header.Get("Content-Encoding"))
	return string(kept), (encoding == "" || encoding == "identity") && utf8.Valid(kept) && !strings.ContainsRune(string(kept), 0)
}
