package web

import (
	"errors"
	"net/http"
	"slices"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/verdicts"
)

// Kinds of error that only this package knows.
const (
	kindMethod   paycor.Kind = "method_not_allowed"
	kindHost     paycor.Kind = "unknown_host"
	kindNotTLS   paycor.Kind = "not_https"
	kindOrigin   paycor.Kind = "foreign_origin"
	kindInternal paycor.Kind = "internal"
	kindLink     paycor.Kind = "used_link"       // in the audit trail only: people see a page
	kindSignIn   paycor.Kind = "sign_in_refused" // likewise
	kindStart    paycor.Kind = "used_activation" // likewise
)

// statuses maps every kind of error to its HTTP status.
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
	quota.KindTooOften:      http.StatusTooManyRequests,
	paycor.KindActivation:   http.StatusUnprocessableEntity,
	paycor.KindNotAccepted:  http.StatusUnprocessableEntity,
	paycor.KindNotTested:    http.StatusServiceUnavailable,
	paycor.KindUnavailable:  http.StatusServiceUnavailable,
	paycor.KindFull:         http.StatusInsufficientStorage,
	paycor.KindUpstream:     http.StatusBadGateway,
	paycor.KindLate:         http.StatusGatewayTimeout,
	kindMethod:              http.StatusMethodNotAllowed,
	kindHost:                http.StatusMisdirectedRequest,
	kindNotTLS:              http.StatusMisdirectedRequest,
	kindOrigin:              http.StatusForbidden,

	activation.KindPeopleOnly: http.StatusForbidden,

	// Reasons to reject the token of an embedding site.
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
	embed.KindTokenUnknown:    http.StatusUnauthorized,
	embed.KindTokenOrigin:     http.StatusForbidden,
	embed.KindTokenWorkspace:  http.StatusForbidden,
	embed.KindTokenTenant:     http.StatusForbidden,
	embed.KindTokenRights:     http.StatusForbidden,
	embed.KindKeysUnreachable: http.StatusServiceUnavailable,
}

// problem is the body of an error response (RFC 9457). Type is the address of the
// code's explanation in the manual; clients tell problems apart by Code.
type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	Code      paycor.Kind       `json:"code"`
	Errors    []fields.Problem  `json:"errors,omitempty"`
	Verdict   *verdicts.Verdict `json:"verdict,omitempty"` // of Paycor, if it is the reason
	RequestID string            `json:"request_id"`

	// SavedVerdict is about the saved values, if new ones did not replace them.
	SavedVerdict *verdicts.Verdict `json:"saved_verdict,omitempty"`
}

// problemOf returns what a caller may know about an error: the message of a
// *paycor.Error, and of any other error only that something failed.
func problemOf(c *locale.Catalogue, err error, requestID string) problem {
	p := problem{
		Status: http.StatusInternalServerError, Code: kindInternal, RequestID: requestID,
		Detail: c.Text("error.internal"),
	}
	var known *paycor.Error
	if errors.As(err, &known) {
		if status, ok := statuses[known.Kind]; ok {
			p.Status, p.Code, p.Detail, p.Errors = status, known.Kind, known.Message.In(c), known.Problems
			if known.Code != "" {
				p.Code = paycor.Kind(known.Code)
			}
			p.Verdict, p.SavedVerdict = presentedVerdict(known.Verdict), presentedVerdict(known.SavedVerdict)
		}
	}
	p.Title, p.Type = http.StatusText(p.Status), problemType(p.Code)
	return localized(p, c).(problem)
}

// problemType returns the address of a code's explanation in the manual.
func problemType(code paycor.Kind) string {
	page := "problems"
	if slices.Contains(verdicts.Codes(), verdicts.Code(code)) {
		page = "verification"
	}
	return docsRoot + "/" + page + "#" + string(code)
}
