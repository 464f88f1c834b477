package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// ErrOffline means that the server could not be reached.
var ErrOffline = errors.New("no response")

// kindInternal is the code of failures of the server, whose cause is in its log only.
const kindInternal paycor.Kind = "internal"

const statusUnauthorized = 401 // not from net/http, which would double the program

// problemDetails is a response of type application/problem+json (RFC 9457).
type problemDetails struct {
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	Code      paycor.Kind       `json:"code"`
	Errors    []fields.Problem  `json:"errors"`
	Verdict   *verdicts.Verdict `json:"verdict"`
	RequestID string            `json:"request_id"`

	SavedVerdict *verdicts.Verdict `json:"saved_verdict"`
}

// err returns the error the problem describes.
func (p problemDetails) err() error {
	e := &paycor.Error{Kind: p.Code, Message: message.Text(p.Detail), Problems: p.Errors, Verdict: p.Verdict, SavedVerdict: p.SavedVerdict}
	if e.Message.IsZero() {
		e.Message = message.Text(p.Title)
	}
	switch {
	case p.Status == statusUnauthorized:
		e.Kind, e.Message = paycor.KindUnauthorized, message.New("fail.session")
	case e.Message.IsZero() || p.Status >= 500 && (e.Kind == "" || e.Kind == kindInternal):
		e.Message = message.New("fail.server")
	}
	if p.Status >= 500 && e.Kind != paycor.KindNotTested && e.Kind != paycor.KindFull && p.RequestID != "" {
		e.Message = message.New("list.sentences", e.Message, message.New("fail.request", p.RequestID))
	}
	return e
}

// responseError returns the error that a response without success describes.
func responseError(response Response) error {
	p := problemDetails{}
	if strings.Contains(response.Type, "json") {
		_ = json.NewDecoder(io.LimitReader(response.Body, maxResponse)).Decode(&p) // an unreadable problem stays empty
	}
	p.Status = response.Status
	return p.err()
}

// decodeError tells a response that was cut off from one with unexpected content.
func decodeError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrOffline) {
		return ErrOffline
	}
	return &paycor.Error{Message: message.New("fail.unreadable"), Err: err}
}

// ErrorMessage returns what an error means to a person, and how to fix it.
func ErrorMessage(err error) message.Message {
	var e *paycor.Error
	if errors.As(err, &e) && !e.Message.IsZero() {
		return e.Message
	}
	if errors.Is(err, context.Canceled) {
		return message.New("fail.stopped")
	}
	return message.New("fail.server")
}

// IsSignedOut reports whether an error means that the session ended.
func IsSignedOut(err error) bool { return paycor.KindOf(err) == paycor.KindUnauthorized }
