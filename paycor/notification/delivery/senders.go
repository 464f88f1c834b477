package delivery

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"paycorcred/paycor/egress"
	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// defaultTimeout bounds one try.
const defaultTimeout = 10 * time.Second

// SenderConfig configures Senders. The zero value sends to public addresses.
type SenderConfig struct {
	Egress   *egress.Rule
	Networks []netip.Prefix // internal networks that messages may be sent to
	Timeout  time.Duration  // of one try; 0 means 10 s
	Mail     MailServer     // takes e-mail

	// Address is where people open this server, for links. Empty leaves them out.
	Address string

	// Say returns a sentence in a language. nil returns its key.
	Say func(language string, said message.Message) string

	Version string           // of this program
	Clock   func() time.Time // nil means time.Now
}

// Senders sends to channels of every type. It is safe for concurrent use.
type Senders struct {
	config SenderConfig
	client *http.Client
}

// NewSenders returns what sends.
func NewSenders(config SenderConfig) *Senders {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Say == nil {
		config.Say = func(_ string, said message.Message) string { return said.String() }
	}
	config.Timeout = cmp.Or(config.Timeout, defaultTimeout)
	allowed := func(address netip.Addr) bool {
		return egress.IsPublic(address) || slices.ContainsFunc(config.Networks, func(network netip.Prefix) bool { return network.Contains(address) })
	}
	return &Senders{config, egress.Restricted(allowed, config.Egress, config.Timeout)}
}

// Send implements Sender.
func (s *Senders) Send(ctx context.Context, channel notification.Channel, target store.NotificationTarget, delivery notification.Delivery) notification.Result {
	var result notification.Result
	switch channel.Type {
	case notification.TypeSlack:
		result = s.chat(ctx, target, s.slackBody(channel, delivery.Message))
	case notification.TypeTeams:
		result = s.chat(ctx, target, s.teamsBody(channel, delivery.Message))
	case notification.TypeEmail:
		result = s.email(ctx, channel, target, delivery)
	default:
		result = s.webhook(ctx, channel, target, delivery)
	}
	result.At = s.config.Clock().UTC().Truncate(time.Millisecond)
	return result
}

// link returns the address of a page, or "".
func (s *Senders) link(page string) string {
	if s.config.Address == "" {
		return ""
	}
	return s.config.Address + page
}

// failed returns the result of a request that got no answer. It does not quote the error,
// which may have the address.
func (s *Senders) failed(err error) notification.Result {
	result := notification.Result{Message: message.New("notification.result.unreachable")}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, egress.ErrForbidden):
		result.Message = message.New("notification.result.forbidden")
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		result.Message = message.New("notification.result.timeout")
	case errors.As(err, new(*tls.CertificateVerificationError)):
		result.Message = message.New("notification.result.certificate")
	}
	return result
}

// answered returns the result of a request with an answer.
func answered(status int) notification.Result {
	result := notification.Result{Status: status, Message: message.New("notification.result.status", status)}
	switch {
	case status >= 200 && status < 300:
		result.Delivered, result.Message = true, message.New("notification.result.delivered")
	case status >= 300 && status < 400:
		result.Message = message.New("notification.result.redirect", status)
	case status == http.StatusGone:
		result.Message = message.New("notification.result.gone")
	}
	return result
}
