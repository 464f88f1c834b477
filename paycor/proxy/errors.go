package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// errResponseAborted says that part of a response went out and the rest will not.
var errResponseAborted = errors.New("the response broke off")

// codeOf returns the code under which an error is counted.
func codeOf(err error) verdicts.Code {
	var known *paycor.Error
	switch {
	case !errors.As(err, &known):
		return "internal"
	case known.Code != "":
		return known.Code
	}
	return verdicts.Code(known.Kind)
}

// isCallError reports whether an error is about a call that the caller may make.
func isCallError(err error) bool {
	var known *paycor.Error
	return errors.As(err, &known) && known.Code != ""
}

// hasVerdict reports whether an error says why there is no token.
func hasVerdict(err error) bool {
	var known *paycor.Error
	return errors.As(err, &known) && known.Verdict != nil
}

func newError(kind paycor.Kind, code verdicts.Code, message string) *paycor.Error {
	return &paycor.Error{Kind: kind, Code: code, Message: message}
}

// errNotFound says no more than that the caller has no such credential.
func errNotFound(cause error) error {
	return &paycor.Error{Kind: paycor.KindNotFound, Err: errors.Unwrap(cause), Message: "There is no such credential, or this API token is not for it. " +
		"The page Consumers says which credentials a token is for, and the credential's own page who may use it."}
}

func errTooManyCalls() error {
	err := newError(paycor.KindBusy, usage.CodeCallCrowded, "Too many calls of this program, or through this credential, or of this server's are under way. Try again when one of them has ended.")
	err.RetryAfter = time.Second
	return err
}

func errMethod() error {
	return newError(paycor.KindMalformed, usage.CodeCallMethod, "Paycor's API takes GET, HEAD, POST, PUT, PATCH and DELETE.")
}

func errProtocol(message string) error {
	return newError(paycor.KindMalformed, usage.CodeCallProtocol, message)
}

func errPath(message string) error {
	return newError(paycor.KindMalformed, usage.CodeCallPath, message)
}

func errQuery(message string) error {
	return newError(paycor.KindMalformed, usage.CodeCallQuery, message)
}

func errEnvironmentUnusable() error {
	return newError(paycor.KindUpstream, verdicts.CodeEnvironmentUnusable, verdicts.CodeEnvironmentUnusable.Verdict().Message)
}

func errHTTPProxyInvalid(cause error) error {
	err := newError(paycor.KindUpstream, usage.CodeCallUnsent, "The proxy of this network is not written as an address.")
	err.Err = cause
	return err
}

// errRateLimited says when to try again, and whose limit it is.
func errRateLimited(p permit, perMinute int) error {
	seconds := max(1, ceilSeconds(p.reset))
	code, why := usage.CodeCallLimit, "This server lets "+strconv.Itoa(perMinute)+" calls a minute through with one APIM Subscription Key, and they are used up."
	if p.paused {
		code, why = usage.CodeCallPaused, "Paycor answered 429 just now and asked to wait with this APIM Subscription Key, most likely because another program uses it too."
	}
	err := newError(paycor.KindBusy, code, why+" Nothing was sent. Send it again in "+strconv.Itoa(seconds)+" s.")
	err.RetryAfter = time.Duration(seconds) * time.Second
	return err
}

// errUpstreamFailing says that the circuit breaker is open.
func (c *call) errUpstreamFailing() error {
	cooldown := c.config.Breakers.Cooldown()
	err := newError(paycor.KindUnavailable, usage.CodeCallUnwell,
		"Paycor failed too often just now with this APIM Subscription Key, so nothing was sent. Send it again in "+strconv.Itoa(ceilSeconds(cooldown))+" s.")
	err.RetryAfter = cooldown
	return err
}

// stopped reports whether the call was canceled because this server shuts down.
func (c *call) stopped() bool { return context.Cause(c.r.Context()) == paycor.ErrStopped }

// errCanceled is the error of a call whose context ended: its caller
// disconnected, or this server shuts down. sent is whether Paycor may have the
// request.
func (c *call) errCanceled(cause error, sent bool) error {
	var err *paycor.Error
	switch {
	case !c.stopped():
		err = newError(paycor.KindUnavailable, usage.CodeCallGone, "The caller left before the end.")
	case !sent:
		err = newError(paycor.KindUpstream, usage.CodeCallUnsent, "This server was stopped before anything was sent. Send it again when it is back.")
	case c.safe:
		err = newError(paycor.KindUpstream, usage.CodeCallUnknown, "This server was stopped before Paycor's answer came. Send it again when it is back.")
	default:
		err = newError(paycor.KindUpstream, usage.CodeCallUnknown, "This server was stopped before Paycor's answer came. Paycor may have done what was asked: look before you send it again.")
	}
	err.Err = cause
	return err
}

// errNotConnected is the error of an attempt without a connection.
func (c *call) errNotConnected(cause error) error {
	if c.r.Context().Err() != nil {
		return c.errCanceled(cause, c.record.Tries > 1)
	}
	err := newError(paycor.KindUpstream, usage.CodeCallUnsent, "No connection to Paycor could be opened, so nothing was sent. Try again in a minute.")
	err.Err = cause
	var withURL *url.Error
	if errors.As(cause, &withURL) { // the URL of the HTTP proxy may have a password, and errors are logged
		err.Err = withURL.Err
	}
	return err
}

// errNoResponse is the error of an attempt that was sent, at least in part, and
// got no response. disconnected is whether the caller had left before.
func (c *call) errNoResponse(cause error, disconnected bool) error {
	// The server cancels the context also if it waits too long for a body.
	tooSlow := c.body != nil && c.body.timedOut
	if c.stopped() || disconnected && !tooSlow {
		return c.errCanceled(cause, true)
	}
	if c.body != nil && c.body.err != nil {
		return c.errBody()
	}
	var network net.Error
	var err *paycor.Error
	switch {
	case errors.As(cause, &network) && network.Timeout():
		err = newError(paycor.KindLate, usage.CodeCallTimeout, "Paycor did not answer in time.")
		if c.safe {
			err.Message += " Send it again in a minute; if it stays so and asks for a list, ask for less of it at once."
		} else {
			err.Message += " It may have done what was asked: look before you send it again."
		}
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF), errors.As(cause, &network):
		err = newError(paycor.KindUpstream, usage.CodeCallUnknown, "The connection to Paycor broke off before an answer came.")
		switch {
		case c.safe && c.record.Tries > 1:
			err.Message += " This server sent it " + strconv.Itoa(c.record.Tries) + " times. Send it again in a minute; if it stays so, check the network of the machine this server runs on."
		case c.safe:
			err.Message += " Send it again."
		default:
			err.Message += " Paycor may have done what was asked: look before you send it again."
		}
	default:
		err = newError(paycor.KindUpstream, usage.CodeCallUnreadable, "What came back from Paycor is no answer that can be read. If it stays so, ask whoever runs the network whether a proxy changes Paycor's answers.")
	}
	err.Err = cause
	return err
}

// errBody is the error of a call whose own body could not be read.
func (c *call) errBody() error {
	err := newError(paycor.KindMalformed, usage.CodeCallBody, "The request's body ended before it was whole.")
	if c.body.timedOut {
		err.Message = "The request's body came too slowly, so it was given up."
	}
	err.Err = c.body.err
	var network net.Error
	if !errors.As(err.Err, &network) && !errors.Is(err.Err, io.EOF) && !errors.Is(err.Err, io.ErrUnexpectedEOF) {
		err.Err = errors.New("malformed body") // the original may quote the body, and errors are logged
	}
	return err
}
