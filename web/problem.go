package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
	"strconv"
)

// Kinds of error that only a door knows.
const (
	kindMethod   paycor.Kind = "method_not_allowed"
	kindHost     paycor.Kind = "unknown_host"
	kindOrigin   paycor.Kind = "foreign_origin"
	kindInternal paycor.Kind = "internal"
	kindLink     paycor.Kind = "used_link" // in the audit trail only: people get a page
)

// statuses is the one table from kind to status.
var statuses = map[paycor.Kind]int{
	paycor.KindInvalid:      http.StatusUnprocessableEntity,
	paycor.KindMalformed:    http.StatusBadRequest,
	paycor.KindUnauthorized: http.StatusUnauthorized,
	paycor.KindForbidden:    http.StatusForbidden,
	paycor.KindNotFound:     http.StatusNotFound,
	paycor.KindConflict:     http.StatusConflict,
	paycor.KindStale:        http.StatusPreconditionFailed,
	paycor.KindTooLarge:     http.StatusRequestEntityTooLarge,
	paycor.KindMediaType:    http.StatusUnsupportedMediaType,
	paycor.KindKeyReused:    http.StatusUnprocessableEntity,
	paycor.KindBusy:         http.StatusTooManyRequests,
	paycor.KindActivation:   http.StatusUnprocessableEntity,
	paycor.KindUnavailable:  http.StatusServiceUnavailable,
	paycor.KindUpstream:     http.StatusBadGateway,
	paycor.KindLate:         http.StatusGatewayTimeout,
	kindMethod:              http.StatusMethodNotAllowed,
	kindHost:                http.StatusMisdirectedRequest,
	kindOrigin:              http.StatusForbidden,

	// Why a host's token is not taken.
	embed.KindHostUnknown:     http.StatusNotFound,
	embed.KindFrameOrigin:     http.StatusForbidden,
	embed.KindTokenMalformed:  http.StatusUnauthorized,
	embed.KindTokenAlgorithm:  http.StatusUnauthorized,
	embed.KindTokenKey:        http.StatusUnauthorized,
	embed.KindTokenSignature:  http.StatusUnauthorized,
	embed.KindTokenIssuer:     http.StatusUnauthorized,
	embed.KindTokenAudience:   http.StatusUnauthorized,
	embed.KindTokenExpired:    http.StatusUnauthorized,
	embed.KindTokenEarly:      http.StatusUnauthorized,
	embed.KindTokenLifetime:   http.StatusUnauthorized,
	embed.KindTokenSubject:    http.StatusUnauthorized,
	embed.KindTokenID:         http.StatusUnauthorized,
	embed.KindTokenReplayed:   http.StatusUnauthorized,
	embed.KindTokenOrigin:     http.StatusForbidden,
	embed.KindTokenWorkspace:  http.StatusForbidden,
	embed.KindTokenRights:     http.StatusForbidden,
	embed.KindKeysUnreachable: http.StatusServiceUnavailable,
}

// problem is an error as it leaves the door (RFC 9457). Its type is always
// about:blank: Code tells the kinds apart.
type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	Code      paycor.Kind       `json:"code"`
	Errors    []fields.Problem  `json:"errors,omitempty"`
	Verdict   *verdicts.Verdict `json:"verdict,omitempty"` // what Paycor's answer came to, where it is the reason
	RequestID string            `json:"request_id"`
}

// problemOf turns an error into what a caller may know of it: an *paycor.Error
// says its message, any other only that something failed.
func problemOf(err error, requestID string) problem {
	p := problem{
		Type: "about:blank", Status: http.StatusInternalServerError, Code: kindInternal, RequestID: requestID,
		Detail: "Something failed in this server. Try again; if it stays, tell its operator the request id.",
	}
	var known *paycor.Error
	if errors.As(err, &known) {
		if status, ok := statuses[known.Kind]; ok {
			p.Status, p.Code, p.Detail, p.Errors = status, known.Kind, known.Message, known.Problems
			if known.Code != "" {
				p.Code = paycor.Kind(known.Code)
			}
			if known.Verdict != nil {
				shown := shownVerdict(*known.Verdict)
				p.Verdict = &shown
			}
		}
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// fail is the one way out for errors. A refusal of the door's own is written
// into the audit trail first; where that cannot be done, the answer is that
// nothing can be done. It returns the status.
//
// Every error of ours carries Paycorcred-Error, which no answer of Paycor's
// can have: whoever calls Paycor through here can tell the two apart.
func (d *door) fail(w http.ResponseWriter, r *http.Request, err error) int {
	var own *refusal
	if errors.As(err, &own) {
		if auditErr := d.Access.Refuse(r.Context(), visitOf(r).who(), cmp.Or(own.detail, string(own.known.Kind))); auditErr != nil {
			err = auditFailed(auditErr)
		}
	}
	p := d.told(r, err)
	visitOf(r).code = string(p.Code)
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter(err))
	}
	w.Header().Set("Paycorcred-Error", string(p.Code))
	body, _ := json.Marshal(p) // strings and numbers only: it cannot fail
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
	return p.Status
}

// retryAfter returns the seconds after which it is worth trying again.
func retryAfter(err error) string {
	var known *paycor.Error
	if errors.As(err, &known) && known.RetryAfter > 0 {
		return strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds())))
	}
	return "5"
}

// auditFailed answers where the audit trail cannot be written.
func auditFailed(cause error) error {
	return &paycor.Error{Kind: paycor.KindUnavailable, Message: "The audit trail cannot be written, so nothing is done. Try again later.", Err: cause}
}

// told returns the problem for a caller and logs the cause for the operator.
func (d *door) told(r *http.Request, err error) problem {
	var known *paycor.Error
	if !errors.As(err, &known) && errors.Is(context.Cause(r.Context()), paycor.ErrStopped) {
		err = &paycor.Error{Kind: paycor.KindUnavailable, Err: err,
			Message: "This server was stopped before this came to its end. Once it is back, look whether it was done, and try again where it was not."}
	}
	p := problemOf(err, visitOf(r).id)
	switch {
	case errors.As(err, &known) && (known.Code == usage.CodeCallUnwell || known.Code == usage.CodeCallGone):
		// The breaker's change has a line, and would have a thousand more; whoever left is told of in the request's.
	case p.Status >= http.StatusInternalServerError:
		level, cause := slog.LevelError, err.Error()
		if known != nil && known.Err != nil {
			cause = known.Err.Error() // the message is advice, and the caller has it
		}
		if known != nil && (known.Kind == paycor.KindUpstream || known.Kind == paycor.KindLate) {
			level = slog.LevelWarn // this server is well
		}
		d.Logger.Log(r.Context(), level, "request failed", "request_id", p.RequestID, "code", string(p.Code), "cause", cause)
	case known != nil && known.Err != nil:
		d.Logger.WarnContext(r.Context(), "request refused", "request_id", p.RequestID, "code", string(p.Code), "cause", known.Err.Error())
	}
	return p
}
