package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/verdicts"
	"strconv"
	"time"
)

// How long the page waits for an answer. A verification can wait for several
// slow answers of Paycor's, 30 s each.
const (
	waitShort  = 30 * time.Second
	waitVerify = 3 * time.Minute
	mostAnswer = 8 << 20 // bytes of one answer
)

// ErrOffline means that no answer came at all.
var ErrOffline = errors.New("no answer")

// Client is the page's api.Service: it asks the server the page came from.
type Client struct{ fetch Fetch }

// NewClient returns a client that sends its requests by fetch.
func NewClient(fetch Fetch) *Client { return &Client{fetch} }

var _ api.Service = (*Client)(nil)

const (
	apiPath     = "/api/v1"
	credentials = apiPath + "/credentials"
	contentJSON = "application/json"
	contentLine = "application/x-ndjson"
)

func one(id string) string { return credentials + "/" + url.PathEscape(id) }

// Environments implements api.Service.
func (c *Client) Environments(ctx context.Context) ([]paycor.Environment, error) {
	var answer struct{ Environments []paycor.Environment }
	err := c.ask(ctx, Request{Method: "GET", Path: apiPath + "/environments"}, &answer)
	return answer.Environments, err
}

// Credentials implements api.Service.
func (c *Client) Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	values := url.Values{}
	if query.Search != "" {
		values.Set("q", query.Search)
	}
	if query.Cursor != "" {
		values.Set("cursor", query.Cursor)
	}
	if query.Limit != 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	path := credentials
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	var page paycor.CredentialPage
	err := c.ask(ctx, Request{Method: "GET", Path: path}, &page)
	return page, err
}

// Credential implements api.Service.
func (c *Client) Credential(ctx context.Context, id string) (paycor.Credential, error) {
	var credential paycor.Credential
	err := c.ask(ctx, Request{Method: "GET", Path: one(id)}, &credential)
	return credential, err
}

// Create implements api.Service. Steps are not reported: the page verifies
// the draft first and shows the steps of that.
func (c *Client) Create(ctx context.Context, draft paycor.Draft, options paycor.CreateOptions) (paycor.Saved, error) {
	header := map[string]string{}
	if options.IdempotencyKey != "" {
		header["Idempotency-Key"] = options.IdempotencyKey
	}
	var saved paycor.Saved
	err := c.ask(ctx, Request{
		Method: "POST", Path: credentials + skip(options.SkipVerify), Header: header,
		Body: encode(draftBody(draft, "", options.AcceptWarnings)), Wait: waitVerify,
	}, &saved)
	return saved, err
}

// Update implements api.Service.
func (c *Client) Update(ctx context.Context, id string, patch paycor.Patch, options paycor.UpdateOptions) (paycor.Saved, error) {
	header := map[string]string{}
	if options.IfMatch != "" {
		header["If-Match"] = options.IfMatch
	}
	var saved paycor.Saved
	err := c.ask(ctx, Request{
		Method: "PATCH", Path: one(id) + skip(options.SkipVerify), Header: header,
		Body: encode(patchBody(patch, options.AcceptWarnings)), Wait: waitVerify,
	}, &saved)
	return saved, err
}

func skip(verification bool) string {
	if verification {
		return "?verify=false"
	}
	return ""
}

// Delete implements api.Service.
func (c *Client) Delete(ctx context.Context, id, ifMatch string) error {
	header := map[string]string{}
	if ifMatch != "" {
		header["If-Match"] = ifMatch
	}
	return c.ask(ctx, Request{Method: "DELETE", Path: one(id), Header: header}, nil)
}

// Verify implements api.Service.
func (c *Client) Verify(ctx context.Context, id string, progress paycor.Progress) (verdicts.Verdict, error) {
	return c.verify(ctx, Request{Method: "POST", Path: one(id) + "/verify"}, progress)
}

// VerifyDraft implements api.Service.
func (c *Client) VerifyDraft(ctx context.Context, request paycor.VerifyRequest, progress paycor.Progress) (verdicts.Verdict, error) {
	draft := draftBody(request.Draft, request.ID, request.AcceptWarnings)
	draft.SkipDataAccess = request.SkipDataAccess
	body := encode(draft)
	return c.verify(ctx, Request{Method: "POST", Path: apiPath + "/verify", Body: body}, progress)
}

// verify reads the lines of a verification: its steps, then what came of it.
func (c *Client) verify(ctx context.Context, request Request, progress paycor.Progress) (verdicts.Verdict, error) {
	last, err := c.follow(ctx, request, progress)
	if err != nil || last.Verdict == nil {
		return verdicts.Verdict{}, err
	}
	return *last.Verdict, nil
}

// streamLine is one line of an answer that comes step by step.
type streamLine struct {
	Step    *verdicts.Step
	Verdict *verdicts.Verdict
	Rotated *paycor.Rotated
	Problem *problemDetails
}

// follow reads lines: steps, then what came of it, which is returned.
func (c *Client) follow(ctx context.Context, request Request, progress paycor.Progress) (streamLine, error) {
	request.Header = map[string]string{"Accept": contentLine + ", " + contentJSON}
	request.Wait = waitVerify
	var last streamLine
	err := c.send(ctx, request, func(answer Answer) error {
		lines := json.NewDecoder(io.LimitReader(answer.Body, mostAnswer))
		for {
			last = streamLine{}
			if err := lines.Decode(&last); err != nil {
				return unreadable(err)
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

// History implements api.Service.
func (c *Client) History(ctx context.Context, id string) ([]audit.Entry, error) {
	var answer struct{ Entries []audit.Entry }
	err := c.ask(ctx, Request{Method: "GET", Path: one(id) + "/history"}, &answer)
	return answer.Entries, err
}

// ask sends a request and reads its answer into one, where that is not nil.
func (c *Client) ask(ctx context.Context, request Request, into any) error {
	return c.send(ctx, request, func(answer Answer) error {
		if into == nil {
			return nil
		}
		if err := json.NewDecoder(io.LimitReader(answer.Body, mostAnswer)).Decode(into); err != nil {
			return unreadable(err)
		}
		return nil
	})
}

// send sends a request, wipes its body, and hands a good answer to read.
func (c *Client) send(ctx context.Context, request Request, read func(Answer) error) error {
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
	answer, err := c.fetch(timed, request)
	if err == nil && answer.Status >= 200 && answer.Status < 300 {
		err = read(answer)
	} else if err == nil {
		err = failed(answer)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // taken back by the person
	case timed.Err() != nil:
		return paycor.Errorf(paycor.KindUnavailable, "%s", say("fail.timeout", int(request.Wait/time.Second)))
	case errors.Is(err, ErrOffline):
		return &paycor.Error{Kind: paycor.KindUnavailable, Message: say("fail.offline"), Err: ErrOffline}
	}
	return err
}
