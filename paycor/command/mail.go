package command

import (
	"net/mail"
	"net/url"
	"strconv"

	"paycorcred/paycor"
	"paycorcred/paycor/notification/delivery"
)

// mailOptions are the flags of the server that takes e-mail.
type mailOptions struct {
	SMTP             string `name:"smtp" help:"cli.help.smtp" placeholder:"URL"`
	SMTPPasswordFile string `name:"smtp-password-file" help:"cli.help.smtp-password-file" placeholder:"FILE"`
	SMTPFrom         string `name:"smtp-from" help:"cli.help.smtp-from" placeholder:"ADDRESS"`
	SMTPPlain        bool   `name:"smtp-without-tls" help:"cli.help.smtp-without-tls"`
}

// Ports of mail servers: for messages that are handed over, and those with TLS from the
// first byte.
const (
	submissionPort    = 587
	submissionTLSPort = 465
)

// server returns the mail server, or everything that is wrong with the flags.
func (o mailOptions) server() (server delivery.MailServer, wrong []string) {
	if o.SMTP == "" {
		if o.SMTPPasswordFile != "" || o.SMTPFrom != "" || o.SMTPPlain {
			wrong = append(wrong, say("cli.smtp-missing"))
		}
		return server, wrong
	}
	address, err := url.Parse(o.SMTP)
	if err != nil || address.Hostname() == "" || address.Scheme != "smtp" && address.Scheme != "smtps" || address.Path != "" && address.Path != "/" {
		return server, append(wrong, say("cli.smtp-address"))
	}
	if _, has := address.User.Password(); has {
		wrong = append(wrong, say("cli.smtp-password-in-address"))
	}
	server.Host, server.TLS, server.User, server.Plain, server.From = address.Hostname(), address.Scheme == "smtps", address.User.Username(), o.SMTPPlain, o.SMTPFrom
	server.Port = submissionPort
	if server.TLS {
		server.Port = submissionTLSPort
	}
	if port := address.Port(); port != "" {
		if server.Port, err = strconv.Atoi(port); err != nil || server.Port < 1 || server.Port > 65535 {
			wrong = append(wrong, say("cli.smtp-address"))
		}
	}
	if server.TLS && o.SMTPPlain {
		wrong = append(wrong, say("cli.smtp-tls-twice"))
	}
	if (server.User == "") != (o.SMTPPasswordFile == "") {
		wrong = append(wrong, say("cli.smtp-sign-in"))
	} else if o.SMTPPasswordFile != "" {
		var password string
		password, wrong = readLine("--smtp-password-file", o.SMTPPasswordFile, wrong)
		server.Password = paycor.NewSecret(password)
	}
	if _, err := mail.ParseAddress(o.SMTPFrom); err != nil {
		wrong = append(wrong, say("cli.smtp-from"))
	}
	return server, wrong
}
