// Package paycortest simulates Paycor on this machine: token endpoint, gateway, API
// and activation pages, with faults that can be switched on. No test of this project
// ever reaches the real Paycor, so the simulator is as awkward as the real service is
// known to be:
//
//   - Two layers answer in two formats. The gateway checks the subscription key and
//     answers {"statusCode","message"}. Paycor behind it checks the access token
//     and answers an empty 401, or {"correlationId","title","detail","source"} with
//     names in camelCase for one application and PascalCase for the next.
//   - The key is checked before the token, so a bad key hides a bad token. It is
//     read from the header, and from the query only if there is no header. A
//     mistyped key, an inactive key and a key of another environment get the same
//     answer.
//   - A 403 is not always about rights: "Out of call volume quota" is one too. A
//     400 is not always about the request: "Either Legal Entity ID … is invalid or
//     has no …" can mean that there is no data.
//   - The token endpoint accepts only a form. Its error bodies are unknown, so each
//     application can answer in another Style.
//   - expires_in can be missing, a string or absurd. The token's nbf is an hour in
//     the past, and its claims name a person, who must never reach a log.
//   - A refresh token can be used once, and the answer contains the next one. If
//     that answer is lost (LostAnswer), only a new activation helps.
//   - client_credentials can be disabled for an application, which then has to be
//     activated in a browser: authorization code, PKCE S256, approved redirect URIs,
//     and the form that shows a code verifier.
//   - Data access belongs to a scope. Changing it makes a new scope and the
//     application must be activated again.
//   - Lists are paged by continuationToken or additionalResultsUrl, and some are a
//     bare array.
//   - A thousand calls a minute per subscription key, token requests included.
//
// Tests use the package as a library (Start), the server runs it as an additional
// environment, and Listen serves it by itself. The pages under /simulator/ show its
// applications and switch faults on and off; they answer only to this machine.
//
// It imports only the standard library, so that it shares no code with what it
// tests. Every value in it is invented.
package paycortest
