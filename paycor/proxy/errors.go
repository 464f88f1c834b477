package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/message"
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

func newError(kind paycor.Kind, code verdicts.Code, key string, args ...any) *paycor.Error {
	return &paycor.Error{Kind: kind, Code: code, Message: message.New(key, args...)}
}

// errNotFound says no more than that the caller has no such credential.
func errNotFound(cause error) error {
	return &paycor.Error{Kind: paycor.KindNotFound, Err: errors.Unwrap(cause), Message: message.New("call.not-found")}
}

func errTooManyCalls() error {
	err := newError(paycor.KindBusy, usage.CodeCallTooMany, "call.crowded")
	err.RetryAfter = time.Second
	return err
}

func errMethod() error {
	return newError(paycor.KindMalformed, usage.CodeCallMethod, "call.method")
}

func errProtocol(key string) error {
	return newError(paycor.KindMalformed, usage.CodeCallProtocol, key)
}

func errPath(key string) error {
	return newError(paycor.KindMalformed, usage.CodeCallPath, key)
}

func errQuery(key string) error {
	return newError(paycor.KindMalformed, usage.CodeCallQuery, key)
}

func errEnvironmentUnusable() error {
	return newError(paycor.KindUpstream, verdicts.CodeEnvironmentUnusable, "verdict."+string(verdicts.CodeEnvironmentUnusable))
}

// errRateLimited says when to try again, and whose limit it is.
func errRateLimited(p permit, perMinute int) error {
	seconds := max(1, ceilSeconds(p.reset))
	err := newError(paycor.KindBusy, usage.CodeCallLimit, "call.limited", perMinute, seconds)
	if p.backoff {
		err = newError(paycor.KindBusy, usage.CodeCallBackoff, "call.paused", seconds)
	}
	err.RetryAfter = time.Duration(seconds) * time.Second
	return err
}

// errBreakerOpen says that the circuit breaker is open, and whose calls failed.
func (c *call) errBreakerOpen(cause error) error {
	cooldown, key := c.config.Breakers.Cooldown(), "call.breaker-open"
	if cause == breaker.ErrConsumerFailing {
		key = "call.breaker-open-consumer"
	}
	err := newError(paycor.KindUnavailable, usage.CodeCallBreakerOpen, key, ceilSeconds(cooldown))
	err.RetryAfter = cooldown
	return err
}

// stopped reports whether the call was canceled because this server shuts down.
func (c *call) stopped() bool { return context.Cause(c.r.Context()) == paycor.ErrStopped }

// errCanceled is the error of a call whose context ended: its caller
// disconnected, or this server shuts down. sent means that Paycor may have the
// request.
func (c *call) errCanceled(cause error, sent bool) error {
	var err *paycor.Error
	switch {
	case !c.stopped():
		err = newError(paycor.KindUnavailable, usage.CodeCallDisconnected, "call.caller-left")
	case !sent:
		err = newError(paycor.KindUpstream, usage.CodeCallNotSent, "call.stopped-unsent")
	case c.safe:
		err = newError(paycor.KindUpstream, usage.CodeCallUnknown, "call.stopped")
	default:
		err = newError(paycor.KindUpstream, usage.CodeCallUnknown, "call.stopped-unsafe")
	}
	err.Err = cause
	return err
}

// errNotConnected is the error of an attempt without a connection.
func (c *call) errNotConnected(cause error) error {
	if c.r.Context().Err() != nil {
		return c.errCanceled(cause, c.record.Tries > 1)
	}
	err := newError(paycor.KindUpstream, usage.CodeCallNotSent, "call.unsent")
	err.Err = cause
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
		key := "call.timeout"
		if !c.safe {
			key = "call.timeout-unsafe"
		}
		err = newError(paycor.KindLate, usage.CodeCallTimeout, key)
	case errors.Is(cause, io.EOF), errors.Is(cause, io.ErrUnexpectedEOF), errors.As(cause, &network):
		err = c.errConnectionLost()
	default:
		err = newError(paycor.KindUpstream, usage.CodeCallUnreadable, "call.unreadable")
	}
	err.Err = cause
	return err
}

// errConnectionLost is the error of an attempt whose connection ended before a
// response.
func (c *call) errConnectionLost() *paycor.Error {
	switch {
	case !c.safe:
		return newError(paycor.KindUpstream, usage.CodeCallUnknown, "call.lost-unsafe")
	case c.record.Tries > 1:
		return newError(paycor.KindUpstream, usage.CodeCallUnknown, "call.lost-tries", c.record.Tries)
	}
	return newError(paycor.KindUpstream, usage.CodeCallUnknown, "call.lost")
}

// errBody is the error of a call whose request body could not be read.
func (c *call) errBody() error {
	err := newError(paycor.KindMalformed, usage.CodeCallBody, "call.body-short")
	if c.body.timedOut {
		err.Message = message.New("call.body-slow")
	}
	err.Err = c.body.err
	var network net.Error
	if !errors.As(err.Err, &network) && !errors.Is(err.Err, io.EOF) && !errors.Is(err.Err, io.ErrUnexpectedEOF) {
		err.Err = errors.New("malformed body") // the original may quote the body, and errors are logged
	}
	return err
}
