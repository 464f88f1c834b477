package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// transport sends requests and decodes the responses.
type transport struct{ fetch Fetch }

// Timeouts. A verification can wait for several slow responses of Paycor, 30 s
// each.
const (
	waitShort   = 30 * time.Second
	waitVerify  = 3 * time.Minute
	maxResponse = 8 << 20 // bytes

	contentJSON   = "application/json"
	contentNDJSON = "application/x-ndjson"
)

// call sends a request and decodes the response into into, unless that is nil.
func (t *transport) call(ctx context.Context, request Request, into any) error {
	return t.send(ctx, request, func(response Response) error {
		if into == nil {
			return nil
		}
		if err := json.NewDecoder(io.LimitReader(response.Body, maxResponse)).Decode(into); err != nil {
			return decodeError(err)
		}
		return nil
	})
}

// send sends a request, wipes its body, and passes a successful response to read.
func (t *transport) send(ctx context.Context, request Request, read func(Response) error) error {
	defer clear(request.Body)
	if request.Wait == 0 {
		request.Wait = waitShort
	}
	if request.Header == nil {
		request.Header = map[string]string{}
	}
	if request.Header["Accept"] == "" {
		request.Header["Accept"] = contentJSON
	}
	if request.Body != nil {
		request.Header["Content-Type"] = contentJSON
	}
	timed, cancel := context.WithTimeout(ctx, request.Wait)
	defer cancel()
	response, err := t.fetch(timed, request)
	if err == nil && response.Status >= 200 && response.Status < 300 {
		err = read(response)
	} else if err == nil {
		err = responseError(response)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the person canceled it
	case timed.Err() != nil:
		return paycor.Errorf(paycor.KindUnavailable, "fail.timeout", int(request.Wait/time.Second))
	case errors.Is(err, ErrOffline):
		return &paycor.Error{Kind: paycor.KindUnavailable, Message: message.New("fail.offline"), Err: ErrOffline}
	}
	return err
}

// streamLine is one line of a response that is streamed step by step.
type streamLine struct {
	Step    *verdicts.Step
	Verdict *verdicts.Verdict
	Rotated *paycor.Rotated
	Problem *problemDetails
}

// follow reports the steps of a streamed response and returns its last line, the
// result.
func (t *transport) follow(ctx context.Context, request Request, progress paycor.Progress) (streamLine, error) {
	request.Header = map[string]string{"Accept": contentNDJSON + ", " + contentJSON}
	request.Wait = waitVerify
	var last streamLine
	err := t.send(ctx, request, func(response Response) error {
		lines := json.NewDecoder(io.LimitReader(response.Body, maxResponse))
		for {
			last = streamLine{}
			if err := lines.Decode(&last); err != nil {
				return decodeError(err)
			}
			switch {
			case last.Problem != nil:
				return last.Problem.err()
			case last.Verdict != nil || last.Rotated != nil:
				return nil
			case last.Step != nil && progress != nil:
				progress(*last.Step)
			}
		}
	})
	return last, err
}
