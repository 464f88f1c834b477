package client

import (
	"context"
	"encoding/json"

	"paycorcred/paycor/api"
)

// TestCalls implements api.TestCalls.
type TestCalls struct{ transport }

var _ api.TestCalls = TestCalls{}

// NewTestCalls returns calls that are sent by fetch.
func NewTestCalls(fetch Fetch) TestCalls { return TestCalls{transport{fetch}} }

// TestCall implements api.TestCalls.
func (c TestCalls) TestCall(ctx context.Context, credential, target string) (response api.TestResponse, err error) {
	body, err := json.Marshal(map[string]string{"target": target})
	if err != nil {
		return response, err
	}
	err = c.call(ctx, Request{Method: "POST", Path: credentialPath(credential) + "/test-call", Body: body, Wait: waitVerify}, &response)
	return response, err
}
