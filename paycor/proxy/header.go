package proxy

import (
	"bufio"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// kept names what a caller's header is: dropped or passed on. The names are as
// net/http writes them.
var notPassedOn = set(
	// Who the caller is, to us.
	"Authorization", "Cookie", "Cookie2",
	// Of the connection, not of the request.
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Http2-Settings", "Content-Length", "Host", "Expect",
	// Where the request comes from. Paycor is called by this server.
	"Forwarded", "Via", "X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Client-Ip",
	"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Envoy-External-Address", "X-Host",
	// What some servers take for another path, host or method than the request
	// line's: a reading caller could write with them.
	"X-Original-Url", "X-Rewrite-Url", "X-Original-Uri", "X-Original-Host", "X-Http-Method-Override", "X-Http-Method",
	"X-Method-Override",
	// The gateway's own debugging: its trace would hold token and key.
	"Ocp-Apim-Trace", "Ocp-Apim-Trace-Location", "Ocp-Apim-Debug",
)

// notPassedBack is what of Paycor's headers is about Paycor's connection or
// host and would be taken for ours.
var notPassedBack = set(
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Public-Key-Pins", "Expect-Ct", "Alt-Svc",
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
	"Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
	ErrorHeader, NoteHeader, "Ocp-Apim-Trace-Location", "X-Request-Id",
)

func set(names ...string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// dropped reports whether a caller's header stays here.
func dropped(name string, listed []string) bool {
	if name == "" || notPassedOn[name] || strings.HasPrefix(name, "X-Forwarded") || isKeyHeader(name) {
		return true
	}
	for _, other := range listed {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	// Servers that take _ for - would read these as one of the above.
	return strings.IndexByte(name, '_') >= 0 &&
		dropped(textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-")), listed)
}

// isKeyHeader reports whether a name is some spelling of the key's header.
func isKeyHeader(name string) bool {
	last := name[len(name)-1] | ' '
	return (last < 'a' || last == 'y') && strings.HasSuffix(plain(name), "subscriptionkey")
}

// listed returns the headers that Connection names: they are of the caller's
// connection too.
func listed(header http.Header) []string {
	values := header["Connection"]
	if len(values) == 0 {
		return nil
	}
	var names []string
	for _, value := range values {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" && !strings.EqualFold(name, "keep-alive") && !strings.EqualFold(name, "close") {
				names = append(names, name)
			}
		}
	}
	return names
}

// clean reports whether a value can stand in a header. net/http has looked
// already; what is written to the wire by hand is looked at by hand.
func clean(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// writeHeaders writes what of a caller's headers is passed on.
func writeHeaders(w *bufio.Writer, header http.Header) {
	named := listed(header)
	for name, values := range header {
		if name == "" || dropped(name, named) {
			continue
		}
		for _, value := range values {
			if clean(value) {
				writeHeader(w, name, value)
			}
		}
	}
}

func writeHeader(w *bufio.Writer, name, value string) {
	_, _ = w.WriteString(name)
	_, _ = w.WriteString(": ")
	_, _ = w.WriteString(value)
	_, _ = w.WriteString("\r\n") // an error of a bufio.Writer stays and comes out of Flush
}

// writeTrailers writes those of a caller's trailers that were declared.
func writeTrailers(w io.StringWriter, declared []string, trailer http.Header) error {
	for _, name := range declared {
		for _, value := range trailer[name] {
			if !clean(value) {
				continue
			}
			if _, err := w.WriteString(name + ": " + value + "\r\n"); err != nil {
				return err
			}
		}
	}
	_, err := w.WriteString("\r\n")
	return err
}

// passBack puts Paycor's headers into the answer.
func passBack(to, from http.Header) {
	named := listed(from)
	for name, values := range from {
		if !notPassedBack[name] && (named == nil || !has(named, name)) {
			to[name] = values
		}
	}
}

func has(names []string, name string) bool {
	for _, other := range names {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}
