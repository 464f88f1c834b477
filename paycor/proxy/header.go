package proxy

import (
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"

	"paycorcred/paycor/proxy/h1"
)

// strippedFromRequests are the callers' headers that do not go to Paycor, in
// canonical form. isStripped has more rules.
var strippedFromRequests = set(
	// They authenticate the caller to this server.
	"Authorization", "Cookie", "Cookie2",
	// They belong to the connection and not to the request.
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Http2-Settings", "Content-Length", "Host", "Expect",
	// They describe the caller's client and origin. Paycor's client is this
	// server.
	"Forwarded", "Via", "X-Real-Ip", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Client-Ip",
	"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Envoy-External-Address", "X-Host",
	// Some servers prefer them to the request line's method, path or host. A
	// caller with only the right to read could write with them.
	"X-Original-Url", "X-Rewrite-Url", "X-Original-Uri", "X-Original-Host", "X-Http-Method-Override", "X-Http-Method",
	"X-Method-Override",
	// They make the gateway return a trace, which would contain token and key.
	"Ocp-Apim-Trace", "Ocp-Apim-Trace-Location", "Ocp-Apim-Debug",
)

// strippedFromResponses are Paycor's headers that are about its connection or
// host, and would be taken for this server's.
var strippedFromResponses = set(
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Public-Key-Pins", "Expect-Ct", "Alt-Svc",
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
	"Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Access-Control-Allow-Private-Network",
	"Access-Control-Allow-Local-Network",
	ErrorHeader, NoteHeader, "Ocp-Apim-Trace-Location", "X-Request-Id",
)

func set(names ...string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}

// isStripped reports whether a caller's header does not go to Paycor.
// connection has the headers that Connection names.
func isStripped(name string, connection []string) bool {
	if name == "" || strippedFromRequests[name] || strings.HasPrefix(name, "X-Forwarded") || isKeyHeader(name) ||
		containsFold(connection, name) {
		return true
	}
	// Servers that read _ as - would read these as one of the above.
	return strings.IndexByte(name, '_') >= 0 &&
		isStripped(textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-")), connection)
}

// isKeyHeader reports whether a name is some spelling of the subscription key's
// header.
func isKeyHeader(name string) bool {
	last := name[len(name)-1] | ' '
	return (last < 'a' || last == 'y') && strings.HasSuffix(alphanumeric(name), "subscriptionkey")
}

// connectionHeaders returns the headers that Connection names. They too belong
// to the connection.
func connectionHeaders(header http.Header) []string {
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

// writeRequestHeaders writes those of a caller's headers that are forwarded to
// Paycor.
func writeRequestHeaders(w h1.HeaderWriter, header http.Header) {
	connection := connectionHeaders(header)
	for name, values := range header {
		if isStripped(name, connection) {
			continue
		}
		for _, value := range values {
			if h1.ValidValue(value) {
				w.Write(name, value)
			}
		}
	}
}

// forwardedTrailers returns the names of the trailers that go to Paycor: those
// that the caller announced and that are valid. net/http adds others that come
// without announcement, under any name.
func forwardedTrailers(announced http.Header) (names []string) {
	for name := range announced {
		if !isStripped(name, nil) && httpguts.ValidHeaderFieldName(name) {
			names = append(names, name)
		}
	}
	return names
}

// copyResponseHeaders copies Paycor's headers to the caller's response.
func copyResponseHeaders(to, from http.Header) {
	connection := connectionHeaders(from)
	for name, values := range from {
		if !strippedFromResponses[name] && !containsFold(connection, name) {
			to[name] = values
		}
	}
}

func containsFold(names []string, name string) bool {
	for _, other := range names {
		if strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}
