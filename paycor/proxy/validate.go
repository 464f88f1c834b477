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
		return errProtocol("Use HTTP/1.1: an answer that breaks off could not be told from a whole one.")
	}
	header := c.r.Header
	if len(header["Upgrade"]) > 0 {
		return errProtocol("Paycor's API speaks HTTP only. Leave out the Upgrade header.")
	}
	if length := header["Content-Length"]; !hasBody && len(length) > 0 && strings.Trim(length[0], "0") != "" {
		// In HTTP/2, net/http takes an invalid length for none, although a body may follow.
		return errProtocol("The Content-Length is no number.")
	}
	if expect := header["Expect"]; len(expect) > 0 && (len(expect) != 1 || !strings.EqualFold(expect[0], "100-continue")) {
		return errProtocol("Only the expectation 100-continue is known here.")
	}
	return checkTarget(c.target)
}
