// Package redact removes secrets from external text, such as an error from
// Paycor, before it is shown, stored or logged. It finds them in the encodings
// in which a server may echo them: URL, JSON, HTML, base64 and hex.
package redact
