package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/usage"
)

// errorHeader marks every error response of this server. No response of Paycor
// can carry it, so callers of Paycor can tell the two apart.
const errorHeader = "Paycorcred-Error"

// errorWriter writes error responses and logs their causes.
type errorWriter struct {
	denials DenialLog
	logger  *slog.Logger
	headers securityHeaders
	pages   *pageRenderer
}

// write is the only place that writes error responses. It audits denials first;
// if that fails, the response is that nothing can be done. It returns the
// status.
func (e *errorWriter) write(w http.ResponseWriter, r *http.Request, err error) int {
	info := infoOf(r)
	if info.isCall { // the response is ours, not Paycor's
		e.headers.set(w.Header())
	}
	var denied *denial
	if errors.As(err, &denied) {
		if auditErr := e.audit(r, cmp.Or(denied.auditCode, string(denied.public.Kind))); auditErr != nil {
			err = auditErr
		}
	}
	p := e.report(r, err)
	info.errorCode = string(p.Code)
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter(err))
	}
	w.Header().Set(errorHeader, string(p.Code))
	if p.Status == http.StatusNotFound && wantsPage(r) {
		if err := e.pages.writeText(w, r, p.Status, textPage{Title: message.New("page.missing"), Text: []message.Message{message.Text(p.Detail)}, Back: true}); err == nil {
			return p.Status
		}
	}
	body, _ := json.Marshal(p) // strings and numbers only: it cannot fail
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
	return p.Status
}

// wantsPage reports whether a person opened an address, so that an error is a page.
func wantsPage(r *http.Request) bool {
	return r.Method == http.MethodGet && !infoOf(r).isCall && isPage(r.URL.Path) && acceptsHTML(r)
}

// acceptsHTML reports whether a browser asks for a document. Programs ask for JSON, or for
// anything.
func acceptsHTML(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// audit records a denial. If that fails, it returns the error to respond with.
func (e *errorWriter) audit(r *http.Request, code string) error {
	err := e.denials.DenyRequest(r.Context(), infoOf(r).callerOrUnknown(), code)
	if paycor.KindOf(err) == paycor.KindFull {
		return err
	}
	if err != nil {
		return &paycor.Error{Kind: paycor.KindUnavailable, Message: message.New("error.audit-unwritable"), Err: err}
	}
	return nil
}

// report returns the problem for the caller and logs the cause for the
// operator.
func (e *errorWriter) report(r *http.Request, err error) problem {
	var known *paycor.Error
	if !errors.As(err, &known) && errors.Is(context.Cause(r.Context()), paycor.ErrStopped) {
		err = &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: message.New("error.stopped")}
	}
	p := problemOf(localeOf(r), err, infoOf(r).id)
	p.Type = infoOf(r).base + p.Type
	switch {
	case errors.As(err, &known) && (known.Code == usage.CodeCallBreakerOpen || known.Code == usage.CodeCallDisconnected):
		// Logged elsewhere: the breaker logs its state changes, and the request
		// log shows clients that disconnected.
	case p.Status >= http.StatusInternalServerError:
		level, cause := slog.LevelError, err
		if known != nil && known.Err != nil {
			cause = known.Err // the message is advice, and the caller has it
		}
		if known != nil && (known.Kind == paycor.KindUpstream || known.Kind == paycor.KindLate || known.Kind == paycor.KindNotTested) {
			level = slog.LevelWarn // no fault of this server
		}
		e.logger.Log(r.Context(), level, "request failed", "request_id", p.RequestID, "code", string(p.Code), "cause", cause)
	case known != nil && known.Err != nil:
		e.logger.WarnContext(r.Context(), "request refused", "request_id", p.RequestID, "code", string(p.Code), "cause", known.Err)
	}
	return p
}

// retryAfter returns the value of Retry-After, in seconds.
func retryAfter(err error) string {
	const fallback = "5"
	var known *paycor.Error
	if errors.As(err, &known) && known.RetryAfter > 0 {
		return strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds())))
	}
	return fallback
}
