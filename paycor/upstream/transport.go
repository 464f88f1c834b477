package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"paycorcred/paycor/verdicts"
	"strings"
	"syscall"
)

// transportCode names what kept an answer from arriving. It goes by the types
// of the errors; the few that the standard library makes without a type are
// told by their beginning.
func transportCode(err error) verdicts.Code {
	if code := proxyCode(err); code != "" {
		return code
	}
	switch {
	case is[*net.DNSError](err):
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
	return is[*tls.CertificateVerificationError](err) || is[x509.UnknownAuthorityError](err) ||
		is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) ||
		is[tls.RecordHeaderError](err) || is[tls.AlertError](err) || is[*tls.ECHRejectionError](err) ||
		strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &network) && network.Timeout()
}

// isDial reports that no connection came about: refused, no route, a firewall
// that forbids, a proxy that does not take it.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &operation) && operation.Op != "read" && operation.Op != "write"
}

func is[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
