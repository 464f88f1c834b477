// Package tokens gets access tokens from Paycor's token endpoint, keeps them
// fresh, and makes sure that a refresh token is never used twice.
//
// # The endpoint
//
// The token endpoint is behind the same gateway as the API, so [Client] sends
// through package upstream, which also reads the gateway's errors. No error
// body of the endpoint itself is documented. An error response is therefore
// classified by structure first (an RFC 6749 error code in any spelling), then
// by status, then by what its text is about. If none of these helps, the
// request does: it contains nothing that can be wrong except the Client ID, the
// Client Secret and the scope.
//
// # Rotating refresh tokens
//
// With the client_credentials grant, a token can be requested at any time. With
// the authorization_code grant, a person activates the application once, and
// the server renews its token with a refresh token. Paycor accepts a refresh
// token once and returns its successor. If that response is lost, the
// activation is lost, and a person has to repeat it. So Client sends a
// single-use value in a way that neither the transport nor a retry can repeat,
// and [RefreshTokenStatusOf] says what a failure means for the value that was
// sent.
//
// # Leases
//
// [Source] makes one exchange for all concurrent callers. Within a process they
// join the exchange in flight. Across processes, a lease in the [Store] decides
// who may exchange: it is durable before the request is sent, it lasts longer
// than the request can take, and a process that lost its lease cannot commit.
// The result is committed before any caller sees it. Package credentials
// implements the Store over the database.
package tokens
