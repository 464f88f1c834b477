// Package upstream is the client of Paycor's API.
//
// An answer can come from three places: the gateway (Azure API Management), which
// checks the subscription key; Paycor behind it, which checks the access token; or
// a proxy or guest network on the way. The package tells them apart by the
// structure of an answer (status, headers, shape of the body) before it looks at
// any wording, because wordings drift. Everything that is not a success becomes a
// Failure with a verdicts.Code.
//
//   - Client sends single requests, bounded in time and size, and never follows a
//     redirect. Package tokens sends its requests through it, because the same
//     gateway is in front of the token endpoint.
//   - Client.Verify runs the verification steps and returns a verdicts.Verdict.
//   - Client.DataAccess probes which lists a credential can read.
//
// No secret is in any error, log line or verdict that leaves the package.
package upstream
