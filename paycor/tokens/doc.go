// Package tokens gets access tokens from Paycor's token endpoint.
//
// The endpoint stands behind the same gateway as the API, so requests go out
// through package apim, which also reads what the gateway says. What is left
// is the endpoint's own word. No error body of it is on record, so a refusal
// is read in every form it may have, by structure first: an error code of RFC
// 6749 in any spelling, then the status, then what the text is about. Where
// nothing tells, the request itself does: it holds nothing that can be wrong
// but the Client ID, the Client Secret and the scope.
//
// Paycor takes a refresh token once and answers with the next. So Client sends
// what can be taken only once in a way that nothing repeats, and FateOf says
// of a failure what has become of it; and Tokens makes one exchange for all
// who ask, in this process and, by a lease in the Vault, in all others. What an
// exchange brings is in the Vault before anybody has it. The Vault is whoever
// keeps the credentials: package manager, over the store.
//
// Of this project it imports packages paycor and apim. The secrets of a
// request are in its body and its headers, and in the query only in the one
// case that Exchange describes.
package tokens
