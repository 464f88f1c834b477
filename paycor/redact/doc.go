// Package redact removes secrets from foreign text, such as an error of Paycor's,
// before it is shown, stored or logged. It finds them in the encodings in which a
// server may echo them: URL, JSON, HTML, base64 and hex.
package redact
