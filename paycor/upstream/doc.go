// Package upstream asks Paycor's API and reads what its answers mean.
//
// Two parties answer, one behind the other: the gateway (Azure API
// Management), which looks at the subscription key, and Paycor, which looks at
// the access token. Something in between (a proxy, a guest network) may answer
// in their place. The package tells them apart by the structure of an answer
// (status, headers, the shape of the body) before it looks at any wording,
// because wordings drift; what is left becomes a Failure with one of
// paycor's Codes.
//
//   - Client sends single requests, bounded in time and size, and never
//     follows a redirect. Package oauth sends its token requests through it,
//     since the same gateway stands in front of the token endpoint.
//   - Verify climbs the verification ladder and returns a verdicts.Verdict.
//
// Of this project it imports package paycor alone. No secret is in any error,
// log line or verdict that comes out of it.
package upstream
