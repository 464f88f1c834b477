package main

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"paycorcred/paycor/kms/protocol"
)

// unreachedCode returns the code of an error without an answer of the KMS: it could not be
// reached, or there were no credentials to ask it with.
func unreachedCode(err error) protocol.Code {
	if strings.Contains(strings.ToLower(err.Error()), "credential") {
		return protocol.Denied
	}
	if errors.As(err, new(net.Error)) || errors.As(err, new(*url.Error)) {
		return protocol.Unreachable
	}
	return protocol.Failed
}
