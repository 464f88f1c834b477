package app

import (
	"context"

	"paycorcred/paycor"
)

// TryCounterpart implements api.Service.
func (c *Client) TryCounterpart(ctx context.Context, request paycor.VerifyRequest) (paycor.CounterpartAnswer, error) {
	var answer paycor.CounterpartAnswer
	err := c.ask(ctx, Request{
		Method: "POST", Path: apiPath + "/verify/counterpart", Wait: waitVerify,
		Body: encode(draftBody(request.Draft, request.ID, request.AcceptWarnings)),
	}, &answer)
	return answer, err
}
