// Package signin opens, checks and ends the sessions of people: with the code
// of a one-time link that a command printed, or after an identity provider
// authenticated them. The browser holds a random handle; the store holds its
// hash.
//
// A session ends after a time without use, after a fixed lifetime, when its
// person or an administrator ends it, or when the provider reports a sign-out.
package signin
