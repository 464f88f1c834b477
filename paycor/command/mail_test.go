package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/notification/delivery"
)

func TestMailFlags(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("the password\n"), 0o600))
	const from = "Paycor credentials <creds@example.com>"
	for name, test := range map[string]struct {
		options mailOptions
		want    delivery.MailServer
		wrong   []string // keys
	}{
		"none":               {},
		"relay":              {mailOptions{SMTP: "smtp://relay.example:25", SMTPFrom: from, SMTPPlain: true}, delivery.MailServer{Host: "relay.example", Port: 25, From: from, Plain: true}, nil},
		"STARTTLS":           {mailOptions{SMTP: "smtp://ann%40example.com@mail.example", SMTPFrom: from, SMTPPasswordFile: file}, delivery.MailServer{Host: "mail.example", Port: 587, From: from, User: "ann@example.com", Password: paycor.NewSecret("the password")}, nil},
		"TLS":                {mailOptions{SMTP: "smtps://[::1]", SMTPFrom: "a@example.com"}, delivery.MailServer{Host: "::1", Port: 465, TLS: true, From: "a@example.com"}, nil},
		"without an address": {options: mailOptions{SMTPFrom: from}, wrong: []string{"cli.smtp-missing"}},
		"another scheme":     {options: mailOptions{SMTP: "https://mail.example", SMTPFrom: from}, wrong: []string{"cli.smtp-address"}},
		"no scheme":          {options: mailOptions{SMTP: "mail.example:25", SMTPFrom: from}, wrong: []string{"cli.smtp-address"}},
		"port":               {options: mailOptions{SMTP: "smtp://mail.example:0", SMTPFrom: from}, wrong: []string{"cli.smtp-address"}},
		"with a password":    {options: mailOptions{SMTP: "smtp://a:b@mail.example", SMTPFrom: from, SMTPPasswordFile: file}, wrong: []string{"cli.smtp-password-in-address"}},
		"user alone":         {options: mailOptions{SMTP: "smtp://a@mail.example", SMTPFrom: from}, wrong: []string{"cli.smtp-sign-in"}},
		"password alone":     {options: mailOptions{SMTP: "smtp://mail.example", SMTPFrom: from, SMTPPasswordFile: file}, wrong: []string{"cli.smtp-sign-in"}},
		"two ways":           {options: mailOptions{SMTP: "smtps://mail.example", SMTPFrom: from, SMTPPlain: true}, wrong: []string{"cli.smtp-tls-twice"}},
		"no sender":          {options: mailOptions{SMTP: "smtps://mail.example", SMTPFrom: "Paycor"}, wrong: []string{"cli.smtp-from"}},
	} {
		server, wrong := test.options.server()
		var want []string
		for _, key := range test.wrong {
			want = append(want, say(key))
		}
		assert.Equal(t, want, wrong, name)
		if wrong == nil {
			assert.Equal(t, test.want, server, name)
		}
	}
}
