package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"html/template"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// MailServer is the SMTP server that takes e-mail. The zero value is none.
type MailServer struct {
	Host     string
	Port     int
	TLS      bool // from the first byte; else by STARTTLS
	Plain    bool // without TLS if the server has none
	User     string
	Password paycor.Secret
	From     string // an address, which may have a name: Paycor credentials <creds@example.com>
}

// Configured reports whether there is a server.
func (m MailServer) Configured() bool { return m.Host != "" }

// mailClient returns a connection to the server that is not open yet.
func (s *Senders) mailClient() (*mail.Client, error) {
	server, secured := s.config.Mail, s.config.Egress.TLS()
	secured.ServerName = server.Host
	policy := mail.TLSMandatory
	if server.Plain {
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{
		mail.WithPort(server.Port), mail.WithTimeout(s.config.Timeout), mail.WithTLSConfig(secured), mail.WithTLSPolicy(policy), mail.WithoutNoop(),
	}
	if server.TLS {
		options = append(options, mail.WithSSL())
	}
	if server.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(server.User), mail.WithPassword(server.Password.Reveal()))
	}
	return mail.NewClient(server.Host, options...)
}

// email sends a message to each recipient by itself, so that one whose mailbox is gone does
// not keep the others from being told. It counts as delivered if the server accepted it for
// one of them.
func (s *Senders) email(ctx context.Context, channel notification.Channel, target store.NotificationTarget, delivery notification.Delivery) notification.Result {
	if !s.config.Mail.Configured() {
		return notification.Result{Message: message.New("notification.result.no-mail")}
	}
	var messages []*mail.Msg
	for _, recipient := range notification.Recipients(target.Address.Reveal()) {
		one, err := s.emailTo(recipient, channel, delivery)
		if err != nil {
			return notification.Result{Message: message.New("notification.result.unreadable")}
		}
		messages = append(messages, one)
	}
	client, err := s.mailClient()
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
		defer cancel()
		err = client.DialAndSendWithContext(ctx, messages...)
	}
	accepted := 0
	for _, one := range messages {
		if one.IsDelivered() {
			accepted++
		}
	}
	switch {
	case accepted > 0 && accepted == len(messages):
		return notification.Result{Delivered: true, Message: message.New("notification.result.delivered")}
	case accepted > 0:
		return notification.Result{Delivered: true, Message: message.New("notification.result.mail-some", accepted, len(messages))}
	}
	return s.mailFailed(err)
}

// mailFailed returns the result of an e-mail that was not accepted. It does not quote the
// server's words, which may have an address.
func (s *Senders) mailFailed(err error) notification.Result {
	code := 0
	if refused, is := errors.AsType[*mail.SendError](err); is {
		code = refused.ErrorCode()
	}
	if reply, is := errors.AsType[*textproto.Error](err); is {
		code = reply.Code
	}
	switch {
	case code == 534 || code == 535:
		return notification.Result{Status: code, Message: message.New("notification.result.mail-sign-in", code)}
	case code != 0:
		return notification.Result{Status: code, Message: message.New("notification.result.mail-status", code)}
	case errors.As(err, new(tls.RecordHeaderError)), err != nil && strings.Contains(err.Error(), "STARTTLS"):
		return notification.Result{Message: message.New("notification.result.mail-tls")}
	}
	return s.failed(err)
}

// emailTo returns a message to one recipient, as text and as HTML.
func (s *Senders) emailTo(recipient string, channel notification.Channel, delivery notification.Delivery) (*mail.Msg, error) {
	say := func(key string, arguments ...any) string {
		return s.config.Say(channel.Language, message.New(key, arguments...))
	}
	said := delivery.Message
	content := emailContent{
		Language: channel.Language, Sentence: s.config.Say(channel.Language, said.Sentence()), Names: listed(said),
		Link: s.link(said.Page()), Open: say("notification.open"), Why: say("notification.mail-why", channel.Name),
	}
	one := mail.NewMsg()
	one.Subject(content.Sentence)
	one.SetMessageIDWithValue(delivery.ID + "@" + s.config.Mail.Host) // the same for each try
	one.SetDateWithValue(s.config.Clock())
	one.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office answers
	one.SetUserAgent("paycorcred/" + s.config.Version)
	one.SetBodyString(mail.TypeTextPlain, content.text())
	var html strings.Builder
	if err := emailHTML.Execute(&html, content); err != nil {
		return nil, err
	}
	one.AddAlternativeString(mail.TypeTextHTML, html.String())
	return one, errors.Join(one.From(s.config.Mail.From), one.To(recipient))
}

// emailContent is what an e-mail says.
type emailContent struct {
	Language, Sentence string
	Names              []string // of the subjects, unless the sentence has it
	Link, Open, Why    string
}

func (c emailContent) text() string {
	parts := []string{c.Sentence}
	if len(c.Names) > 0 {
		parts = append(parts, "- "+strings.Join(c.Names, "\n- "))
	}
	if c.Link != "" {
		parts = append(parts, c.Link)
	}
	return strings.Join(append(parts, c.Why), "\n\n") + "\n"
}

// emailHTML has its styles in its elements, because mail programs drop style sheets, and no
// picture, because they ask before they load one. Text and background are the program's own
// in a dark theme.
var emailHTML = template.Must(template.New("email").Parse(`<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{.Sentence}}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif"><div style="max-width:560px">
<p style="margin:0 0 16px;font-size:18px;font-weight:600">{{.Sentence}}</p>
{{with .Names}}<ul style="margin:0 0 16px;padding-left:24px">{{range .}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{with .Link}}<p style="margin:0 0 24px"><a href="{{.}}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#1d4ed8;color:#ffffff;text-decoration:none">{{$.Open}}</a></p>
{{end}}<p style="margin:0;font-size:13px;opacity:.75">{{.Why}}</p>
</div></body></html>
`))
