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
	if !c.r.ProtoAtLeast(1, 1) {
		return errProtocol("call.http-1-0")
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
	if expect := header["Expect"]; len(expect) > 0 && (len(expect) != 1 || !strings.EqualFold(expect[0], "100-continue")) {
		return errProtocol("call.expect")
	}
	return checkTarget(c.request.Target)
}
