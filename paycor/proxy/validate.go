package proxy

import (
	"net/http"
	"strings"
)

// validate checks the request before anything is done for it.
func (c *call) validate() error {
	hasBody := c.r.ContentLength != 0
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		c.safe = !hasBody // a body can be read only once
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return errMethod()
	}
	header := c.r.Header
	if len(header["Upgrade"]) > 0 {
		return errProtocol("call.upgrade")
	}
	if length := header["Content-Length"]; !hasBody && len(length) > 0 && strings.Trim(length[0], "0") != "" {
		// In HTTP/2, net/http treats an invalid length as none, although a body
		// may follow.
		return errProtocol("call.content-length")
	}
	if !c.r.ProtoAtLeast(1, 1) && len(header["Content-Length"]) == 0 && (c.r.Method == http.MethodPost || c.r.Method == http.MethodPut || c.r.Method == http.MethodPatch) {
		// HTTP/1.0 has no chunks: net/http ignores Transfer-Encoding, although a body
		// may follow.
		return errProtocol("call.length-missing")
	}
	if expect := header["Expect"]; len(expect) > 0 && (len(expect) != 1 || !strings.EqualFold(expect[0], "100-continue")) {
		return errProtocol("call.expect")
	}
	return checkTarget(c.request.Target)
}
