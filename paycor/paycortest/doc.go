// Package paycortest is a Paycor that runs on this machine: token endpoint,
// gateway, API and activation pages, and a switchboard of faults. No test of
// this project ever reaches the real Paycor, so this package is as awkward as
// the real thing is known to be, and it is where a newcomer can meet that
// awkwardness:
//
//   - Two parties answer, in two ways. The gateway in front looks at the
//     subscription key and answers {"statusCode","message"}. Paycor behind it
//     looks at the access token and answers an empty 401, or
//     {"correlationId","title","detail","source"}, whose names come in
//     camelCase from one application and in PascalCase from the next.
//   - The key is looked at before the token: a bad key hides a bad token. It is
//     read from the header, and from the query only when there is no header.
//     A key that was mistyped, switched off or belongs to another environment
//     gets one and the same answer.
//   - A 403 need not be about rights: "Out of call volume quota" is one too. A
//     400 need not be about the request: "Either Legal Entity ID … is invalid
//     or has no …" is said when there is simply no data.
//   - The token endpoint takes a form and nothing else. Its error bodies are
//     known to nobody, so each application can answer in another Style.
//   - expires_in may be missing, a string or absurd; the token's nbf lies an
//     hour back; its claims name a person, who must never reach a log.
//   - A refresh token is good for one use and the answer carries the next one.
//     When that answer is lost (LostAnswer), nothing but a new activation helps.
//   - client_credentials may be switched off for an application. Then somebody
//     must activate it in a browser: authorization code, PKCE S256, approved
//     redirect addresses, and the form that shows a code verifier.
//   - Data access belongs to a scope. Changing it makes a new scope and the
//     application must be activated again.
//   - Lists come in pages, by continuationToken or additionalResultsUrl, and
//     some come as a bare array.
//   - A thousand calls a minute per subscription key, token requests included.
//
// The package is used as a library by tests (Start), inside the server as one
// more environment, and as a program of its own (Listen). Under /simulator/ it
// shows a person its applications and lets them switch faults on and off; that
// part answers only to this machine.
//
// It imports the standard library only, so that nothing it checks can lean on
// the code it checks. Every value in it is invented.
package paycortest
