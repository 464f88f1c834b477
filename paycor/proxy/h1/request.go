package h1

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Request is a request to send once.
type Request struct {
	Method   string
	BasePath string // prefix of Target; empty, or a path without a trailing slash
	Target   string // path and query, exactly as they go on the request line
	Host     string
	Headers  HeaderSource

	Body           Body        // nil for none
	ContentLength  int64       // of Body; negative if unknown, which means chunked
	TrailerNames   []string    // trailers to announce, if chunked
	Trailer        http.Header // their values, complete once Body has returned io.EOF
	ExpectContinue bool        // wait for 100 Continue, for a moment, before sending Body
}

// HeaderSource writes the headers of a request, other than those of its framing
// and Host. It is an interface and not a map so that nothing needs copying.
type HeaderSource interface {
	WriteHeaders(w HeaderWriter)
}

// Body is a request body.
type Body interface {
	io.Reader

	// Stop makes a pending Read return, and further ones fail. It may be called
	// at any time, from another goroutine.
	Stop()
}

// HeaderWriter writes headers to a connection.
type HeaderWriter struct{ w *bufio.Writer }

// Write writes a header. The name and the values must be valid: see ValidValue.
// A value in several parts is written as one.
func (h HeaderWriter) Write(name string, value ...string) {
	_, _ = h.w.WriteString(name)
	_, _ = h.w.WriteString(": ")
	for _, part := range value {
		_, _ = h.w.WriteString(part)
	}
	_, _ = h.w.WriteString("\r\n") // a bufio.Writer keeps its error until Flush
}

// ValidValue reports whether a header value has no characters that could end
// the header. net/http has checked what it received; this is the last check
// before the bytes go out.
func ValidValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// chunked reports whether the body's length is unknown.
func (r *Request) chunked() bool { return r.Body != nil && r.ContentLength < 0 }

// writeHead writes the request line and the headers.
func (r *Request) writeHead(w *bufio.Writer) {
	_, _ = w.WriteString(r.Method)
	_ = w.WriteByte(' ')
	_, _ = w.WriteString(r.BasePath)
	_, _ = w.WriteString(r.Target)
	_, _ = w.WriteString(" HTTP/1.1\r\n")
	headers := HeaderWriter{w}
	headers.Write("Host", r.Host)
	r.Headers.WriteHeaders(headers)
	switch {
	case r.chunked():
		headers.Write("Transfer-Encoding", "chunked")
		if len(r.TrailerNames) > 0 {
			headers.Write("Trailer", strings.Join(r.TrailerNames, ", "))
		}
	case r.Body != nil, r.Method == http.MethodPost, r.Method == http.MethodPut, r.Method == http.MethodPatch:
		var digits [20]byte
		_, _ = w.WriteString("Content-Length: ")
		_, _ = w.Write(strconv.AppendInt(digits[:0], r.ContentLength, 10))
		_, _ = w.WriteString("\r\n")
	}
	if r.ExpectContinue {
		headers.Write("Expect", "100-continue")
	}
	_, _ = w.WriteString("\r\n")
}

// writeTrailer writes the trailers that were announced, and the end of a
// chunked body.
func (r *Request) writeTrailer(w *bufio.Writer) {
	headers := HeaderWriter{w}
	for _, name := range r.TrailerNames {
		for _, value := range r.Trailer[name] {
			if ValidValue(value) {
				headers.Write(name, value)
			}
		}
	}
	_, _ = w.WriteString("\r\n")
}
