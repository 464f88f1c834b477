package command

import (
	"crypto/tls"
	"net"
	"net/url"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/stream"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
)

// auditStreamOptions are the flags of what the audit trail is sent to.
type auditStreamOptions struct {
	AuditStream              string `name:"audit-stream" help:"cli.help.audit-stream" placeholder:"URL"`
	AuditStreamAuthorization string `name:"audit-stream-authorization-file" help:"cli.help.audit-stream-authorization-file" placeholder:"FILE"`
	AuditStreamCert          string `name:"audit-stream-cert" help:"cli.help.audit-stream-cert" placeholder:"FILE"`
	AuditStreamKey           string `name:"audit-stream-key" help:"cli.help.audit-stream-key" placeholder:"FILE"`
	AuditStreamPlain         bool   `name:"audit-stream-without-tls" help:"cli.help.audit-stream-without-tls"`
}

// Schemes of receivers of the audit trail.
const (
	schemeSyslogTLS = "syslog+tls"
	schemeSyslogTCP = "syslog+tcp"
)

// syslogPorts are the ports of syslog without another one: of RFC 5425, and the usual one
// without TLS.
var syslogPorts = map[string]string{schemeSyslogTLS: "6514", schemeSyslogTCP: "601"}

// auditReceiver is what the audit trail is sent to.
type auditReceiver struct {
	address       *url.URL // nil sends it nowhere
	authorization paycor.Secret
	certificate   *tls.Certificate // of this server; nil without
}

// receiver returns the receiver, or everything that is wrong with the flags.
func (o auditStreamOptions) receiver() (receiver auditReceiver, wrong []string) {
	if o.AuditStream == "" {
		if o != (auditStreamOptions{}) {
			wrong = append(wrong, say("cli.audit-stream-missing"))
		}
		return receiver, wrong
	}
	address, err := url.Parse(o.AuditStream)
	if err != nil || address.Hostname() == "" || address.Fragment != "" || !validPort(address.Port()) {
		return receiver, []string{say("cli.audit-stream")}
	}
	encrypted, syslog := false, false
	switch address.Scheme {
	case "https":
		encrypted = true
	case "http":
	case schemeSyslogTLS:
		encrypted, syslog = true, true
	case schemeSyslogTCP:
		syslog = true
	default:
		return receiver, []string{say("cli.audit-stream")}
	}
	if address.User != nil {
		wrong = append(wrong, say("cli.audit-stream-user"))
	}
	if syslog && (address.Path != "" && address.Path != "/" || address.RawQuery != "") {
		wrong = append(wrong, say("cli.audit-stream"))
	}
	if !encrypted && !o.AuditStreamPlain && !paycor.Loopback(address.Hostname()) {
		wrong = append(wrong, say("cli.audit-stream-plain"))
	}
	if encrypted && o.AuditStreamPlain {
		wrong = append(wrong, say("cli.audit-stream-tls-twice", address.Scheme))
	}
	if o.AuditStreamAuthorization != "" {
		if syslog {
			wrong = append(wrong, say("cli.audit-stream-authorization"))
		}
		var value string
		value, wrong = readLine("--audit-stream-authorization-file", o.AuditStreamAuthorization, wrong)
		receiver.authorization = paycor.NewSecret(value)
	}
	if receiver.certificate, err = o.certificate(encrypted); err != nil {
		wrong = append(wrong, explain(err))
	}
	if syslog {
		port := address.Port()
		if port == "" {
			port = syslogPorts[address.Scheme]
		}
		address = &url.URL{Scheme: address.Scheme, Host: net.JoinHostPort(address.Hostname(), port)}
	}
	receiver.address = address
	return receiver, wrong
}

// validPort reports whether a port is one, or is left out.
func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// certificate returns the certificate with which the server signs in, or nil without one.
func (o auditStreamOptions) certificate(encrypted bool) (*tls.Certificate, error) {
	switch {
	case o.AuditStreamCert == "" && o.AuditStreamKey == "":
		return nil, nil
	case o.AuditStreamCert == "" || o.AuditStreamKey == "":
		return nil, message.Errorf("cli.audit-stream-cert-key")
	case !encrypted:
		return nil, message.Errorf("cli.audit-stream-cert-plain")
	}
	certificate, err := tls.LoadX509KeyPair(o.AuditStreamCert, o.AuditStreamKey)
	if err != nil {
		return nil, message.Errorf("cli.audit-stream-cert", o.AuditStreamCert, o.AuditStreamKey, textfile.Cause(err))
	}
	return &certificate, nil
}

// stream returns what sends the trail, or nil if it is sent nowhere.
func (r auditReceiver) stream(rule *egress.Rule, terminal terminal) *stream.Stream {
	if r.address == nil {
		return nil
	}
	var receiver stream.Receiver
	switch r.address.Scheme {
	case schemeSyslogTLS:
		secured := rule.TLS()
		if r.certificate != nil {
			secured.Certificates = []tls.Certificate{*r.certificate}
		}
		receiver = stream.NewSyslog(r.address.Host, secured)
	case schemeSyslogTCP:
		receiver = stream.NewSyslog(r.address.Host, nil)
	default:
		receiver = stream.NewWebhook(r.address.String(), r.authorization, r.certificate, rule, terminal.version)
	}
	return stream.New(stream.Config{Receiver: receiver, Address: r.named(), Logger: terminal.log})
}

// named returns the address as the store, the log and the doctor name it. A query may sign
// in.
func (r auditReceiver) named() string {
	named := *r.address
	named.RawQuery = ""
	return named.String()
}
