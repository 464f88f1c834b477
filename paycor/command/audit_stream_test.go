package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

func TestAuditStreamFlags(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "authorization")
	require.NoError(t, os.WriteFile(file, []byte("Splunk the-token\r\n"), 0o600))
	certificate, key := testkit.NewAuthority(t).CertificateFiles("paycorcred")
	for name, test := range map[string]struct {
		options auditStreamOptions
		address string   // of the receiver
		wrong   []string // keys
	}{
		"none":                     {},
		"https":                    {auditStreamOptions{AuditStream: "https://siem.example/in?key=1", AuditStreamAuthorization: file}, "https://siem.example/in?key=1", nil},
		"syslog":                   {auditStreamOptions{AuditStream: "syslog+tls://siem.example", AuditStreamCert: certificate, AuditStreamKey: key}, "syslog+tls://siem.example:6514", nil},
		"another port":             {auditStreamOptions{AuditStream: "syslog+tls://[2001:db8::1]:7000/"}, "syslog+tls://[2001:db8::1]:7000", nil},
		"relay of this machine":    {auditStreamOptions{AuditStream: "syslog+tcp://localhost:514"}, "syslog+tcp://localhost:514", nil},
		"http of this machine":     {auditStreamOptions{AuditStream: "http://127.0.0.1:8088/"}, "http://127.0.0.1:8088/", nil},
		"without TLS":              {auditStreamOptions{AuditStream: "syslog+tcp://siem.example", AuditStreamPlain: true}, "syslog+tcp://siem.example:601", nil},
		"without an address":       {options: auditStreamOptions{AuditStreamAuthorization: file}, wrong: []string{"cli.audit-stream-missing"}},
		"no scheme":                {options: auditStreamOptions{AuditStream: "siem.example:6514"}, wrong: []string{"cli.audit-stream"}},
		"another scheme":           {options: auditStreamOptions{AuditStream: "udp://siem.example:514"}, wrong: []string{"cli.audit-stream"}},
		"no host":                  {options: auditStreamOptions{AuditStream: "https:///in"}, wrong: []string{"cli.audit-stream"}},
		"path":                     {options: auditStreamOptions{AuditStream: "syslog+tls://siem.example/in"}, wrong: []string{"cli.audit-stream"}},
		"port":                     {options: auditStreamOptions{AuditStream: "syslog+tls://siem.example:99999"}, wrong: []string{"cli.audit-stream"}},
		"with a password":          {options: auditStreamOptions{AuditStream: "https://ann:secret@siem.example"}, wrong: []string{"cli.audit-stream-user"}},
		"unencrypted":              {options: auditStreamOptions{AuditStream: "http://siem.example"}, wrong: []string{"cli.audit-stream-plain"}},
		"authorization for syslog": {options: auditStreamOptions{AuditStream: "syslog+tls://siem.example", AuditStreamAuthorization: file}, wrong: []string{"cli.audit-stream-authorization"}},
		"certificate alone":        {options: auditStreamOptions{AuditStream: "https://siem.example", AuditStreamCert: certificate}, wrong: []string{"cli.audit-stream-cert-key"}},
		"certificate without TLS":  {options: auditStreamOptions{AuditStream: "syslog+tcp://localhost", AuditStreamCert: certificate, AuditStreamKey: key}, wrong: []string{"cli.audit-stream-cert-plain"}},
	} {
		receiver, wrong := test.options.receiver()
		var want []string
		for _, key := range test.wrong {
			want = append(want, say(key))
		}
		assert.Equal(t, want, wrong, name)
		if test.address == "" {
			continue
		}
		assert.Equal(t, test.address, receiver.address.String(), name)
		assert.NotContains(t, receiver.named(), "key=1", "a query may sign in")
		if test.options.AuditStreamAuthorization != "" {
			assert.Equal(t, "Splunk the-token", receiver.authorization.Reveal())
		}
		assert.Equal(t, test.options.AuditStreamCert != "", receiver.certificate != nil, name)
	}
	_, wrong := auditStreamOptions{AuditStream: "https://siem.example", AuditStreamPlain: true}.receiver()
	assert.Equal(t, []string{say("cli.audit-stream-tls-twice", "https")}, wrong)
	_, err := auditStreamOptions{AuditStream: "https://siem.example", AuditStreamCert: file, AuditStreamKey: file}.certificate(true)
	assert.ErrorContains(t, err, "cli.audit-stream-cert")
}
