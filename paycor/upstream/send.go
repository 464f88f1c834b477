package upstream

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"paycorcred/paycor/redact"
	"paycorcred/paycor/trace"
	"paycorcred/paycor/verdicts"
)

// maxErrorBody bounds, in bytes, how much of an unsuccessful answer is read: far
// more than an error message, and little enough to parse.
const maxErrorBody = 64 << 10

// Answer is an HTTP answer, from whichever layer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // the body is longer than the limit

	wrapped bool // an error that came as the body of a success, without a status of its own
}

// Send sends one request and reads its answer, whatever the status. It adds
// User-Agent, Accept and the trace of the context, follows no redirect and keeps no
// cookie. A transport error is a *Failure. A canceled ctx is returned as is, because
// it says nothing about Paycor.
func (c *Client) Send(ctx context.Context, request *http.Request, redactor redact.Redactor) (Answer, error) {
	return c.sendVia(ctx, c.config.Transport, request, redactor)
}

// SendOnce is Send over a new connection, for requests that must not be repeated. On
// a reused connection a transport may retry by itself, and if the server has just
// closed it, it is uncertain whether the request was seen.
func (c *Client) SendOnce(ctx context.Context, request *http.Request, redactor redact.Redactor) (Answer, error) {
	return c.sendVia(ctx, c.single, request, redactor)
}

func (c *Client) sendVia(ctx context.Context, transport http.RoundTripper, request *http.Request, redactor redact.Redactor) (Answer, error) {
	begun := c.Now()
	answer, err := c.send(ctx, transport, request, redactor)
	attributes := []slog.Attr{
		slog.String("method", request.Method), slog.String("host", request.URL.Host), slog.String("path", request.URL.Path),
		slog.Int("status", answer.Status), slog.Duration("took", c.Now().Sub(begun)),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", err.Error()))
	}
	c.config.Logger.LogAttrs(ctx, slog.LevelDebug, "asked Paycor", attributes...)
	return answer, err
}

func (c *Client) send(ctx context.Context, transport http.RoundTripper, request *http.Request, redactor redact.Redactor) (Answer, error) {
	var sent atomic.Bool // Paycor may have seen part of the request
	limited, cancel := context.WithTimeout(ctx, c.config.CallTimeout)
	defer cancel()
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	request = request.WithContext(traced)
	request.Header.Set("User-Agent", c.config.UserAgent)
	request.Header.Set("Accept", "application/json")
	if span, ok := trace.From(ctx); ok {
		request.Header.Set("Traceparent", span.String())
	}

	// http.Client would follow redirects and put the whole URL into errors.
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Answer{}, c.transportFailure(ctx, limited, err, redactor, sent.Load(), false)
	}
	defer func() { _ = response.Body.Close() }()
	most := c.config.MaxBody
	if response.StatusCode/100 != 2 {
		most = min(most, maxErrorBody)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if err != nil {
		return Answer{}, c.transportFailure(ctx, limited, err, redactor, true, true)
	}
	if int64(len(body)) > most {
		answer.Body, answer.Cut = body[:most], true
	}
	return answer, nil
}

// transportFailure converts a transport error to a Failure, or to the cancellation
// that caused it.
func (c *Client) transportFailure(ctx, limited context.Context, err error, redactor redact.Redactor, sent, begun bool) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	failure := &Failure{Code: transportErrorCode(err), Cause: redactor.Redact(err.Error()), Unsent: !sent}
	switch {
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		failure.Code = verdicts.CodeNotJSON
	case limited.Err() != nil:
		failure.Code = verdicts.CodeTimeout
	case begun && failure.Code == verdicts.CodeReset:
		failure.Code = verdicts.CodeTruncated
	case !sent && failure.Code == verdicts.CodeUnexpected:
		failure.Code = verdicts.CodeRefused // such as a proxy that denies the connection
	}
	return failure
}
