package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"paycorcred/paycor/verdicts"
)

// transportErrorCode returns why no answer arrived. It goes by the types of errors;
// the few that the standard library returns without a type are matched by text.
func transportErrorCode(err error) verdicts.Code {
	if code := proxyErrorCode(err); code != "" {
		return code
	}
	switch {
	case hasType[*net.DNSError](err):
		return verdicts.CodeDNS
	case isTLS(err):
		return verdicts.CodeTLS
	case isTimeout(err):
		return verdicts.CodeTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNABORTED), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return verdicts.CodeReset
	case isDial(err):
		return verdicts.CodeRefused
	case strings.Contains(err.Error(), "server closed"), strings.Contains(err.Error(), "connection lost"),
		strings.Contains(err.Error(), "stream error"), strings.Contains(err.Error(), "GOAWAY"):
		return verdicts.CodeReset
	}
	return verdicts.CodeUnexpected
}

func isTLS(err error) bool {
	return hasType[*tls.CertificateVerificationError](err) || hasType[x509.UnknownAuthorityError](err) ||
		hasType[x509.HostnameError](err) || hasType[x509.CertificateInvalidError](err) ||
		hasType[tls.RecordHeaderError](err) || hasType[tls.AlertError](err) || hasType[*tls.ECHRejectionError](err) ||
		strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &network) && network.Timeout()
}

// isDial reports that no connection was established: refused, no route, blocked by a
// firewall or a proxy.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &operation) && operation.Op != "read" && operation.Op != "write"
}

func hasType[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
