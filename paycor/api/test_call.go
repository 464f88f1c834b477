package api

import (
	"context"

	"paycorcred/paycor/usage"
)

// TestCalls makes calls to Paycor that a person tries on a credential's page.
type TestCalls interface {
	// TestCall reads from Paycor through a credential. target is Paycor's path and query.
	// The error says why there is no response of Paycor's.
	TestCall(ctx context.Context, credential, target string) (TestResponse, error)
}

// TestResponse is Paycor's response to a call that a person tries.
type TestResponse struct {
	Status        int        `json:"status"`                   // of HTTP
	Note          usage.Note `json:"note,omitempty"`           // what its headers say beyond the status
	CorrelationID string     `json:"correlation_id,omitempty"` // what Paycor's support asks for after a failure
	Took          int64      `json:"took_ms"`
	Bytes         int64      `json:"bytes"`            // of the whole content
	Content       string     `json:"content"`          // the first MaxTestContent bytes without secrets, JSON indented; empty if it is no text
	Broken        bool       `json:"broken,omitempty"` // it broke off
}

// MaxTestContent is how much of the content of a TestResponse is kept, in bytes.
const MaxTestContent = 64 << 10
